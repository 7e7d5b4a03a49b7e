// How far a view's numbers are known. Sums over live blocks have bounds after a gap; counts of what happened are then at least what was
// seen; peaks are estimates, as blocks may have been gone when it was reached. Of a sample, everything is an estimate.
import { between, difference, estimated, exactly, type Quantity } from "../base/quantity.ts";
import type { Bytes, Microseconds } from "../base/units.ts";
import type { HeapModel } from "../heap/model-api.ts";
import { gapSpan, meets } from "../heap/gap-span.ts";
import { samplingOf } from "../heap/sampling.ts";
import { BlockFlag, type BlockTable, type Bounded, type Totals, type Window } from "../heap/types.ts";
import { GapReason } from "../wire/records.ts";

/** Live blocks, and how far both sums are known. */
export interface LiveView {
  readonly liveBytes: Quantity;
  readonly liveBlocks: Quantity;
}

/** What is live at two moments, and how much more at the later one. */
export interface ChangeView {
  readonly before: LiveView;
  readonly after: LiveView;
  readonly change: LiveView;
}

export function viewChange(before: LiveView, after: LiveView): ChangeView {
  const change = {
    liveBytes: difference(after.liveBytes, before.liveBytes),
    liveBlocks: difference(after.liveBlocks, before.liveBlocks),
  };
  return { before, after, change };
}

/** Sums over live blocks, scaled up where they are a sample; `certain` leaves out blocks that may be gone. */
export interface LiveSum {
  readonly bytes: Bytes;
  readonly blocks: number;
  readonly certainBytes: Bytes;
  readonly certainBlocks: number;
}

export interface Doubt {
  /** Blocks that one of this size stands for. */
  readonly weight: (size: Bytes) => number;
  readonly sampled: boolean;
  /** What is live at the moment beside the blocks that certainly are: at most so much, Infinity where nothing limits it. */
  readonly otherBytes: Bytes;
  readonly otherBlocks: number;
}

/** How far sums over blocks live at `time` are known. */
export async function doubtAt(model: HeapModel, time: Microseconds): Promise<Doubt> {
  const { weight, sentence } = samplingOf(model.tables.boots);
  const doubt = { weight, sampled: sentence !== undefined, otherBytes: 0, otherBlocks: 0 };
  if (doubt.sampled || !model.tables.gaps.some((gap) => gapSpan(gap).from <= time)) return doubt;
  const { bytes, blocks } = await model.totalsAt(time);
  const { certainBytes, certainBlocks } = sumLive(await model.liveAt(time), doubt);
  return {
    ...doubt,
    otherBytes: Math.max(0, bytes.highest - certainBytes),
    otherBlocks: Math.max(0, blocks.highest - certainBlocks),
  };
}

export function isCertain({ sampled, otherBytes, otherBlocks }: Doubt): boolean {
  return !sampled && otherBytes === 0 && otherBlocks === 0;
}

export function sumLive(table: BlockTable, doubt: Pick<Doubt, "weight">): LiveSum {
  const sum = noSum();
  for (let row = 0; row < table.length; row++) addToSum(sum, table, row, doubt);
  return sum;
}

export type WritableSum = { -readonly [K in keyof LiveSum]: LiveSum[K] };

export function noSum(): WritableSum {
  return { bytes: 0, blocks: 0, certainBytes: 0, certainBlocks: 0 };
}

export function addToSum(sum: WritableSum, table: BlockTable, row: number, { weight }: Pick<Doubt, "weight">): void {
  const size = table.size[row] ?? 0;
  const count = weight(size);
  sum.bytes += size * count;
  sum.blocks += count;
  if (((table.flags[row] ?? 0) & BlockFlag.UNCERTAIN) !== 0) return;
  sum.certainBytes += size * count;
  sum.certainBlocks += count;
}

/** All that is missing may belong to any one sum. */
export function viewLiveSum({ bytes, blocks, certainBytes, certainBlocks }: LiveSum, doubt: Doubt): LiveView {
  const view = (all: number, certain: number, other: number): Quantity => {
    if (doubt.sampled) return estimated(Math.round(all));
    return between(certain, Math.min(all, certain + other), certain + other);
  };
  return {
    liveBytes: view(bytes, certainBytes, doubt.otherBytes),
    liveBlocks: view(blocks, certainBlocks, doubt.otherBlocks),
  };
}

/** Everything that is live at `time`. */
export async function viewTotal(model: HeapModel, time: Microseconds): Promise<LiveView> {
  return viewTotals(model, await model.totalsAt(time));
}

export function viewTotals(model: HeapModel, { bytes, blocks }: Pick<Totals, "bytes" | "blocks">): LiveView {
  return { liveBytes: ofTotal(model, bytes), liveBlocks: ofTotal(model, blocks) };
}

export function ofTotal({ tables }: HeapModel, { lowest, value, highest }: Bounded): Quantity {
  return samplingOf(tables.boots).sentence === undefined ? between(lowest, value, highest) : estimated(value);
}

/** Which stretches of a run are in doubt: from where a gap begins to the device's next account that agrees with the reconstruction, or its restart. */
export async function doubtfulSpans(model: HeapModel): Promise<readonly Window[]> {
  const { gaps, boots } = model.tables;
  if (gaps.length === 0) return [];
  const healed = [
    ...boots.map(({ startedAt }) => startedAt),
    ...(await model.heartbeats()).filter(({ verdict }) => verdict === "verified").map(({ time }) => time),
  ].sort((a, b) => a - b);
  return gaps.map((gap) => {
    const { from, to } = gapSpan(gap);
    // Where the file is damaged, its next key frame is the truth again, and what the device's accounts proved to the recorder proves nothing.
    if (gap.reason === GapReason.RECORDING_DAMAGED) return { from, to };
    return { from, to: healed.find((one) => one > to) ?? Infinity };
  });
}

/** For what happened within a window. */
export interface WindowDoubt {
  /** Of events that were counted: at least so many, and at most those that are missing more. */
  readonly count: (value: number) => Quantity;
  /** Of bytes that were counted: at least so many. */
  readonly countBytes: (value: number) => Quantity;
  /** Of a number that a missing event could have made larger or smaller. */
  readonly about: (value: number) => Quantity;
}

/** How far what happened in a window is known. */
export async function doubtWithin(model: HeapModel, window: Window): Promise<WindowDoubt> {
  return windowDoubt(model, await doubtfulSpans(model), window);
}

/** @param spans as `doubtfulSpans` gives them */
export function windowDoubt({ tables }: HeapModel, spans: readonly Window[], { from, to }: Window): WindowDoubt {
  const round = Math.round;
  if (samplingOf(tables.boots).sentence !== undefined) {
    const about = (value: number): Quantity => estimated(round(value));
    return { count: about, countBytes: about, about };
  }
  const gaps = tables.gaps.filter((gap) => meets(gapSpan(gap), { from, to }));
  const missing = gaps.reduce((sum, { lostEvents = Infinity }) => sum + lostEvents, 0);
  const doubtful = spans.some((span) => meets(span, { from, to }));
  return {
    count:
      gaps.length > 0
        ? (value) => between(round(value), round(value), round(value) + missing)
        : (value) => exactly(round(value)),
    countBytes:
      missing > 0 ? (value) => between(round(value), round(value), Infinity) : (value) => exactly(round(value)),
    about: doubtful ? (value) => estimated(round(value)) : (value) => exactly(round(value)),
  };
}
