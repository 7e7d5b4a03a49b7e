/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays */
// Where the device tracks only a sample of its blocks: how many blocks each of them stands for. A block that is in the sample with
// probability p counts 1/p times; sums of that are right on average, whatever the program does.

import { formatBytes, formatCount } from "../base/format.ts";
import type { Bytes } from "../base/units.ts";
import type { Boot } from "../wire/records.ts";
import type { BlockTable, Bounded, Totals } from "./types.ts";

export interface Sampling {
  /** Blocks that one of this size stands for; 1 where all are tracked. */
  readonly weight: (size: Bytes) => number;
  /** What to say with every sum; undefined where all are tracked. */
  readonly sentence?: string;
}

/** Of a run: as its last boot that sampled did it. */
export function samplingOf(boots: readonly Pick<Boot, "sampleInterval" | "sampleBytes">[]): Sampling {
  const boot = boots.findLast(({ sampleInterval, sampleBytes = 0 }) => sampleInterval > 1 || sampleBytes > 0);
  if (boot === undefined) return { weight: () => 1 };
  const { sampleInterval, sampleBytes = 0 } = boot;
  if (sampleBytes > 0) {
    // p = 1 - exp(-size / N)
    return {
      weight: (size) => -1 / Math.expm1(-Math.max(1, size) / sampleBytes),
      sentence: `Only a sample of the blocks was tracked, one every ${formatBytes(sampleBytes)} on average: blocks, bytes and counts are estimates, scaled up by each block's size`,
    };
  }
  return {
    weight: () => sampleInterval,
    sentence: `Only one in ${formatCount(sampleInterval)} allocations was tracked: blocks, bytes and counts are estimates, scaled up by ${formatCount(sampleInterval)}`,
  };
}

/** Blocks and bytes that a table stands for. */
export function sumOf(table: BlockTable, { weight }: Sampling): { readonly blocks: number; readonly bytes: Bytes } {
  let blocks = 0;
  let bytes = 0;
  for (let row = 0; row < table.length; row++) {
    const size = table.size[row]!;
    const count = weight(size);
    blocks += count;
    bytes += size * count;
  }
  return { blocks: Math.round(blocks), bytes: Math.round(bytes) };
}

/** Totals of a sample as those of all blocks. Counts of past events are scaled as the blocks that are live now, which is exact by calls only. */
export function scaledTotals(totals: Totals, live: BlockTable, sampling: Sampling): Totals {
  const { blocks, bytes } = sumOf(live, sampling);
  const byBlocks = live.length === 0 ? sampling.weight(averageSize(totals)) : blocks / live.length;
  const sampled = live.size.reduce((sum, size) => sum + size, 0);
  const byBytes = sampled === 0 ? byBlocks : bytes / sampled;
  const scaled = (bounded: Bounded, factor: number): Bounded => ({
    value: Math.round(bounded.value * factor),
    lowest: Math.round(bounded.lowest * factor),
    highest: Math.round(bounded.highest * factor),
  });
  return {
    ...totals,
    blocks: scaled(totals.blocks, byBlocks),
    bytes: scaled(totals.bytes, byBytes),
    allocations: Math.round(totals.allocations * byBlocks),
    frees: Math.round(totals.frees * byBlocks),
    allocatedBytes: Math.round(totals.allocatedBytes * byBytes),
  };
}

function averageSize({ allocations, allocatedBytes }: Totals): Bytes {
  return allocations === 0 ? 1 : allocatedBytes / allocations;
}
