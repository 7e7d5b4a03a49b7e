// Is one site, or are some that belong together, a leak? Pure arithmetic on their history; words are added by leaks.ts.
//
// A site must grow to the end of the run, not just at its beginning (bounded caches and late initialization stop), in the least that it
// holds, not in what it holds at some moment (bursts go back), and what it holds must come from all times (a cache that turns over
// holds only young blocks). Where blocks are usually freed, those that remain must be far older than blocks that are freed. A queue that gets longer
// holds young blocks and grows all the same: there the births must not rise, else it is only a load that does.
import { lastValue, valueAt } from "../base/values.ts";
import {
  fillsEvenly,
  findSuspects,
  measureGrowth,
  SETTLE_SHARE,
  type Growth,
  type SiteHistory,
  type Suspects,
} from "./leak-evidence.ts";

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

export type Pace = "steady" | "slower" | "ending";

export interface LeakJudgement {
  readonly kind: LeakKind;
  /** How often such a finding is right, 0 to 1; measured (bench:detectors). */
  readonly confidence: number;
  /** Hardly anything but a leak looks like this. */
  readonly isClear: boolean;
  /** Whether growth comes to an end: what slows down may find a bound. */
  readonly pace: Pace;
  /** Mann–Kendall, of the growth. */
  readonly p: number;
  /** Growth of the floor by Theil–Sen, per microsecond. */
  readonly blocksPerTime: number;
  readonly bytesPerTime: number;
  /** The least that was held when the program had settled, and at last. */
  readonly from: number;
  readonly to: number;
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

/** Fewer lost blocks are not enough for an error; of what is never freed, which a program may keep, it takes some more. */
const ENOUGH_LOST = 10;
const ENOUGH_UNFREED = 12;
/** While a program sets itself up, lives differ more. */
const FREES_AT_START = 20;
/** So many are seldom a cache that still fills. */
const MANY_UNFREED = 60;
/** So many freed blocks tell how long one lives at most. */
const MANY_FREES = 100;

/** Stretches that growth is measured in are so long at most that as many of them are left. */
const FEWEST_STRETCHES = 8;

/**
 * @param length of the window in microseconds
 * @param isSettingUp parts of the program still begin
 */
export function judgeLeak(history: SiteHistory, length: number, isSettingUp: boolean): LeakJudgement | undefined {
  if (length === 0) return undefined;
  const suspects = findSuspects(history);
  const widest = Math.floor(history.floorBlocks.length / FEWEST_STRETCHES);
  const width = Math.max(1, Math.min(widest, Math.ceil(suspects.usualLife / history.epochLength)));
  const growth = measureGrowth(history);
  const growthOfRest = width === 1 ? growth : measureGrowth(history, width);
  const generations = survivingGenerations(history.generations);
  const ofBlocks = judgeBlocks(history, growthOfRest, suspects, generations, length, isSettingUp);
  const verdict =
    ofBlocks ??
    judgeGrowingBlock(history, growth) ??
    judgeCopies(history, growth, length) ??
    judgeQueue(history, growth, length) ??
    judgeEnded(history, suspects, length);
  if (verdict === undefined) return undefined;
  const { p, blocksPerTime, bytesPerTime, from, to } = ofBlocks === undefined ? growth : growthOfRest;
  return {
    ...verdict,
    ...{ p, blocksPerTime, bytesPerTime, from, to },
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
export const SETUP_TIME = 180e6;

type Verdict = Pick<LeakJudgement, "kind" | "confidence" | "isClear" | "pace" | "suspects">;

function judgeBlocks(
  history: SiteHistory,
  growth: Growth,
  suspects: Suspects,
  generations: number,
  length: number,
  isSettingUp: boolean,
): Verdict | undefined {
  const rises = growth.p < 0.01 && growth.to - growth.from >= 3 && growth.lastThird >= 1;
  const isFromAllTimes = suspects.count >= 4 && suspects.epochs >= 3 && suspects.spread >= 0.5;
  // Many were freed, all of them long before the age that these have: no more is needed than that it goes on.
  const areStrays =
    history.frees >= MANY_FREES && suspects.strays >= 6 && suspects.strayEpochs >= 4 && suspects.mixedShare >= 0.5;
  const byTime = rises && (isFromAllTimes || areStrays);
  // Every loop of the program left something behind: believed without the clock, as loops may be few and short.
  const byGenerations = generations >= 4 && growth.lastThird >= 0 && suspects.count >= 4;
  if (!byTime && !byGenerations) return undefined;
  const neverFreed = history.frees < 0.1 * history.allocations;
  // Blocks that are mostly freed are judged by age, which needs a notion of a usual age.
  const isLifeKnown = suspects.usualLife > 0 && (length >= SETUP_TIME || history.frees >= FREES_AT_START);
  if (!neverFreed && !isLifeKnown && !byGenerations) return undefined;
  // In seconds, what mostly stays is being built up, as by a tool that reads, works and ends.
  if (!neverFreed && length < TOO_SHORT && history.frees < 0.5 * history.allocations && !byGenerations)
    return undefined;
  const isStray = areStrays && !neverFreed;
  const pace = byGenerations ? "steady" : paceOf(growth, suspects, isStray);
  // Seconds after a start, everything grows. Only rounds between marks, or blocks that outlive others of their kind, say more.
  if (neverFreed && (length < TOO_SHORT || isSettingUp) && !byGenerations) return undefined;
  // What was never freed and came in few rounds may be parts of a program that begin one after the other, or clients that stay.
  const isFew = neverFreed && !byGenerations && (suspects.count < ENOUGH_LOST || suspects.epochs < 7);
  const mayHaveEnded = neverFreed && !byGenerations && suspects.count < 30 && suspects.quiet > 3;
  const isClear =
    pace === "steady" &&
    !isFew &&
    !mayHaveEnded &&
    (suspects.count >= (neverFreed && !byGenerations ? ENOUGH_UNFREED : ENOUGH_LOST) || isStray) &&
    (byGenerations || (length >= TOO_SHORT && (length >= SETUP_TIME || suspects.epochs >= 20 || !neverFreed)));
  const atShutdown = history.freedLate > 0.5 * suspects.count;
  const kind = atShutdown ? "freed-at-shutdown" : neverFreed ? "never-freed" : "sometimes-freed";
  const doubt =
    isFew || pace === "ending" ? 0.4 : pace === "slower" ? 0.5 : neverFreed ? 0.8 : suspects.count >= 6 ? 0.85 : 0.75;
  const sure = neverFreed && suspects.count < MANY_UNFREED ? 0.97 : 0.985;
  return { kind, confidence: isClear ? sure : doubt, isClear, pace, suspects: suspects.count };
}

/** By births and by the floor: one alone may be chance. A cache is seldom large, and does not free all but a few at once. */
function paceOf({ persistence }: Growth, { trend, count }: Suspects, isStray: boolean): Pace {
  if (trend < -2.5 && persistence < 0.5) return "ending";
  return !isStray && trend < (count < MANY_UNFREED ? -1.28 : -1.645) && persistence < 0.7 ? "slower" : "steady";
}

function judgeGrowingBlock(history: SiteHistory, growth: Growth): Verdict | undefined {
  const { growths, shrinks, lastGrowth, growthBefore, epochLength } = history;
  if (growths < 4 || shrinks * 4 > growths || growth.pBytes >= 0.01) return undefined;
  const span = epochLength * history.floorBytes.length;
  const first = valueAt(history.floorBytes, Math.ceil(history.floorBytes.length * SETTLE_SHARE));
  const last = lastValue(history.floorBytes);
  if (last < 1.5 * first || history.oldest > span / 2) return undefined;
  // Growth by doubling comes ever more rarely: it has ended only when the next step is long overdue.
  const overdue = span - lastGrowth > 3 * (lastGrowth - growthBefore) + 2 * epochLength;
  if (overdue || lastGrowth < span / 2) return undefined;
  return {
    kind: "growing-block",
    confidence: 0.97,
    isClear: isEven(growths, growth) || fillsEvenly(history),
    pace: "steady",
    suspects: 1,
  };
}

/** Enough steps, and no sign that they become rarer. */
function isEven(steps: number, { byteSteadiness, byteStraightness }: Growth): boolean {
  return byteSteadiness >= 0.5 && (steps >= 20 || (steps >= 10 && byteStraightness >= 0.95));
}

/** A buffer that is replaced by a larger one again and again: few blocks at a time, each larger than the one before. */
function judgeCopies(history: SiteHistory, growth: Growth, length: number): Verdict | undefined {
  const { rises, falls, liveBlocks, allocations, epochLength } = history;
  if (rises < 4 || falls * 6 > rises || liveBlocks < 1 || liveBlocks > 0.2 * allocations + 1 || length < TOO_SHORT)
    return undefined;
  const count = history.floorBytes.length;
  const at = (share: number): number => valueAt(history.floorBytes, Math.min(count - 1, Math.round(share * count)));
  const last = lastValue(history.floorBytes);
  if (growth.pBytes >= 0.01 || last < 1.4 * at(SETTLE_SHARE) || last < 256) return undefined;
  // Growth by doubling: the last step may be half of the run away.
  let lastBirth = count - 1;
  while (lastBirth > 0 && valueAt(history.births, lastBirth) === 0) lastBirth--;
  if ((count - lastBirth) * epochLength > 0.55 * length) return undefined;
  const isClear = isEven(rises, growth) || fillsEvenly(history);
  return { kind: "growing-copies", confidence: isClear ? 0.97 : 0.8, isClear, pace: "steady", suspects: liveBlocks };
}

/** More come than go: the floor rises all the time though births do not, so that each block lives longer than the one before. */
function judgeQueue(history: SiteHistory, growth: Growth, length: number): Verdict | undefined {
  const { births, floorBlocks } = history;
  if (length < TOO_SHORT || growth.p >= 0.001 || growth.to - growth.from < 8 || growth.persistence < 0.5)
    return undefined;
  const count = births.length;
  const early = sumOf(births, count * SETTLE_SHARE, count * 0.5) / (0.5 - SETTLE_SHARE);
  const late = sumOf(births, count * 0.6, count) / 0.4;
  if (early < 10 || late > 2 * early || history.frees < 0.1 * history.allocations) return undefined;
  const start = valueAt(floorBlocks, Math.ceil(count * SETTLE_SHARE));
  const end = lastValue(floorBlocks);
  // Twice the load holds twice as much.
  if (end < 2.5 * (start + 2) * Math.max(1, late / early)) return undefined;
  const inOrder = isFirstInFirstOut(history);
  // Sessions that begin to stay do the same for as long as one of them lasts.
  if (growth.straightness < (inOrder ? 0.6 : 0.95)) return undefined;
  const isClear = inOrder && growth.straightness >= 0.85;
  return {
    kind: "queue",
    confidence: isClear ? 0.97 : inOrder ? 0.7 : 0.4,
    isClear,
    pace: "steady",
    suspects: history.liveBlocks,
  };
}

/** What was born since the oldest that lives is all there: sessions or entries of a cache go in any order. */
function isFirstInFirstOut({ births, survivors }: SiteHistory): boolean {
  const since = survivors.findIndex((number) => number > 0) + 1;
  return sumOf(survivors, since, survivors.length) >= 0.95 * sumOf(births, since, births.length);
}

function sumOf(values: Float64Array, from: number, to: number): number {
  return values.subarray(Math.round(from), Math.round(to)).reduce((a, b) => a + b, 0);
}

/** Blocks that outlived their kind by far, from one or more spells that are over. */
function judgeEnded(history: SiteHistory, suspects: Suspects, length: number): Verdict | undefined {
  const { frees, allocations, freedLate } = history;
  if (length < TOO_SHORT || suspects.usualLife === 0 || suspects.count < 10 || freedLate > 0.5 * suspects.count)
    return undefined;
  if (frees < 0.2 * allocations || suspects.oldest < 5 * suspects.usualLife) return undefined;
  // Old blocks that were all born together, and while hardly any were freed, are a set-up or a cache that was filled.
  if (suspects.mixedShare < 0.3) return undefined;
  const hasEnded = suspects.quiet > 3;
  const confidence = suspects.epochs >= 2 ? 0.8 : 0.6;
  return {
    kind: hasEnded ? "ended" : "sometimes-freed",
    confidence,
    isClear: false,
    pace: hasEnded ? "ending" : "steady",
    suspects: suspects.count,
  };
}

/** Closed generations in a row, counted back from the last one, that left blocks; the first is set-up and does not count. */
function survivingGenerations(generations: Float64Array): number {
  let count = 0;
  for (let i = generations.length - 2; i >= 1; i--) {
    if (valueAt(generations, i) === 0) break;
    count++;
  }
  return count;
}
