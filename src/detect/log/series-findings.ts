// What the series of a log say: leak or not, how fast, with what, and when it is over; fragmentation; internal memory that is gone beside free
// PSRAM; and, where too little was seen, that. docs/detectors/log.md.

import { greatest, lastValue, smallest, valueAt } from "../../base/values.ts";
import { formatNumberOf, formatTime } from "../../base/format.ts";
import type { Window } from "../../heap/types.ts";
import type { Finding } from "../finding.ts";
import type { FigureRule } from "./figure-rules.ts";
import type { LogSeries } from "./read-series.ts";
import { lastTooth, sinkingPeaks } from "./sawtooth.ts";
import { trendOf } from "./trend.ts";
import {
  CAN_ONLY_FALL,
  firstOf,
  format,
  isAnnounced,
  isGuess,
  isOfLvgl,
  type Judged,
  lastOf,
  memoryName,
  pointsOf,
  spread,
  told,
} from "./judged.ts";
import { ofBoards } from "./board-findings.ts";
import { overBoots } from "./over-boots.ts";
import { leaksOf } from "./series-leaks.ts";
import { exhaustedOf, fragmentationOf, fullOf, narrowOf } from "./series-levels.ts";

/** @param isSaid the log has other things to say, beside which two readings are nothing */
export function detectLogSeries(
  all: readonly LogSeries[],
  window: Window,
  isSaid: boolean,
): readonly Finding<FigureRule>[] {
  const boards = [...new Set(all.flatMap(({ board }) => board ?? []))];
  if (boards.length < 2) return findingsOf(all, window, isSaid);
  const each = [...boards, undefined].map((board) => ({
    board,
    findings: findingsOf(all.filter((series) => series.board === board), window, isSaid),
  })); // prettier-ignore
  return ofBoards(each);
}

function findingsOf(all: readonly LogSeries[], window: Window, isSaid: boolean): readonly Finding<FigureRule>[] {
  const inside = all
    .map((series) => within(series, window))
    .filter((series) => series !== undefined)
    .filter(({ quantity }) => quantity !== "total");
  if (inside.length === 0) return [];
  const findings: Finding<FigureRule>[] = [];
  const boots = [...new Set(inside.map(({ boot }) => boot))];
  const judged = inside.map(judge);
  const totals = all.filter(({ quantity }) => quantity === "total");
  const leaks = leaksOf(judged, totals, boots.length);
  findings.push(...leaks);
  // Of several boots the longest is judged: a restart empties the heap.
  const longest = longestOf(judged);
  const here = judged.filter(({ series }) => series.boot === longest);
  findings.push(...fragmentationOf(here, leaks.length > 0));
  const exhausted = exhaustedOf(judged);
  findings.push(...exhausted);
  if (exhausted.length === 0) findings.push(...narrowOf(judged), ...(leaks.length > 0 ? [] : fullOf(all, judged)));
  if (leaks.length > 0) return findings;
  const starts = isSaid ? undefined : overBoots(judged);
  findings.push(...(starts === undefined ? unjudged(here, isSaid || findings.length > 0) : [starts]));
  return findings;
}

function judge(series: LogSeries): Judged {
  const trend = trendOf(pointsOf(series));
  const part = trend.verdict === "falling" ? undefined : (sinkingPeaks(series) ?? lastTooth(series));
  return part === undefined ? { series, trend } : { series: part, trend: trendOf(pointsOf(part)) };
}

function within(series: LogSeries, { from, to }: Window): LogSeries | undefined {
  if (series.times.length === 0 || series.times.every((time) => time >= from && time <= to)) return series;
  const rows = series.times.flatMap((time, i) => (time >= from && time <= to ? [i] : []));
  if (rows.length === 0) return undefined;
  return {
    ...series,
    readings: rows.length,
    line: valueAt(series.lines, valueAt(rows, 0)),
    lastLine: valueAt(series.lines, lastValue(rows)),
    times: rows.map((row) => valueAt(series.times, row)),
    lines: rows.map((row) => valueAt(series.lines, row)),
    values: rows.map((row) => valueAt(series.values, row)),
  };
}

/** The boot that tells most, of several the last. */
function longestOf(judged: readonly Judged[]): number | undefined {
  const readings = new Map<number, number>();
  for (const { series } of judged) readings.set(series.boot, (readings.get(series.boot) ?? 0) + series.readings);
  let longest: number | undefined;
  for (const [boot, count] of readings) if (count >= (readings.get(longest ?? boot) ?? 0)) longest = boot;
  return longest;
}

const MOST_HOLDERS = 5;

/** A table of tasks that was printed once or twice: who holds how much. */
function holders(tasks: readonly Judged[]): Finding<FigureRule>[] {
  const byBytes = [...tasks].sort((a, b) => lastOf(b) - lastOf(a));
  const most = valueAt(byBytes, 0);
  const all = tasks.reduce((sum, one) => sum + lastOf(one), 0);
  const others = byBytes.length - MOST_HOLDERS;
  return [
    {
      rule: "log-readings",
      severity: "note",
      title: `${most.series.label} holds most of the heap that is held: ${told(lastOf(most), "bytes")} of ${told(all, "bytes")} in ${formatNumberOf(tasks.length, "task")}`,
      evidence: [
        ...byBytes
          .slice(0, MOST_HOLDERS)
          .map((one) => `${one.series.label}: ${told(lastOf(one), "bytes")} (line ${one.series.lastLine})`),
        ...(others > 0 ? [`${formatNumberOf(others, "more task")}`] : []),
      ],
      next: "Print the table every few minutes: what grows is then named, with its task",
      confidence: 0.5,
      sites: [],
      blocks: [],
      log: { line: most.series.line, quote: most.series.quote },
      fingerprint: "log-readings|tasks",
    },
  ];
}

/** It was as low as at the end before, and rose again from there. */
function cameBack(values: readonly number[]): boolean {
  const last = lastValue(values);
  const fall = valueAt(values, 0) - last;
  const low = values.findIndex((value) => value <= last + 0.01 * Math.abs(fall));
  return values.slice(low).some((value) => value > last + 0.75 * fall);
}

/** Why what fell is not called a leak. */
function howItFell(series: LogSeries): string {
  if (isAnnounced(series))
    return "each line tells what was allocated right before it, so that this is no leak unless it should have been freed since";
  const { y } = pointsOf(series);
  const [first, middle, last] = [valueAt(y, 0), valueAt(y, y.length >> 1), lastValue(y)];
  const steps = y.slice(1).map((value, i) => valueAt(y, i) - value);
  const largest = greatest(steps);
  const at = steps.indexOf(largest);
  if (y.length >= 8 && largest >= 0.8 * (first - last))
    return `${told(largest, series.unit)} of it at once, between the lines ${valueAt(series.lines, at)} and ${valueAt(series.lines, at + 1)}: what began there may keep it`;
  if (y.length >= 8 && middle - last <= 0.2 * (first - middle))
    return "it falls ever more slowly, as where something fills up to its size, and is not called a leak";
  return "the steps are too few or too uneven to call it a leak";
}

const MOST_STEPS = 3;

/** Where each line has words of its own: between which of them most was taken. */
function whatTook(series: LogSeries): string[] {
  const { quotes, lines, unit } = series;
  if (quotes === undefined) return [];
  const { y } = pointsOf(series);
  const steps = y.slice(1).map((value, i) => ({ taken: valueAt(y, i) - value, at: i + 1 })).filter(({ taken }) => taken > 0).sort((a, b) => b.taken - a.taken); // prettier-ignore
  const named = steps.slice(0, MOST_STEPS).map(({ taken, at }) => `${told(taken, unit)} before line ${valueAt(lines, at)}, “${valueAt(quotes, at)}”`); // prettier-ignore
  return named.length === 0
    ? []
    : [`Each line tells it of another moment; most is taken right before these: ${named.join("; ")}`];
}

/**
 * Of as many readings those count that tell what is free of the memory that a program cannot do without, and of these those whose words say so.
 */
function rank({ series }: Judged): number {
  const isSecond = series.memory === "psram" || series.quantity === "used" || isOfLvgl(series);
  return series.readings - (isGuess(series) ? 0.25 : 0) - (isSecond ? 0.5 : 0);
}

/** What is neither a leak nor steady beyond doubt is said, with what would tell. */
function unjudged(judged: readonly Judged[], isSaid: boolean): Finding<FigureRule>[] {
  const free = judged.filter(({ series }) => series.quantity === "free" || series.quantity === "used");
  const main = free.reduce<Judged | undefined>(
    (found, one) => (found === undefined || rank(one) > rank(found) ? one : found),
    undefined,
  );
  const any = main ?? valueAt(judged, 0);
  const { series, trend } = any;
  const from = told(firstOf(any), series.unit);
  const to = told(lastOf(any), series.unit);
  const counted = formatNumberOf(series.readings, "reading");
  const base = { confidence: 0.5, sites: [], blocks: [], log: { line: series.line, quote: series.quote } } as const;
  const more =
    "Print it every minute or at each request, with the largest block: `free, largest` in one line, for as long as an hour";
  // Readings of one moment say nothing beside what happened in it.
  if (isSaid && series.times.length > 1 && spread(series.times) < 1e6) return [];
  const settling = trend.count < 3 ? 0 : trend.settling;
  const fell = pointsOf(series).y.slice(settling);
  const fall = valueAt(fell, 0) - lastValue(fell);
  if (trend.verdict === "too-few" || series.readings < 3) {
    if (isSaid) return [];
    const tasks = free.filter((one) => one.series.label.startsWith("task ") && one.series.boot === series.boot);
    if (tasks.includes(any)) return holders(tasks);
    const changed = series.readings === 1 ? `is told once: ${to}` : `is told twice: ${from}, then ${to}`;
    return [
      {
        ...base,
        rule: "log-readings",
        severity: "note",
        title: `${memoryName(series)} ${changed}; that is too little to tell a leak from anything else`,
        evidence: [],
        next: more,
        fingerprint: "log-readings|too-few",
      },
    ];
  }
  if (
    !cameBack(fell) &&
    ((trend.verdict === "unclear" && Math.abs(fall) >= 0.005 * Math.abs(valueAt(fell, 0))) ||
      (fall > 0.02 * Math.abs(valueAt(fell, 0)) && trend.verdict === "falling") ||
      (fall > 0.02 * Math.abs(valueAt(fell, 0)) &&
        trend.last <= trend.lowest * (trend.lowest > 0 ? 1.001 : 0.999) &&
        series.readings < 24))
  ) {
    return [{
      ...base, rule: "log-readings", severity: "note",
      title: `${memoryName(series)} ${series.quantity === "used" || series.quantity === "fragmentation" ? "rises" : "falls"} from ${from} to ${to} over ${counted}; whether that goes on, these readings do not show`,
      evidence: [`“${series.label}”, lines ${series.line} to ${series.lastLine}: ${howItFell(series)}`, ...(series.quantity === "minimum" ? [CAN_ONLY_FALL] : []), ...whatTook(series)],
      next: more, fingerprint: "log-readings|unclear",
    }]; // prettier-ignore
  }
  const stays = fell.map(Math.abs);
  const [low, high] = [smallest(stays), greatest(stays)];
  const say = format(low, series.unit) === format(high, series.unit) ? told : format;
  const range =
    low === high ? `at ${told(low, series.unit)}` : `between ${say(low, series.unit)} and ${say(high, series.unit)}`;
  const span = series.times.length > 1 ? ` in ${formatTime(spread(series.times.slice(settling)))}` : "";
  const kept = settling > 0 && series.stretch === 1 ? formatNumberOf(fell.length, "reading") : counted;
  return [{
    ...base, rule: "log-readings", severity: "note",
    title: `no leak is in sight: ${memoryName(series)} stays ${range} over ${kept}${span}`,
    evidence: settling > 0 ? [`Before that it settled there from ${from}`] : [],
    next: "A slower leak would take longer to show: compare with a reading after a day", fingerprint: "log-readings|steady",
  }]; // prettier-ignore
}
