// A board that sleeps deeply, or restarts, and tells its memory once or twice in each run: what the first figures of many starts say together. The heap
// begins empty each time, so that what falls from start to start is no leak of the heap.

import { greatest, smallest, valueAt } from "../../base/values.ts";
import { formatNumberOf } from "../../base/format.ts";
import type { Finding } from "../finding.ts";
import type { FigureRule } from "./figure-rules.ts";
import { format, type Judged, memoryName, pointsOf, told } from "./judged.ts";
import type { LogSeries } from "./read-series.ts";
import { trendOf } from "./trend.ts";

/** Fewer starts are no series. */
const FEWEST = 4;
/** In one run: more are judged by themselves. */
const MOST_READINGS = 3;

/** The first reading of each run, in one wording, where no run tells more than a few. */
function startsOf(judged: readonly Judged[]): LogSeries | undefined {
  if (judged.some(({ series }) => series.readings > MOST_READINGS)) return undefined;
  const byLabel = new Map<string, LogSeries[]>();
  for (const { series } of judged) {
    if (series.quantity !== "free") continue;
    const key = `${series.label} ${series.memory}`;
    const known = byLabel.get(key);
    if (known === undefined) byLabel.set(key, [series]);
    else known.push(series);
  }
  const all = [...byLabel.values()].reduce<readonly LogSeries[]>(
    (most, one) => (one.length > most.length ? one : most),
    [],
  );
  const [first] = all;
  if (first === undefined || all.length < FEWEST) return undefined;
  const values = all.map((one) => valueAt(one.values, 0));
  return { ...first, readings: all.length, stretch: 1, times: [], lines: all.map(({ line }) => line), values };
}

export function overBoots(judged: readonly Judged[]): Finding<FigureRule> | undefined {
  const series = startsOf(judged);
  if (series === undefined) return undefined;
  const { values, lines, label, line, quote, unit } = series;
  const [low, high] = [smallest(values), greatest(values)];
  const trend = trendOf(pointsOf(series));
  const [first, last] = [valueAt(values, 0), valueAt(values, values.length - 1)];
  const starts = formatNumberOf(values.length, "start");
  const base = { rule: "log-readings", severity: "note", sites: [], blocks: [], log: { line, quote }, fingerprint: "log-readings|starts" } as const; // prettier-ignore
  const [from, to] = [lines[0] ?? line, lines.at(-1) ?? line];
  if (trend.verdict === "falling")
    return {
      ...base,
      confidence: 0.5,
      title: `${memoryName(series)} is less at each start: from ${told(first, unit)} to ${told(last, unit)} over ${starts}`,
      evidence: [
        `“${label}”, lines ${from} to ${to}, by about ${format((first - last) / (values.length - 1), unit)} from one start to the next`,
        "No heap outlives a restart or deep sleep, so this is no leak of the heap: what is kept elsewhere (RTC memory, NVS, files) grows and is loaded again, or each start takes more",
      ],
      next: "Print what is free before and after each thing that a start loads: what takes more each time is what grows",
    };
  const range = low === high ? `is ${told(low, unit)}` : `stays between ${told(low, unit)} and ${told(high, unit)}`;
  return {
    ...base,
    confidence: 0.6,
    title: `${memoryName(series)} ${range} at each of ${starts}: nothing adds up from one to the next`,
    evidence: [
      `“${label}”, lines ${from} to ${to}`,
      "The heap begins empty at each start, after deep sleep too: what one run loses is gone with it, and what it loses until then, one figure does not show",
    ],
    next: "Print it at the start and right before sleep or restart: the difference is what one run keeps",
  };
}
