// Does a series of readings fall for good? Judged so that neither settling at the start, nor a sawtooth, nor noise, nor one step down is taken for
// a leak, and so that a few readings are said to be few. docs/detectors/log.md.

import { assertDefined } from "../../base/assert.ts";
import { greatest, lastValue, smallest, valueAt } from "../../base/values.ts";
import { mannKendall } from "../statistics/mann-kendall.ts";
import { median, theilSen, type Trend } from "../statistics/theil-sen.ts";

export interface SeriesPoints {
  /** Microseconds, or numbers of readings. */
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Less than this is no loss worth a word. */
  readonly leastFall: number;
}

export type TrendVerdict =
  /** It falls without recovering. */
  | "falling"
  /** It fell, but too few readings or too uneven steps to say that it goes on. */
  | "unclear"
  | "steady"
  | "too-few";

export interface SeriesTrend {
  readonly verdict: TrendVerdict;
  /** Readings at the start that were left out: as settling, or because what falls began behind them. */
  readonly settling: number;
  readonly hasOnset?: true;
  readonly count: number;
  readonly first: number;
  readonly last: number;
  readonly lowest: number;
  readonly highest: number;
  /** Of a falling series: how much it loses for each unit of x, positive, with its interval. */
  readonly rate?: Trend;
  /** What it loses from one reading to the next. */
  readonly step?: number;
  /** Bytes by which readings scatter around the line. */
  readonly scatter: number;
  /** 0 to 1. */
  readonly confidence: number;
}

/** Bins of a long series; of each the best reading counts, so that a sawtooth is judged by its peaks. */
const BINS = 12;
/** From here on there are enough readings for statistics. */
const MANY = 8;

/** Shares of a series before what falls for good. */
const ONSETS = [0.2, 0.35, 0.5, 0.65];
/** Of what was free: less may be noise. */
const LEAST_LATE_LOSS = 0.01;

/** Bytes that a program's parts take in all, as it starts. */
const START = 32 * 1024;

/** More points than these say nothing more of a trend: of each stretch the best reading stands for it. */
const DENSE = 4096;

/** A trend that falls has both. */
export type FallingTrend = SeriesTrend & Required<Pick<SeriesTrend, "rate" | "step">>;

export function isFalling(trend: SeriesTrend): trend is FallingTrend {
  return trend.verdict === "falling";
}

export function trendOf({ x, y, leastFall }: SeriesPoints): SeriesTrend {
  if (y.length > DENSE) {
    const [places, values] = peaks(x, y, DENSE / 2);
    const thin = trendOf({ x: places, y: values, leastFall });
    const count = y.length - Math.floor((thin.settling * y.length) / values.length);
    const [first, last] = [valueAt(y, y.length - count), lastValue(y)];
    const [lowest, highest] = [smallest(y), greatest(y)];
    return {
      ...thin, settling: y.length - count, count, first, last, lowest, highest,
      ...(thin.step !== undefined && { step: (first - last) / Math.max(1, count - 1) }),
    }; // prettier-ignore
  }
  const settling = settlingOf(y);
  const values = y.slice(settling);
  const places = x.slice(settling);
  const count = values.length;
  const first = valueAt(values, 0);
  const last = lastValue(values);
  const line = theilSen(...thinned(places, values));
  const scatter = scatterOf(places, values, line);
  const base = {
    settling,
    count,
    first,
    last,
    lowest: smallest(y),
    highest: greatest(y),
    scatter,
  };
  if (count < 3) return { ...base, verdict: y.length < 3 ? "too-few" : "steady", confidence: 0 };
  const judged = count < MANY ? judgeFew(values, leastFall) : judgeMany(values, leastFall);
  if (judged.verdict !== "falling" || line === undefined)
    return onsetOf({ x, y, leastFall }, settling) ?? { ...base, ...judged };
  const late = count < 2 * BINS ? undefined : onsetOf({ x, y, leastFall }, settling, true);
  if (late !== undefined) return late;
  const envelope = count < 2 * BINS ? line : (theilSen(...peaks(places, values)) ?? line);
  const rate = { slope: -envelope.slope, low: Math.max(0, -envelope.high), high: -envelope.low };
  return rate.slope > 0
    ? {
        ...base,
        ...judged,
        rate,
        step: (first - last) / Math.max(1, count - 1),
      }
    : { ...base, verdict: "unclear", confidence: 0.3 };
}

/**
 * Where what was steady begins to fall and goes on to fall, far below all that it was before.
 * @param isFalling as a whole it falls as well: only a beginning that does not fall at all is another part
 */
function onsetOf({ x, y, leastFall }: SeriesPoints, settling: number, isFalling = false): SeriesTrend | undefined {
  for (const share of isFalling ? [...ONSETS].reverse() : ONSETS) {
    const from = settling + Math.floor(share * (y.length - settling));
    const before = y.slice(settling, from);
    const values = y.slice(from);
    if (from === settling || values.length < 2 * MANY) continue;
    if (isFalling && (before.length < MANY || !isSteadyBeside(before, values))) continue;
    const lost = valueAt(values, 0) - lastValue(values);
    if (lost < LEAST_LATE_LOSS * Math.abs(valueAt(values, 0))) continue;
    const isBelow = smallest(before) - greatest(values.slice(-3)) > 0.5 * lost;
    if (greatest(before) - smallest(before) > 0.5 * lost || !isBelow) continue;
    if (judgeMany(values, leastFall).verdict !== "falling") continue;
    const start = lastOfSteady(y, settling, from);
    const tail = trendOf({ x: x.slice(start), y: y.slice(start), leastFall });
    if (tail.verdict !== "falling" || tail.hasOnset === true) continue;
    return {
      ...tail,
      settling: start + tail.settling,
      hasOnset: true,
      highest: greatest(y),
      confidence: Math.min(0.8, tail.confidence),
    };
  }
  return undefined;
}

/** What it loses from one reading to the next is nothing beside what it loses later. */
function isSteadyBeside(before: readonly number[], after: readonly number[]): boolean {
  const drift = (values: readonly number[], of: (part: readonly number[]) => number): number =>
    (of(sliceOf(values, 0, 3)) - of(sliceOf(values, 2, 3))) / values.length;
  const middle = (part: readonly number[]): number => median([...part].sort((a, b) => a - b));
  return [middle, greatest].every((of) => Math.abs(drift(before, of)) <= 0.15 * drift(after, of));
}

/**
 * The last reading that is as high as the first half of the steady ones, no later than where enough are left behind it; `from` where what falls begins
 * higher than they are.
 */
function lastOfSteady(y: readonly number[], settling: number, from: number): number {
  const low = smallest(y.slice(settling, (settling + from + 1) >> 1));
  const last = y.findLastIndex((value) => value >= low);
  const isHigher = last > from && greatest(y.slice(from, last + 1)) > greatest(y.slice(settling, from));
  return isHigher ? from : Math.min(last, y.length - 2 * MANY);
}

/** For each reading the best from there on: what is below it was only in use. */
function levels(values: readonly number[]): number[] {
  const best = [...values];
  for (let i = best.length - 2; i >= 0; i--) best[i] = Math.max(valueAt(best, i), valueAt(best, i + 1));
  return best;
}

/** Drops from each value to the next; positive where it falls. */
function steps(values: readonly number[]): number[] {
  return values.slice(1).map((value, i) => valueAt(values, i) - value);
}

/** Readings at the start whose steps are far larger than those of the second half, to a level from which none comes back. */
function settlingOf(values: readonly number[]): number {
  const all = steps(values);
  if (all.length < 4) return 0;
  const later = all.slice(Math.floor(all.length / 2));
  const usual = Math.max(median(later.map(Math.abs).sort((a, b) => a - b)), 1);
  // What goes up and down has settled.
  const most = Math.floor(all.length * (later.some((step) => step < 0) ? 0.5 : 0.4));
  const reached = levels(values);
  let skip = 0;
  const isForGood = (i: number): boolean => valueAt(values, i) - valueAt(reached, i + 1) > valueAt(all, i) / 2;
  while (skip < most && valueAt(all, skip) > 3 * usual && isForGood(skip)) skip++;
  return skip;
}

interface Judgement {
  readonly verdict: TrendVerdict;
  readonly confidence: number;
}

/** Few readings: only a fall in every step, evenly, is called one. */
function judgeFew(values: readonly number[], leastFall: number): Judgement {
  const all = steps(values);
  const fall = valueAt(values, 0) - lastValue(values);
  if (fall < leastFall) return { verdict: "steady", confidence: 0.5 };
  const falls = all.filter((step) => step > 0);
  const isMonotone = all.every((step) => step >= 0);
  const isMostly = falls.length >= Math.max(2, Math.ceil(all.length * 0.75));
  const largest = greatest(all);
  const smallestFall = smallest(falls);
  const lastHalf = all.slice(Math.floor(all.length / 2)).reduce((sum, step) => sum + step, 0);
  const isEven = all.length === 2 ? largest <= 1.3 * smallestFall : largest <= 0.7 * fall && lastHalf >= 0.35 * fall;
  // 200000, 199900, 198000: one large step more is a coincidence.
  const isAlike = all.length > 3 || largest <= 4 * smallestFall;
  // What starts one after the other takes much of the heap, each its own share.
  const isStart = fall > START && fall > 0.25 * Math.abs(valueAt(values, 0)) && largest > 4 * smallestFall;
  // Ups and downs of a per cent or two are what every heap does.
  const isSmall = fall < 0.02 * Math.abs(valueAt(values, 0));
  if (!isMonotone && isSmall) return { verdict: "steady", confidence: 0.5 };
  if (!isMonotone || !isMostly || !isEven || !isAlike || isStart) return { verdict: "unclear", confidence: 0.3 };
  // The steps of a leak are alike; those of chance are not.
  const spread = largest / Math.max(1, median([...falls].sort((a, b) => a - b)));
  const base = valueAt([0.5, 0.65, 0.7, 0.75, 0.8], all.length - 2);
  const isSame = spread < (all.length > 2 ? 1.3 : 1.05);
  return { verdict: "falling", confidence: isSame ? base + 0.1 : base };
}

function judgeMany(values: readonly number[], leastFall: number): Judgement {
  const count = values.length;
  const points =
    count < 2 * BINS
      ? values
      : peaks(
          values.map((_, i) => i),
          values,
        )[1];
  const fall = valueAt(points, 0) - lastValue(points);
  if (fall < leastFall) return { verdict: "steady", confidence: 0.7 };
  const line = assertDefined(
    theilSen(
      points.map((_, i) => i),
      points,
    ),
    "the line through many points",
  );
  const scatter = scatterOf(
    points.map((_, i) => i),
    points,
    line,
  );
  const trendFall = -line.slope * (points.length - 1);
  const level = Math.max(1, Math.abs(valueAt(points, 0)));
  if (trendFall < leastFall || (trendFall < 4 * scatter && trendFall < 0.5 * level))
    return { verdict: "steady", confidence: 0.6 };
  const { pRising } = mannKendall(points.map((value) => -value));
  const quarters = [0, 1, 2, 3];
  const medians = quarters.map((quarter) => median([...sliceOf(points, quarter, 4)].sort((a, b) => a - b)));
  const best = quarters.map((quarter) => greatest(sliceOf(points, quarter, 4)));
  const falls = [0, 1, 2].every(
    (i) => valueAt(medians, i) > valueAt(medians, i + 1) && valueAt(best, i) >= valueAt(best, i + 1),
  );
  const [firstDrop = 0, middleDrop = 0, lastDrop = 0] = steps(medians);
  // What fills up falls ever more slowly; what leaks goes on.
  const isSlower = lastDrop <= 0.6 * middleDrop || (lastDrop <= 0.8 * middleDrop && lastDrop <= 0.3 * firstDrop);
  const fillsUp = middleDrop <= 0.6 * firstDrop && isSlower;
  const goesOn = !fillsUp && lastDrop >= 0.2 * ((valueAt(medians, 0) - valueAt(medians, 3)) / 3);
  // What comes back was only in use.
  const isSpread = greatest(steps(levels(points))) <= 0.45 * fall;
  if (pRising >= 0.01 || !falls || !goesOn || !isSpread) {
    return { verdict: trendFall > 2 * scatter && pRising < 0.05 ? "unclear" : "steady", confidence: 0.4 };
  }
  return { verdict: "falling", confidence: Math.min(0.95, 0.75 + 0.02 * Math.min(10, count - MANY)) };
}

/** Of each bin the best reading and its place. */
function peaks(x: readonly number[], y: readonly number[], bins = BINS): [number[], number[]] {
  const xs: number[] = [];
  const ys: number[] = [];
  for (let bin = 0; bin < bins; bin++) {
    const from = Math.floor((bin * y.length) / bins);
    const to = Math.floor(((bin + 1) * y.length) / bins);
    let best = from;
    for (let i = from; i < to; i++) if (valueAt(y, i) > valueAt(y, best)) best = i;
    if (to <= from) continue;
    xs.push(valueAt(x, best));
    ys.push(valueAt(y, best));
  }
  return [xs, ys];
}

function sliceOf(values: readonly number[], part: number, parts: number): readonly number[] {
  return values.slice(Math.floor((part * values.length) / parts), Math.floor(((part + 1) * values.length) / parts));
}

/** Theil–Sen is quadratic: some hundred points say the same. */
function thinned(x: readonly number[], y: readonly number[]): [readonly number[], readonly number[]] {
  const most = 400;
  if (y.length <= most) return [x, y];
  const every = y.length / most;
  const rows = Array.from({ length: most }, (_, i) => Math.floor(i * every));
  return [rows.map((row) => valueAt(x, row)), rows.map((row) => valueAt(y, row))];
}

/** Median distance from the line. */
function scatterOf(x: readonly number[], y: readonly number[], line: Trend | undefined): number {
  if (line === undefined) return 0;
  const rests = y.map((value, i) => value - line.slope * valueAt(x, i));
  const middle = median([...rests].sort((a, b) => a - b));
  return median(rests.map((rest) => Math.abs(rest - middle)).sort((a, b) => a - b));
}
