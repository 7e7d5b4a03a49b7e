// Is one site, or are some that belong together, a leak? Pure arithmetic on their history; words are added by leaks.ts.
//
// A site must grow to the end of the run, not just at its beginning (bounded caches and late initialization stop), in the least that it
// holds, not in what it holds at some moment (bursts go back), and what it holds must come from all times (a cache that turns over
// holds only young blocks). Where blocks are usually freed, those that remain must be far older than blocks that are freed. A queue that gets longer
// holds young blocks and grows all the same: there the births must not rise, else it is only a load that does.
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

export type LeakKind =
  /** Hardly anything is ever freed. */
  | "never-freed"
  /** Most are freed, some never: an error path, a full queue. */
  | "sometimes-freed"
  /** One block that realloc makes larger and larger. */
  | "growing-block"
  /** The same by new and free: each block replaces a smaller one. */
  | "growing-copies"
  /** All are freed, but ever later: more come than go. */
  | "queue"
  /** Most are freed; some never were, and that has stopped. */
  | "ended"
  /** As the first two, but freed in the last moments. */
  | "freed-at-shutdown";

export interface LeakJudgement {
  readonly kind: LeakKind;
  /** How often such a finding is right, 0 to 1; measured (bench:detectors). */
  readonly confidence: number;
  /** Hardly anything but a leak looks like this. */
  readonly isClear: boolean;
  /** False where growth slows down: it may still find its bound. */
  readonly steady: boolean;
  /** Mann–Kendall, of the growth. */
  readonly p: number;
  /** Growth of the floor by Theil–Sen, per microsecond. */
  readonly blocksPerTime: number;
  readonly bytesPerTime: number;
  /** Blocks that count as leaked: live at the moment of judgement and too old to be at work. */
  readonly suspects: number;
  /** 99 % of the freed blocks lived shorter; 0 where too few were freed to say. */
  readonly usualLife: number;
  /** Kaplan–Meier: share of the blocks that is never freed. */
  readonly neverFreedShare: number;
  /** Epochs since the settle phase in which survivors were born, and epochs in which blocks were born at all. */
  readonly survivingEpochs: number;
  readonly activeEpochs: number;
  /** Closed generations in a row, up to the last, that left blocks behind; 0 without marks. */
  readonly survivingGenerations: number;
}

/** Share of the epochs that a program gets to set itself up. */
const SETTLE_SHARE = 0.1;
/** Blocks older than this many usual lifetimes are not at work any more. */
const OUTLIER_FACTOR = 3;
/** Fewer frees say nothing about usual lifetimes. */
const MINIMUM_FREES = 20;
/** Above this rule-of-succession score a site counts as one that does not free. */
const NEVER_FREED_SCORE = 0.8;

/** @param length of the window in microseconds */
export function judgeLeak(history: SiteHistory, length: number): LeakJudgement | undefined {
  const growth = measureGrowth(history);
  const suspects = findSuspects(history);
  const generations = survivingGenerations(history.generations);
  const block =
    judgeBlocks(history, growth, suspects, generations, length) ??
    judgeGrowingBlock(history, growth) ??
    judgeCopies(history, growth, length) ??
    judgeQueue(history, growth, length) ??
    judgeEnded(history, suspects, length);
  if (block === undefined) return undefined;
  return {
    ...block,
    p: growth.p,
    blocksPerTime: growth.blocksPerTime,
    bytesPerTime: growth.bytesPerTime,
    usualLife: suspects.usualLife,
    neverFreedShare: suspects.neverFreedShare,
    survivingEpochs: suspects.epochs,
    activeEpochs: suspects.activeEpochs,
    survivingGenerations: generations,
  };
}

/** The first `count` epochs of it, as if the recording had ended there. What died later still counts as freed. */
export function firstEpochs(history: SiteHistory, count: number): SiteHistory {
  return {
    ...history,
    floorBlocks: history.floorBlocks.subarray(0, count),
    floorBytes: history.floorBytes.subarray(0, count),
    births: history.births.subarray(0, count),
    survivors: history.survivors.subarray(0, count),
  };
}

/** Shorter than this, what stays is set-up as far as anybody can tell. */
const TOO_SHORT = 45e6;
/** Set-up may last so long: below it, what is never freed must come from more rounds. */
const SETUP_TIME = 180e6;

interface Growth {
  readonly p: number;
  readonly pBytes: number;
  readonly blocksPerTime: number;
  readonly bytesPerTime: number;
  readonly blocks: number;
  /** Blocks gained in the last third, and its share of what thirds before it gained on average. */
  readonly lastThird: number;
  readonly persistence: number;
  /** The same for bytes. */
  readonly byteSteadiness: number;
  /** How well a straight line explains the floor, 0 to 1. */
  readonly straightness: number;
}

function measureGrowth(history: SiteHistory): Growth {
  const first = Math.ceil(history.floorBlocks.length * SETTLE_SHARE);
  const blocks = history.floorBlocks.subarray(first);
  const bytes = history.floorBytes.subarray(first);
  const at = (share: number): number => blocks[Math.round(share * (blocks.length - 1))] ?? 0;
  const before = (at(2 / 3) - at(0)) / 2;
  const lastThird = at(1) - at(2 / 3);
  const time = Float64Array.from(blocks, (_, i) => i * history.epochLength);
  const atBytes = (share: number): number => bytes[Math.round(share * (bytes.length - 1))] ?? 0;
  const bytesBefore = (atBytes(2 / 3) - atBytes(0)) / 2;
  return {
    byteSteadiness: bytesBefore > 0 ? (atBytes(1) - atBytes(2 / 3)) / bytesBefore : 0,
    straightness: straightness(blocks),
    p: mannKendall(blocks).pRising,
    pBytes: mannKendall(bytes).pRising,
    blocksPerTime: theilSen(time, blocks)?.slope ?? 0,
    bytesPerTime: theilSen(time, bytes)?.slope ?? 0,
    blocks: at(1) - at(0),
    lastThird,
    persistence: before > 0 ? lastThird / before : lastThird > 0 ? 2 : 0,
  };
}

/** The share of the variance that a least-squares line explains. */
function straightness(values: ArrayLike<number>): number {
  const count = values.length;
  let [sumX, sumY, sumXX, sumXY, sumYY] = [0, 0, 0, 0, 0];
  for (let x = 0; x < count; x++) {
    const y = values[x] ?? 0;
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

interface Suspects {
  readonly count: number;
  /** Age of the oldest. */
  readonly oldest: number;
  /** Share of the epochs with suspects in which others were born that were freed. */
  readonly mixedShare: number;
  readonly usualLife: number;
  readonly neverFreedShare: number;
  readonly epochs: number;
  readonly activeEpochs: number;
  /** From the first to the last epoch in which a suspect was born, as a share of the epochs in which one could have been. */
  readonly spread: number;
}

function findSuspects(history: SiteHistory): Suspects {
  const count = history.survivors.length;
  const first = Math.ceil(count * SETTLE_SHARE);
  let freed = 0;
  for (const number of history.lifetimes) freed += number;
  const usualLife = freed >= MINIMUM_FREES ? lifetimeQuantile(history.lifetimes, 0.99) : 0;
  const ages = new Float64Array(history.lifetimes.length);
  let suspects = 0;
  let epochs = 0;
  let activeEpochs = 0;
  let firstEpoch = -1;
  let lastEpoch = -1;
  let possible = 0;
  let mixed = 0;
  for (let epoch = 0; epoch < count; epoch++) {
    const survivors = history.survivors[epoch] ?? 0;
    const age = (count - epoch - 1) * history.epochLength;
    const bucket = lifetimeBucket(age);
    ages[bucket] = (ages[bucket] ?? 0) + survivors;
    if (epoch < first || age < OUTLIER_FACTOR * usualLife) continue;
    possible++;
    if ((history.births[epoch] ?? 0) > 0) activeEpochs++;
    if (survivors === 0) continue;
    suspects += survivors;
    epochs++;
    if ((history.births[epoch] ?? 0) > survivors) mixed++;
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
  };
}

/** What the survival curve comes down to beyond three usual lives. */
function plateau(lifetimes: Float64Array, ages: Float64Array, usualLife: number): number {
  const curve = survival(lifetimes, ages);
  for (let bucket = 0; bucket < curve.length; bucket++) {
    if (bucketLimit(bucket) >= OUTLIER_FACTOR * usualLife) return curve[bucket] ?? 0;
  }
  return 0;
}

type Verdict = Pick<LeakJudgement, "kind" | "confidence" | "isClear" | "steady" | "suspects">;

function judgeBlocks(
  history: SiteHistory,
  growth: Growth,
  suspects: Suspects,
  generations: number,
  length: number,
): Verdict | undefined {
  const grows = growth.p < 0.01 && growth.blocks >= 3 && growth.lastThird >= 1 && growth.persistence >= 0.25;
  const fromAllTimes = suspects.count >= 4 && suspects.epochs >= 3 && suspects.spread >= 0.5;
  const byTime = grows && fromAllTimes;
  // Every loop of the program left something behind: believed without the clock, as loops may be few and short.
  const byGenerations = generations >= 4 && growth.lastThird >= 0 && suspects.count >= 4;
  if (!byTime && !byGenerations) return undefined;
  // Rule of succession: the odds that the next block will not be freed either.
  const score = 1 - (history.frees + 1) / (history.allocations - history.frees + 2);
  const neverFreed = history.frees < 0.1 * history.allocations && score >= NEVER_FREED_SCORE;
  // Blocks that are mostly freed are judged by age, which needs a notion of a usual age.
  if (!neverFreed && suspects.usualLife === 0 && !byGenerations) return undefined;
  const steady = growth.persistence >= 0.5 || byGenerations;
  // Seconds after a start, everything grows. Only rounds between marks, or blocks that outlive others of their kind, say more.
  if (neverFreed && length < TOO_SHORT && !byGenerations) return undefined;
  // What was never freed and came in few rounds may be parts of a program that begin one after the other.
  const isFew = neverFreed && !byGenerations && (suspects.count < 10 || suspects.epochs < 7);
  const isClear =
    steady &&
    !isFew &&
    suspects.count >= 10 &&
    (byGenerations || (length >= TOO_SHORT && (length >= SETUP_TIME || suspects.epochs >= 20 || !neverFreed)));
  const atShutdown = history.freedLate > 0.5 * suspects.count;
  const kind = atShutdown ? "freed-at-shutdown" : neverFreed ? "never-freed" : "sometimes-freed";
  const confidence = isFew ? 0.4 : !steady ? 0.5 : isClear ? 0.97 : suspects.count >= 6 ? 0.85 : 0.75;
  return { kind, confidence, isClear, steady, suspects: suspects.count };
}

function judgeGrowingBlock(history: SiteHistory, growth: Growth): Verdict | undefined {
  const { growths, shrinks, lastGrowth, growthBefore, epochLength } = history;
  if (growths < 4 || shrinks * 4 > growths || growth.pBytes >= 0.01) return undefined;
  const span = epochLength * history.floorBytes.length;
  const first = history.floorBytes[Math.ceil(history.floorBytes.length * SETTLE_SHARE)] ?? 0;
  const last = history.floorBytes.at(-1) ?? 0;
  if (last < 1.5 * first || history.oldest > span / 2) return undefined;
  // Growth by doubling comes ever more rarely: it has ended only when the next step is long overdue.
  const overdue = span - lastGrowth > 3 * (lastGrowth - growthBefore) + 2 * epochLength;
  if (overdue || lastGrowth < span / 2) return undefined;
  const isClear = growths >= 20 && growth.byteSteadiness >= 0.5;
  return { kind: "growing-block", confidence: 0.95, isClear, steady: true, suspects: 1 };
}

/** A buffer that is replaced by a larger one again and again: few blocks at a time, each larger than the one before. */
function judgeCopies(history: SiteHistory, growth: Growth, length: number): Verdict | undefined {
  const { rises, falls, liveBlocks, allocations, epochLength } = history;
  if (rises < 4 || falls * 6 > rises || liveBlocks < 1 || liveBlocks > 0.2 * allocations + 1 || length < TOO_SHORT)
    return undefined;
  const count = history.floorBytes.length;
  const at = (share: number): number => history.floorBytes[Math.min(count - 1, Math.round(share * count))] ?? 0;
  const last = history.floorBytes.at(-1) ?? 0;
  if (growth.pBytes >= 0.01 || last < 1.4 * at(SETTLE_SHARE) || last < 256) return undefined;
  // Growth by doubling: the last step may be half of the run away.
  let lastBirth = count - 1;
  while (lastBirth > 0 && (history.births[lastBirth] ?? 0) === 0) lastBirth--;
  if ((count - lastBirth) * epochLength > 0.55 * length) return undefined;
  const isClear = rises >= 20 && growth.byteSteadiness >= 0.5;
  return { kind: "growing-copies", confidence: isClear ? 0.95 : 0.8, isClear, steady: true, suspects: liveBlocks };
}

/** More come than go: the floor rises all the time though births do not, so that each block lives longer than the one before. */
function judgeQueue(history: SiteHistory, growth: Growth, length: number): Verdict | undefined {
  const { births, floorBlocks } = history;
  if (length < TOO_SHORT || growth.p >= 0.001 || growth.blocks < 8 || growth.persistence < 0.5) return undefined;
  const count = births.length;
  const sum = (from: number, to: number): number =>
    births.subarray(Math.round(from), Math.round(to)).reduce((a, b) => a + b, 0);
  const early = sum(count * SETTLE_SHARE, count * 0.5) / (0.5 - SETTLE_SHARE);
  const late = sum(count * 0.6, count) / 0.4;
  if (early < 20 || late > 1.25 * early) return undefined;
  const start = floorBlocks[Math.ceil(count * SETTLE_SHARE)] ?? 0;
  const end = floorBlocks.at(-1) ?? 0;
  if (end < 2.5 * (start + 2)) return undefined;
  const isClear = growth.persistence >= 0.6 && growth.blocks >= 20 && growth.straightness >= 0.95;
  return { kind: "queue", confidence: isClear ? 0.93 : 0.5, isClear, steady: true, suspects: history.liveBlocks };
}

/** Blocks that outlived their kind by far, from one or more spells that are over. */
function judgeEnded(history: SiteHistory, suspects: Suspects, length: number): Verdict | undefined {
  const { frees, allocations, freedLate } = history;
  if (length < TOO_SHORT || suspects.usualLife === 0 || suspects.count < 10 || freedLate > 0.5 * suspects.count)
    return undefined;
  if (frees < 0.2 * allocations || suspects.oldest < 5 * suspects.usualLife) return undefined;
  // Old blocks that were all born together, and while hardly any were freed, are a set-up or a cache that was filled.
  if (suspects.mixedShare < 0.3) return undefined;
  const confidence = suspects.epochs >= 2 ? 0.8 : 0.6;
  return { kind: "ended", confidence, isClear: false, steady: false, suspects: suspects.count };
}

/** Closed generations in a row, counted back from the last one, that left blocks; the first is set-up and does not count. */
function survivingGenerations(generations: Float64Array): number {
  let count = 0;
  for (let i = generations.length - 2; i >= 1; i--) {
    if ((generations[i] ?? 0) === 0) break;
    count++;
  }
  return count;
}
