// A series that falls for good is a leak: how fast, with what, and when it is over.

import { HOUR } from "../../base/duration.ts";
import { lastValue, valueAt } from "../../base/values.ts";
import { formatCount, formatNumberOf, formatTime } from "../../base/format.ts";
import { SUMMED } from "../../wire/series-labels.ts";
import type { Finding } from "../finding.ts";
import {
  CAN_ONLY_FALL,
  format,
  isAnnounced,
  isGuess,
  isOfLvgl,
  isRelated,
  isSummed,
  isTimed,
  type Judged,
  lastOf,
  lineAt,
  memoryName,
  pointsOf,
  timeSpan,
  told,
} from "./judged.ts";
import { isCollected, looksCollected, mayBeCollected } from "./interpreters.ts";
import type { LogSeries } from "./read-series.ts";
import { median } from "../statistics/theil-sen.ts";
import { COMES_BACK } from "./sawtooth.ts";
import { type FallingTrend, isFalling, type SeriesTrend } from "./trend.ts";
import { type Exhaustion, exhaustionOf, leftOf, usualStep } from "./leak-forecast.ts";
import { whereLost } from "./where-lost.ts";

type Loss = Judged & { readonly trend: FallingTrend };

/** Free memory that falls for good; what is used and grows where nothing tells what is free. */
export function leaksOf(judged: readonly Judged[], totals: readonly LogSeries[], boots: number): Finding<"leak">[] {
  const losses = judged.filter((one): one is Loss => isFalling(one.trend));
  const falling = losses.filter(({ series }) => series.quantity === "free" || series.quantity === "used");
  const hasFree = (used: LogSeries): boolean =>
    judged.some(({ series }) => series.quantity === "free" && tellsState(series) && isRelated(series, used));
  const candidates = falling.filter(
    ({ series }) =>
      !(series.quantity === "used" && hasFree(series)) &&
      !isAnnounced(series) &&
      !falling.some((other) => isShareOf(series, other.series)),
  );
  // The least ever free can only fall; where it is all that is printed and falls at each reading, something is lost.
  const hasLevel = judged.some(({ series }) => ["free", "used"].includes(series.quantity) && series.readings >= 3);
  if (!hasLevel)
    candidates.push(...losses.filter(({ series }) => series.quantity === "minimum" && isUnceasing(series)));
  // The same loss is seen in internal memory and in all memory, under several labels, in several boots: it is told once, best told first.
  const groups: [Loss, ...Loss[]][] = [];
  for (const one of [...candidates].sort((a, b) => b.trend.count - a.trend.count || a.series.line - b.series.line)) {
    const group = groups.find(([best]) => isSameLoss(best, one));
    if (group === undefined) groups.push([one]);
    else group.push(one);
  }
  // Of several places that tell the same, the one where least is left is where it fails first; of an interpreter's heap, what a collection left.
  const left = (one: Judged): number => (one.series.quantity === "used" ? -lastOf(one) : lastOf(one));
  const isUsed = (one: Judged): boolean => one.series.quantity === "used";
  const ordered = groups.map((group): [Loss, ...Loss[]] => {
    const [main] = group;
    const alike = group.filter(
      (one) =>
        one.series.boot === main.series.boot && isUsed(one) === isUsed(main) && one.trend.count === main.trend.count,
    );
    const collected = group.find(({ series }) => isCollected(series) && series.boot === main.series.boot);
    const lowest = collected ?? alike.reduce((best, one) => (left(one) < left(best) ? one : best), main);
    return [lowest, ...group.filter((one) => one !== lowest)];
  });
  return ordered.map((group) => leakFinding(group, judged, totals, boots));
}

/** What never changes, and whose words do not say that it is free, may be a part of anything. */
function tellsState(series: LogSeries): boolean {
  const { readings, values } = series;
  const isStill = readings >= 8 && values.every((value) => value === values[0]);
  return readings >= 3 && !(isStill && isGuess(series));
}

/** "DRAM 61.2% used (199512/326000)": a share beside the bytes. */
function isShareOf(share: LogSeries, bytes: LogSeries): boolean {
  return (
    share.unit === "percent" &&
    bytes.unit === "bytes" &&
    share.boot === bytes.boot &&
    share.quote === bytes.quote &&
    share.memory === bytes.memory &&
    Math.abs(changeOf(share) - changeOf(bytes)) <= 0.35 * changeOf(bytes)
  );
}

/** From the first to the last reading, of the first. */
function changeOf({ values }: LogSeries): number {
  return Math.abs(lastValue(values) - valueAt(values, 0)) / Math.max(1, valueAt(values, 0));
}

/** It sinks at nearly each reading up to the last, by steps that are alike: of ever higher peaks, which are told as they come, each is as high as it happens to be. */
function isUnceasing({ values }: LogSeries): boolean {
  const steps = values.slice(1).map((value, i) => valueAt(values, i) - value);
  const falls = steps.filter((step) => step > 0).sort((a, b) => a - b);
  const late = steps.slice(-Math.max(3, steps.length >> 1));
  const isAlike = lastValue(falls) <= 4 * median(falls);
  return steps.length >= 4 && isAlike && late.filter((step) => step > 0).length >= 0.75 * late.length;
}

function isSameLoss(a: Loss, b: Loss): boolean {
  if (a.series.unit !== b.series.unit || !isRelated(a.series, b.series)) return false;
  if (a.series.boot !== b.series.boot && a.series.label === b.series.label) return true;
  const isBothTimed = a.series.times.length > 0 && b.series.times.length > 0;
  const [first, second] = isBothTimed ? [a.trend.rate.slope, b.trend.rate.slope] : [a.trend.step, b.trend.step];
  return Math.abs(first - second) <= 0.35 * Math.max(first, second);
}

function leakFinding(
  [{ series, trend }, ...others]: readonly [Loss, ...Loss[]],
  judged: readonly Judged[],
  totals: readonly LogSeries[],
  boots: number,
): Finding<"leak"> {
  const { unit, label } = series;
  const isUsed = series.quantity === "used";
  const step = usualStep(series, trend);
  const timed = isTimed(series);
  const perHour = timed ? trend.rate.slope * HOUR : undefined;
  const verb = isUsed ? "grows" : "falls";
  const pace = [
    step > 0 ? `about ${format(step, unit)} ${eachOf(series)}` : undefined,
    perHour === undefined || perHour < 0.5 || timeSpan(series, trend.settling) < 60e6
      ? undefined
      : `${format(perHour, unit)} an hour`,
  ].filter((part) => part !== undefined);
  const isGarbage = mayBeGarbage(series);
  // A collection comes before the end.
  const end: Exhaustion = isGarbage ? { evidence: [] } : exhaustionOf(series, trend, leftOf(series, totals));
  const confidence = Math.min(
    series.quantity === "minimum" ? 0.6 : isGarbage ? 0.5 : series.falls === undefined ? 1 : 0.6,
    trend.confidence,
  );
  const first = valueAt(series.values, trend.settling);
  const evidence = [
    `“${label}” ${verb} from ${told(first, unit)} (line ${lineAt(series, trend.settling)}) to ${told(lastValue(series.values), unit)} ` +
      `(line ${series.lastLine}) over ${formatNumberOf(trend.count, "reading")}${timed ? ` in ${formatTime(timeSpan(series, trend.settling))}` : ""}${series.falls === undefined ? " and never recovers" : ""}`,
    ...(series.falls === undefined
      ? []
      : [
          `It fell so ${formatCount(series.falls)} times, until nearly nothing was left, and was back at once each time: restarts, unless something gives all of it back`,
        ]),
    ...stepEvidence(series, trend),
    ...end.evidence,
    ...(isGarbage
      ? [
          "It is the heap of a garbage collector, which never gave any back here: what falls may be what no one has collected yet",
        ]
      : []),
    ...(!isGarbage && looksCollected(series)
      ? [
          "If that is an interpreter's own heap, some of it may be garbage that is not collected yet: what still falls right after a collection is lost",
        ]
      : []),
    ...whereLost(series, trend.settling, judged),
    ...others.slice(0, 4).map((other) => alsoSentence(other, series)),
    ...(isUsed ? [] : holderSentence(series, step, judged)),
    ...(series.quantity === "minimum" ? [CAN_ONLY_FALL] : shapeEvidence(series, judged)),
    ...(boots > 1
      ? [`The log has figures of ${formatCount(boots)} boots; each begins with an empty heap and is judged by itself`]
      : []),
    ...(series.stretch > 1
      ? [
          `${formatCount(series.readings)} readings: of each ${formatCount(series.stretch)} the lowest and the highest are kept`,
        ]
      : []),
    ...(isSummed(series)
      ? ["The log tells how memory changes, and not how much is free: print that as well, and the largest block"]
      : []),
    ...(timed ? [] : ["The lines have no times: rates are per reading, not per hour"]),
    ...(trend.count < 6
      ? [`${formatNumberOf(trend.count, "reading")} are few: more of them would make this surer`]
      : []),
  ];
  const when = end.title === undefined ? "" : `, and ${isUsed ? "memory " : ""}is gone in ${end.title}`;
  return {
    rule: "leak",
    severity: confidence >= 0.55 ? "warning" : "note",
    confidence,
    title: `${memoryName(series)} ${verb} by ${pace.join(", ")}: a leak${isGarbage ? ", or garbage that is not collected yet" : when}`,
    evidence,
    next: isGarbage
      ? "Print it right after a collection (gc.collect(), collectgarbage()): what still falls then is lost"
      : nextForLeak(series),
    sites: [],
    blocks: [],
    log: { line: series.line, quote: series.quote },
    bytes: Math.round(Math.abs(first - lastValue(series.values))),
    ...(perHour === undefined || unit === "percent" ? {} : { bytesPerHour: perHour }),
    ...(end.expected !== undefined && { expected: end.expected }),
    ...(end.expectedReadings !== undefined && { expectedReadings: end.expectedReadings }),
    ...(timed ? { since: valueAt(series.times, trend.settling), until: lastValue(series.times) } : {}),
    fingerprint: `leak|log|${series.memory}|${label}`,
  };
}

/** Who takes what is lost, where the log has a table of what each task holds. */
function holderSentence(series: LogSeries, step: number, judged: readonly Judged[]): string[] {
  const holder = judged.find(
    (one): one is Loss =>
      one.series.quantity === "used" &&
      one.series.label.startsWith("task ") &&
      one.series.boot === series.boot &&
      isFalling(one.trend) &&
      Math.abs(usualStep(one.series, one.trend) - step) <= 0.35 * step,
  );
  if (holder === undefined) return [];
  const { series: tasks, trend } = holder;
  return [
    `What ${tasks.label} holds grows with it, by about ${format(usualStep(tasks, trend), tasks.unit)} (from line ${tasks.line} on): it takes what is lost`,
  ];
}

/** The heap of an interpreter between two collections. */
function mayBeGarbage(series: LogSeries): boolean {
  return mayBeCollected(series) && !series.label.endsWith(COMES_BACK);
}

function eachOf({ label }: LogSeries): string {
  if (label.endsWith(COMES_BACK)) return "each time it comes back";
  const own = label.replace(SUMMED, "");
  const event = /\b(?:before|after|at|on|in|during|when)\s+(.{2,32})$/i.exec(own)?.[1];
  return event === undefined ? "from one reading to the next" : `from one “${own}” to the next`;
}

function stepEvidence(series: LogSeries, trend: SeriesTrend): string[] {
  if (series.stretch > 1) return [];
  const { y } = pointsOf(series);
  const drops = y.slice(1).map((value, i) => valueAt(y, i) - value);
  const sentences: string[] = [];
  if (trend.hasOnset === true) {
    const at = lineAt(series, trend.settling);
    sentences.push(`Before line ${at} it was steady: what began about there takes memory and does not give it back`);
  } else if (trend.settling > 0) {
    const early = drops.slice(0, trend.settling).map((drop) => format(drop, series.unit));
    sentences.push(
      `${trend.settling === 1 ? `The first step (${early.join("")}) is` : `The first ${formatCount(trend.settling)} steps (${early.slice(0, 4).join(", ")}) are`} taken as settling and left out`,
    );
  }
  const rest = drops.slice(trend.settling);
  const [step, ...others] = new Set(rest);
  if (step !== undefined && others.length === 0 && rest.length > 1)
    sentences.push(`Each step is exactly ${format(step, series.unit)}: the same is lost each time`);
  else if (rest.length > 1 && rest.length <= 12)
    sentences.push(`Steps: ${rest.map((drop) => format(drop, series.unit)).join(", ")}`);
  return sentences;
}

function alsoSentence({ series, trend }: Loss, best: LogSeries): string {
  const by = usualStep(series, trend);
  const what = series.boot === best.boot ? `“${series.label}”` : `“${series.label}” of another boot`;
  return `${what} tells the same: ${told(valueAt(series.values, trend.settling), series.unit)} (line ${lineAt(series, trend.settling)}) to ${told(lastValue(series.values), series.unit)} (line ${series.lastLine}), by ${format(by, series.unit)} a step`;
}

/** Its last readings are clearly below its first ones. */
function sinks({ values }: LogSeries): boolean {
  const some = Math.ceil(values.length / 4);
  const middle = (part: readonly number[]): number => median([...part].sort((a, b) => a - b));
  return middle(values.slice(-some)) <= 0.9 * middle(values.slice(0, some));
}

/** The largest block is a small part of what is free, and was a larger one. */
function isSplit(largest: LogSeries, free: LogSeries): boolean {
  const share = (at: (values: readonly number[]) => number): number =>
    at(largest.values) / Math.max(1, at(free.values));
  return (
    free.unit === "bytes" && share(lastValue) < 0.35 && share(lastValue) < 0.6 * share((values) => valueAt(values, 0))
  );
}

/** Whether the largest block goes with it: a leak, no fragmentation. */
function shapeEvidence(series: LogSeries, judged: readonly Judged[]): string[] {
  const isUsed = series.quantity === "used";
  const most = series.values.reduce((high, value) => Math.max(high, value), 0);
  const related = judged.filter(({ series: other }) => other.boot === series.boot && isRelated(other, series));
  const best = (quantity: LogSeries["quantity"]): Judged | undefined => {
    // What is more than was free is another memory's.
    const all = related.filter(
      ({ series: other }) =>
        other.quantity === quantity && (other.unit !== "bytes" || isUsed || lastValue(other.values) <= most),
    );
    const same = all.filter(({ series: other }) => other.memory === series.memory);
    return (same.length > 0 ? same : all).reduce<Judged | undefined>(
      (found, one) => (found === undefined || one.series.readings > found.series.readings ? one : found),
      undefined,
    );
  };
  const largest = best("largest");
  const share = best("fragmentation");
  const minimum = best("minimum");
  const ends = ({ values, unit }: LogSeries): readonly [string, string] => [
    told(valueAt(values, 0), unit),
    told(lastValue(values), unit),
  ];
  const sentences: string[] = [];
  if (largest !== undefined && largest.series.values.length > 1) {
    const [from, to] = ends(largest.series);
    const lost = (one: LogSeries): number => Math.abs(valueAt(one.values, 0) - lastValue(one.values));
    const isSplit = lost(largest.series) > 2 * lost(series);
    sentences.push(
      largest.trend.verdict === "falling" || sinks(largest.series)
        ? isSplit
          ? `The largest free block falls by more than is lost, from ${from} to ${to}: memory is split up as well`
          : `The largest free block falls with it, from ${from} to ${to}`
        : `The largest free block does not go with it (${from} to ${to}): memory is lost, not split up`,
    );
  }
  if (largest !== undefined && !isUsed && largest.series.memory === series.memory && isSplit(largest.series, series))
    sentences.push(`Requests above ${ends(largest.series)[1]} fail already: what is left is split up as well`);
  if (share !== undefined && share.series.values.length > 1 && share.trend.verdict !== "falling")
    sentences.push(
      lastValue(share.series.values) > valueAt(share.series.values, 0) + 5
        ? `Fragmentation grows from ${ends(share.series).join(" to ")}`
        : `Fragmentation stays at ${ends(share.series)[1]}: no fragmentation problem`,
    );
  if (minimum !== undefined)
    sentences.push(`The least that was ever free: ${ends(minimum.series)[1]} (line ${minimum.series.lastLine})`);
  return sentences;
}

function nextForLeak(series: LogSeries): string {
  if (isOfLvgl(series))
    return "LVGL's pool serves LVGL alone: delete screens and objects that are replaced (lv_obj_del(), lv_obj_clean()), their styles, timers and animations too, and call lv_mem_monitor() before and after each screen";
  const what = series.companion === undefined ? "whatever happens between two readings" : "what that line tells of";
  return `A log cannot name the call site: record ${what} with memmap's probe (\`memmap record\`), or bracket it with heap_trace_start(HEAP_TRACE_LEAKS) and heap_trace_dump()`;
}
