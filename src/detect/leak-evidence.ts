// What a site's history says for and against a leak: how the least that it holds grows, which of its blocks are far older than their kind gets, and
// whether their births come more rarely than before. Pure arithmetic; leak-judgement.ts draws the conclusion.
import { lastValue, valueAt } from "../base/values.ts";
import type { Bytes, Microseconds } from "../base/units.ts";
import { lifetimeBucket } from "../heap/activity.ts";
import { bucketLimit, lifetimeQuantile, survival } from "./statistics/lifetimes.ts";
import { mannKendall } from "./statistics/mann-kendall.ts";
import { theilSen } from "./statistics/theil-sen.ts";

/** One site's history; arrays have one entry for each epoch unless they say otherwise. Times in microseconds. */
export interface SiteHistory {
  readonly floorBlocks: Float64Array;
  readonly floorBytes: Float64Array;
  readonly births: Float64Array;
  /** Live at the moment of judgement, by epoch of birth. */
  readonly survivors: Float64Array;
  /** Of the survivors: freed between the moment of judgement and the end of the run. */
  readonly freedLate: number;
  readonly epochLength: number;
  readonly allocations: number;
  readonly frees: number;
  /** Blocks freed before the moment of judgement, by lifetime bucket. */
  readonly lifetimes: Float64Array;
  /** When a block of so many bytes had become too small: the last times, of one site alone; since boot, like the moment of judgement. */
  readonly steps: readonly { readonly time: Microseconds; readonly size: Bytes }[];
  readonly end: number;
  readonly growths: number;
  readonly shrinks: number;
  /** Births of blocks larger, or smaller, than the one born before. */
  readonly rises: number;
  readonly falls: number;
  readonly liveBlocks: number;
  /** Of the last growth and the one before it in the same chain, since the beginning of the window. */
  readonly lastGrowth: number;
  readonly growthBefore: number;
  /** Oldest live block's birth since the beginning of the window. */
  readonly oldest: number;
  /** Live at the end by generation of birth; the last generation is still open. */
  readonly generations: Float64Array;
}

/** Share of the epochs that a program gets to set itself up. */
export const SETTLE_SHARE = 0.1;
/** Blocks older than this many usual lifetimes are not at work any more. */
const OUTLIER_FACTOR = 3;
/** Fewer frees say nothing about usual lifetimes. */
const MINIMUM_FREES = 8;
export interface Growth {
  /** Mann–Kendall, of blocks and of bytes. */
  readonly p: number;
  readonly pBytes: number;
  /** Theil–Sen, per microsecond. */
  readonly blocksPerTime: number;
  readonly bytesPerTime: number;
  /** The least that was held when the program had settled, and at last. */
  readonly from: number;
  readonly to: number;
  /** Blocks gained in the last third, and its share of what thirds before it gained on average. */
  readonly lastThird: number;
  readonly persistence: number;
  /** The same for bytes. */
  readonly byteSteadiness: number;
  /** How well a straight line explains the floor, 0 to 1; of blocks and of bytes. */
  readonly straightness: number;
  readonly byteStraightness: number;
}

/** @param width epochs that make one stretch: as long as blocks usually live, so that what fills and is emptied again drops out */
export function measureGrowth(history: SiteHistory, width = 1): Growth {
  const settled = (floor: Float64Array): Float64Array => {
    const merged = leastOf(floor, width);
    return merged.subarray(Math.ceil(merged.length * SETTLE_SHARE));
  };
  const blocks = settled(history.floorBlocks);
  const bytes = settled(history.floorBytes);
  const at = (share: number): number => valueAt(blocks, Math.round(share * (blocks.length - 1)));
  const before = (at(2 / 3) - at(0)) / 2;
  const lastThird = at(1) - at(2 / 3);
  const time = Float64Array.from(blocks, (_, i) => i * width * history.epochLength);
  const atBytes = (share: number): number => valueAt(bytes, Math.round(share * (bytes.length - 1)));
  const bytesBefore = (atBytes(2 / 3) - atBytes(0)) / 2;
  return {
    byteSteadiness: bytesBefore > 0 ? (atBytes(1) - atBytes(2 / 3)) / bytesBefore : 0,
    straightness: straightness(blocks.keys(), blocks),
    byteStraightness: straightness(bytes.keys(), bytes),
    p: mannKendall(blocks).pRising,
    pBytes: mannKendall(bytes).pRising,
    blocksPerTime: theilSen(time, blocks)?.slope ?? 0,
    bytesPerTime: theilSen(time, bytes)?.slope ?? 0,
    from: at(0),
    to: at(1),
    lastThird,
    persistence: before > 0 ? lastThird / before : lastThird > 0 ? 2 : 0,
  };
}

/** The least of each `width` in a row, counted back from the end. */
function leastOf(floor: Float64Array, width: number): Float64Array {
  if (width === 1) return floor;
  const count = Math.floor(floor.length / width);
  const first = floor.length - count * width;
  return Float64Array.from({ length: count }, (_, i) =>
    floor
      .subarray(first + i * width, first + (i + 1) * width)
      .reduce((least, value) => Math.min(least, value), Infinity),
  );
}

/** The share of the variance that a least-squares line explains. */
function straightness(xs: Iterable<number>, ys: ArrayLike<number>): number {
  let [count, sumX, sumY, sumXX, sumXY, sumYY] = [0, 0, 0, 0, 0, 0];
  for (const x of xs) {
    const y = valueAt(ys, count++);
    sumX += x;
    sumY += y;
    sumXX += x * x;
    sumXY += x * y;
    sumYY += y * y;
  }
  const covariance = sumXY - (sumX * sumY) / count;
  const spread = (sumXX - (sumX * sumX) / count) * (sumYY - (sumY * sumY) / count);
  return spread <= 0 ? 0 : (covariance * covariance) / spread;
}

/**
 * Does a container that grows by a factor fill at one pace to the end? Then the sizes that became too small lie on a line over the times at which they did, and
 * the next is not overdue.
 */
export function fillsEvenly({ steps, end }: SiteHistory): boolean {
  if (steps.length < 5) return false;
  const [before, last] = [valueAt(steps, steps.length - 2), lastValue(steps)];
  if (last.size < 8 * valueAt(steps, 0).size) return false;
  const line = straightness(
    steps.map(({ time }) => time),
    steps.map(({ size }) => size),
  );
  // As much as was added in the last step but one, times the factor of growth.
  const due = last.time + ((last.time - before.time) * last.size) / before.size;
  return line >= 0.99 && end <= due + 0.15 * (due - last.time);
}

export interface Suspects {
  readonly count: number;
  /** Age of the oldest. */
  readonly oldest: number;
  /** Share of the epochs with suspects in which others were born that were freed. */
  readonly mixedShare: number;
  /** 99 % of the freed blocks lived shorter; 0 where too few were freed to say. */
  readonly usualLife: number;
  readonly neverFreedShare: number;
  readonly epochs: number;
  readonly activeEpochs: number;
  /** From the first to the last epoch in which a suspect was born, as a share of the epochs in which one could have been. */
  readonly spread: number;
  /** How long none was born that could have been, in times of what lay between two of them on average. */
  readonly quiet: number;
  /** Laplace's trend test of their births, in standard deviations: negative where they come more rarely than before. */
  readonly trend: number;
  /** Far beyond all that was ever freed, from whenever they are; and the epochs that they come from. */
  readonly strays: number;
  readonly strayEpochs: number;
}

export function findSuspects(history: SiteHistory): Suspects {
  const count = history.survivors.length;
  const first = Math.ceil(count * SETTLE_SHARE);
  let freed = 0;
  let longestLife = 0;
  history.lifetimes.forEach((number, bucket) => {
    freed += number;
    if (number > 0) longestLife = bucketLimit(bucket);
  });
  const usualLife = freed >= MINIMUM_FREES ? lifetimeQuantile(history.lifetimes, 0.99) : 0;
  const ages = new Float64Array(history.lifetimes.length);
  let suspects = 0;
  let epochs = 0;
  let activeEpochs = 0;
  let firstEpoch = -1;
  let lastEpoch = -1;
  let possible = 0;
  let mixed = 0;
  let strays = 0;
  let strayEpochs = 0;
  for (let epoch = 0; epoch < count; epoch++) {
    const survivors = valueAt(history.survivors, epoch);
    const age = (count - epoch - 1) * history.epochLength;
    const bucket = lifetimeBucket(age);
    ages[bucket] = valueAt(ages, bucket) + survivors;
    if (usualLife > 0 && age >= OUTLIER_FACTOR * longestLife && survivors > 0) {
      strays += survivors;
      strayEpochs++;
    }
    if (epoch < first || age < OUTLIER_FACTOR * usualLife) continue;
    possible++;
    if (valueAt(history.births, epoch) > 0) activeEpochs++;
    if (survivors === 0) continue;
    suspects += survivors;
    epochs++;
    if (valueAt(history.births, epoch) > survivors) mixed++;
    if (firstEpoch < 0) firstEpoch = epoch;
    lastEpoch = epoch;
  }
  return {
    count: suspects,
    oldest: firstEpoch < 0 ? 0 : (count - firstEpoch) * history.epochLength,
    mixedShare: epochs === 0 ? 0 : mixed / epochs,
    usualLife,
    neverFreedShare: plateau(history.lifetimes, ages, usualLife),
    epochs,
    activeEpochs,
    spread: possible === 0 ? 0 : (lastEpoch - firstEpoch + 1) / possible,
    quiet: epochs === 0 ? 0 : ((first + possible - 1 - lastEpoch) * epochs) / (lastEpoch - firstEpoch + 1),
    trend: trendOf(history.survivors.subarray(first, first + possible)),
    ...{ strays, strayEpochs },
  };
}

/** Laplace's test on counts that may come in bursts: the variance is that around a straight line, and never less than Poisson's. */
function trendOf(counts: Float64Array): number {
  const length = counts.length;
  const sum = counts.reduce((a, b) => a + b, 0);
  if (sum === 0 || length < 3) return 0;
  const middle = (length - 1) / 2;
  const spread = (length ** 2 - 1) / 12;
  const moment = counts.reduce((total, value, i) => total + value * (i - middle), 0);
  const [mean, slope] = [sum / length, moment / (length * spread)];
  const rest = counts.reduce((total, value, i) => total + (value - mean - slope * (i - middle)) ** 2, 0);
  const burstiness = Math.max(1, rest / (length - 2) / mean);
  return moment / Math.sqrt(sum * spread * burstiness);
}

/** What the survival curve comes down to beyond three usual lives. */
function plateau(lifetimes: Float64Array, ages: Float64Array, usualLife: number): number {
  const curve = survival(lifetimes, ages);
  for (let bucket = 0; bucket < curve.length; bucket++) {
    if (bucketLimit(bucket) >= OUTLIER_FACTOR * usualLife) return valueAt(curve, bucket);
  }
  return 0;
}
