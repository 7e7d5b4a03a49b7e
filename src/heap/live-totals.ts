/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot paths on typed arrays */
// What a live set's totals are, with bounds where history is missing, and whether the device's own totals explain the blocks in doubt.

import type { Bytes, Microseconds } from "../base/units.ts";
import { blockHash } from "../wire/protocol.ts";
import type { Heartbeat } from "../wire/records.ts";
import { sumOfLargest } from "./bounds.ts";
import type { LiveSet } from "./live-set.ts";
import { BlockFlag, type Bounded, type Totals } from "./types.ts";

export function totalsOf(live: LiveSet, time: Microseconds): Totals {
  return {
    time,
    bytes: boundedBytes(live),
    blocks: boundedBlocks(live),
    allocations: live.allocations,
    frees: live.frees,
    allocatedBytes: live.allocatedBytes,
    unknownFrees: live.unknownFrees,
    missedAllocations: live.missedAllocations,
    doubleAllocations: live.doubleAllocations,
  };
}

/** Whether the device has just the blocks that are certain: then those in doubt are gone. */
export function hasJustTheCertain(
  live: LiveSet,
  { liveBlocks, liveBytes, hash }: Pick<Heartbeat, "liveBlocks" | "liveBytes" | "hash">,
): boolean {
  const [blocks, bytes] = [live.liveBlocks - live.uncertainBlocks, live.liveBytes - live.uncertainBytes];
  if (live.uncertainBlocks === 0 || liveBlocks !== blocks || liveBytes !== bytes) return false;
  const sites = live.deviceSites?.column;
  const { address, size, site } = live.blocks;
  let sum = 0;
  for (const slot of live.blocks.slots()) {
    if (isUncertain(live, slot)) continue;
    sum = (sum + blockHash(address[slot]!, size[slot]!, sites?.[site[slot]!] ?? 0)) >>> 0;
  }
  return hash >>> 0 === sum;
}

/** Of the uncertain blocks, at most as many are gone as events are missing. */
function boundedBytes(live: LiveSet): Bounded {
  const { liveBytes: bytes, bounds } = live;
  if (live.blocks.certain) return { value: bytes, lowest: bytes, highest: bytes };
  const lost = sumOfLargest(uncertainSizes(live), bounds.missingEvents);
  return bounded(bytes, Math.max(bytes - lost, bytes + bounds.bytesLow), bytes + bounds.bytesHigh);
}

function boundedBlocks(live: LiveSet): Bounded {
  const { liveBlocks: blocks, bounds } = live;
  if (live.blocks.certain) return { value: blocks, lowest: blocks, highest: blocks };
  const lost = Math.min(live.uncertainBlocks, bounds.missingEvents);
  return bounded(blocks, Math.max(blocks - lost, blocks + bounds.blocksLow), blocks + bounds.blocksHigh);
}

function uncertainSizes(live: LiveSet): Bytes[] {
  const sizes: Bytes[] = [];
  for (const slot of live.blocks.slots()) if (isUncertain(live, slot)) sizes.push(live.blocks.size[slot]!);
  return sizes;
}

function isUncertain(live: LiveSet, slot: number): boolean {
  return (live.blocks.flags(slot) & BlockFlag.UNCERTAIN) !== 0;
}

function bounded(value: number, lowest: number, highest: number): Bounded {
  return { value: Math.min(Math.max(value, lowest), highest), lowest, highest };
}
