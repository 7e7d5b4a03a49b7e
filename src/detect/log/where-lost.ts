// Where in the log it is lost: between two of the lines that tell it, at a few of the steps, with another line.

import { greatest, lastValue, valueAt } from "../../base/values.ts";
import { formatCount } from "../../base/format.ts";
import { median } from "../statistics/theil-sen.ts";
import { format, type Judged, pointsOf } from "./judged.ts";
import type { LogSeries } from "./read-series.ts";

/** @param settling readings at the start that are left out */
export function whereLost(series: LogSeries, settling: number, judged: readonly Judged[]): string[] {
  const place = betweenLines(series, judged) ?? atFewSteps(series, settling);
  return [...(place === undefined ? [] : [place]), ...companionSentence(series, place !== undefined)];
}

function companionSentence({ companion, companionLine = 0 }: LogSeries, isRare: boolean): string[] {
  if (companion === undefined) return [];
  const where = isRare ? "Where it falls" : "Between the readings";
  return [`${where} stands each time the line “${companion}” (first in line ${companionLine}): the loss goes with it`];
}

/** Fewer times are chance. */
const FEW = 3;

/** From one line that tells what is free to the next one. */
interface Passage {
  readonly from: LogSeries;
  readonly to: LogSeries;
  count: number;
  /** What is lost there, and how long it takes; NaN without times. */
  sum: number;
  time: number;
}

/** `[sync] heap before`, `[sync] heap after`, `[backup] heap before` …: from which line to which it falls, where it stays as it is between the others. */
function betweenLines(series: LogSeries, judged: readonly Judged[]): string | undefined {
  const alike = judged
    .map((one) => one.series)
    .filter(
      ({ boot, quantity, memory, unit, stretch, values, falls }) =>
        boot === series.boot &&
        quantity === series.quantity &&
        memory === series.memory &&
        unit === series.unit &&
        stretch === 1 &&
        falls === undefined &&
        values.length >= FEW,
    );
  if (alike.length < 2) return undefined;
  const all = alike
    .flatMap((one) =>
      pointsOf(one).y.map((value, i) => ({ one, value, line: valueAt(one.lines, i), time: one.times[i] ?? NaN })),
    ) // prettier-ignore
    .sort((a, b) => a.line - b.line)
    .filter(({ line }, i, sorted) => line !== sorted[i - 1]?.line);
  const kinds = new Map<string, Passage>();
  for (const [i, { one, value, time }] of all.entries()) {
    const before = all[i - 1];
    if (before === undefined) continue;
    const key = `${alike.indexOf(before.one)} ${alike.indexOf(one)}`;
    const kind = kinds.get(key) ?? { from: before.one, to: one, count: 0, sum: 0, time: 0 };
    kinds.set(key, kind);
    kind.count++;
    kind.sum += before.value - value;
    kind.time += time - before.time;
  }
  const [most, ...others] = [...kinds.values()].sort((a, b) => b.sum - a.sum);
  if (most === undefined || most.from === most.to || others.length === 0 || most.count < FEW) return undefined;
  const lost = valueAt(all, 0).value - lastValue(all).value;
  const isAll = most.sum >= 0.9 * lost && most.sum <= 1.1 * lost;
  const each = most.sum / most.count;
  if (!isAll || others.some(({ sum, count }) => Math.abs(sum) > 0.1 * each * count)) return undefined;
  if (isOneMoment(most, others)) return undefined;
  return (
    `All of it is lost between the lines “${most.from.quote}” and “${most.to.quote}” (lines ${most.from.line} and ${most.to.line}), ` +
    `about ${format(each, series.unit)} each of ${formatCount(most.count)} times; between the others nothing is`
  );
}

/** Lines that stand together tell one moment: what is lost between two of those is lost anywhere else. */
function isOneMoment(most: Passage, others: readonly Passage[]): boolean {
  const rest = others.reduce((sum, { time }) => sum + time, 0);
  // Without times only their words tell that something lies between them.
  if (Number.isNaN(most.time + rest) || most.time + rest === 0)
    return others.length < 2 && !OCCASION.test(most.from.quote) && !OCCASION.test(most.to.quote);
  return most.time >= 0.75 * (most.time + rest);
}

const OCCASION = /before|after|begin|start|end|done|enter|exit|pre|post/i;

/** As many steps show which of them fall. */
const MANY = 12;

function atFewSteps(series: LogSeries, settling: number): string | undefined {
  if (series.stretch > 1) return undefined;
  const y = pointsOf(series).y.slice(settling);
  const drops = y.slice(1).map((value, i) => valueAt(y, i) - value);
  if (drops.length < MANY) return undefined;
  const most = greatest(drops);
  const large = drops.filter((drop) => drop > most / 2).sort((a, b) => a - b);
  const sum = large.reduce((total, drop) => total + drop, 0);
  const lost = valueAt(y, 0) - lastValue(y);
  const isAll = sum >= 0.75 * lost && sum <= 1.25 * lost;
  const usual = median(large);
  // In whole KiB each loss looks like that.
  const isRounded = usual >= 100 && y.every((value) => value % usual === 0);
  const others = drops
    .filter((drop) => drop <= most / 2)
    .map(Math.abs)
    .sort((a, b) => a - b);
  const isNoise = large.length > 0.4 * drops.length || median(others) > 0.15 * usual;
  if (large.length < FEW || isNoise || !isAll || isRounded) return undefined;
  return (
    `It falls at ${formatCount(large.length)} of the ${formatCount(drops.length)} steps, by about ${format(usual, series.unit)} each: ` +
    "what happens there and not at the others takes it"
  );
}
