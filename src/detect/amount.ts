// How much is lost, and how fast: numbers with what is not known about them. A block may still be at work until it is far older than its kind
// gets; a sample stands for more than it holds; a rate from few blocks may be another.
import { valueAt } from "../base/values.ts";
import type { Bytes, Microseconds } from "../base/units.ts";
import type { BlockTable } from "../heap/types.ts";

export interface Range {
  readonly low: number;
  readonly likely: number;
  readonly high: number;
}

export interface Amount {
  readonly blocks: Range;
  readonly bytes: Range;
  /** Bytes per microsecond; undefined where too few were lost to say. */
  readonly rate?: Range;
  /** Birth of the first and of the last that counts for sure. */
  readonly first: Microseconds;
  readonly last: Microseconds;
}

/** Fewer blocks give no rate. */
const FEWEST_FOR_RATE = 4;
const Z95 = 1.96;

export interface AmountQuestion {
  readonly live: BlockTable;
  /** Of the accused sites. */
  readonly rows: readonly number[];
  readonly from: Microseconds;
  readonly to: Microseconds;
  /** Blocks younger than this may be at work. */
  readonly workingAge: Microseconds;
  /** Before it, what a program keeps is set-up. */
  readonly settled: Microseconds;
  readonly weight: (size: Bytes) => number;
}

export function amountOf({ live, rows, from, to, workingAge, settled, weight }: AmountQuestion): Amount {
  const origin = (row: number): Microseconds => valueAt(live.origin, row);
  const cut = to - workingAge;
  const old = rows.filter((row) => workingAge === 0 || origin(row) <= cut);
  const young = rows.filter((row) => workingAge > 0 && origin(row) > cut);
  const first = old.reduce((least, row) => Math.min(least, origin(row)), Infinity);
  const last = old.reduce((most, row) => Math.max(most, origin(row)), -Infinity);
  const certain = sumOf(old, live, weight);
  // Of those that may be at work, as many are lost as were before in as long a time.
  const expected = workingAge === 0 ? 0 : (old.length * workingAge) / Math.max(1, cut - Math.min(first, cut - 1));
  const lostYoung = Math.min(young.length, expected);
  const mostYoung = Math.min(young.length, Math.ceil(expected + 2 * Math.sqrt(expected) + 1));
  const fewestYoung = Math.min(young.length, Math.max(0, Math.floor(expected - 2 * Math.sqrt(expected) - 1)));
  const meanBlocks = certain.blocks / Math.max(1, old.length);
  const meanBytes = certain.bytes / Math.max(1, old.length);
  const range = (certainly: number, mean: number, error: number): Range => ({
    low: Math.max(0, certainly + fewestYoung * mean - error),
    likely: certainly + lostYoung * mean,
    high: certainly + mostYoung * mean + error,
  });
  const rate = rateOf(
    old.filter((row) => origin(row) > Math.max(settled, from)),
    live,
    cut,
    weight,
  );
  return {
    blocks: range(certain.blocks, meanBlocks, Z95 * Math.sqrt(certain.blocksVariance)),
    bytes: range(certain.bytes, meanBytes, Z95 * Math.sqrt(certain.bytesVariance)),
    ...(rate !== undefined && { rate }),
    first,
    last,
  };
}

interface Sum {
  readonly blocks: number;
  readonly bytes: number;
  /** Of the estimates, where only a sample was tracked. */
  readonly blocksVariance: number;
  readonly bytesVariance: number;
}

function sumOf(rows: readonly number[], live: BlockTable, weight: AmountQuestion["weight"]): Sum {
  let [blocks, bytes, blocksVariance, bytesVariance] = [0, 0, 0, 0];
  for (const row of rows) {
    const size = valueAt(live.size, row);
    const count = weight(size);
    blocks += count;
    bytes += count * size;
    blocksVariance += count * (count - 1);
    bytesVariance += count * (count - 1) * size * size;
  }
  return { blocks, bytes, blocksVariance, bytesVariance };
}

/** Losses by time: how evenly they come in twelve equal STRETCHES says how far the rate may be off. */
function rateOf(
  rows: readonly number[],
  live: BlockTable,
  until: Microseconds,
  weight: AmountQuestion["weight"],
): Range | undefined {
  if (rows.length < FEWEST_FOR_RATE) return undefined;
  const times = rows.map((row) => valueAt(live.origin, row));
  const start = times.reduce((least, time) => Math.min(least, time), Infinity);
  const span = until - start;
  if (span <= 0) return undefined;
  const STRETCHES = 12;
  const lost = new Float64Array(STRETCHES);
  let bytes = 0;
  rows.forEach((row, index) => {
    const size = valueAt(live.size, row);
    const amount = size * weight(size);
    const stretch = Math.min(STRETCHES - 1, Math.floor(((valueAt(times, index) - start) / span) * STRETCHES));
    lost[stretch] = valueAt(lost, stretch) + amount;
    bytes += amount;
  });
  // The first block begins the time that is measured and is not a loss of it.
  const counted = bytes * (1 - 0.5 / rows.length);
  const mean = bytes / STRETCHES;
  const variance = lost.reduce((sum, amount) => sum + (amount - mean) ** 2, 0) / (STRETCHES - 1);
  // Of the mean of twelve, with Student's factor for so few; and no finer than half a block.
  const error = Math.max((1.8 * Math.sqrt(variance / STRETCHES)) / mean, 0.5 / rows.length);
  const likely = counted / span;
  return { low: likely * Math.max(0, 1 - error), likely, high: likely * (1 + error) };
}
