/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Regions at a moment, from two sources that check each other: what the device last answered, and the holes between the live blocks as
// TLSF lays blocks out. Where both agree the boundaries are exact; where not, blocks exist that the stream does not show.

import type { Address, Bytes, Microseconds } from "../base/units.ts";
import type { Region } from "../wire/events.ts";
import type { BlockTable, FreeRange, RegionState } from "./types.ts";

/** TLSF (espressif/tlsf, 32-bit): a block's size word before the user's bytes; sizes are multiples of 4 and at least 12. */
const HEADER_BYTES = 4;
const MINIMUM_BLOCK = 12;
/** A hole smaller than this cannot be a block of its own and stays with its neighbour. */
const SMALLEST_HOLE = HEADER_BYTES + MINIMUM_BLOCK;
/** The heap's own tables at a region's start: at most so much, else something else is there. */
const MOST_METADATA = 4096;

/** End of the block that an allocation got: its own size rounded up. `extra`: red zone bytes that the probe asked for on top. */
export function blockEnd(address: Address, size: Bytes, extra: Bytes): Address {
  return address + Math.max(MINIMUM_BLOCK, Math.ceil((size + extra) / 4) * 4);
}

interface Layout {
  readonly holes: readonly FreeRange[];
  /** Holes with their headers, and what blocks occupy with theirs. */
  readonly holeBytes: Bytes;
  readonly occupied: Bytes;
  readonly liveBlocks: number;
}

/** Holes between the blocks of one region. `blocks` is ordered by address; `metadata`: bytes at the region's start that are the heap's own. */
export function layoutOf(region: Region, blocks: BlockTable, extra: Bytes, metadata: Bytes): Layout {
  const holes: FreeRange[] = [];
  let holeBytes = 0;
  let occupied = 0;
  let liveBlocks = 0;
  let end = region.start + metadata;
  const addHole = (until: Address): void => {
    const room = until - end;
    if (room < SMALLEST_HOLE) return;
    holes.push({ start: end + HEADER_BYTES, bytes: room - HEADER_BYTES });
    holeBytes += room;
  };
  for (let i = firstAtOrAbove(blocks.address, region.start); i < blocks.length; i++) {
    const address = blocks.address[i]!;
    if (address >= region.end) break;
    const start = address - HEADER_BYTES;
    addHole(start);
    const after = blockEnd(address, blocks.size[i]!, extra);
    occupied += Math.max(0, after - Math.max(start, end));
    end = Math.max(end, after);
    liveBlocks++;
  }
  addHole(region.end);
  return { holes, holeBytes, occupied, liveBlocks };
}

export interface RegionQuestion {
  readonly region: Region;
  readonly reportedAt: Microseconds;
  /** Live blocks when the device answered, and now. */
  readonly then: BlockTable;
  readonly now: BlockTable;
  readonly redZoneBytes: Bytes;
}

export function regionState({ region, reportedAt, then, now, redZoneBytes }: RegionQuestion): RegionState {
  const before = layoutOf(region, then, redZoneBytes, 0);
  // What is neither live nor free is the heap's own tables, or blocks that nobody told us of.
  const unaccounted = region.end - region.start - before.occupied - region.free;
  const metadata = Math.max(0, Math.min(unaccounted, MOST_METADATA));
  const reported = layoutOf(region, then, redZoneBytes, metadata);
  const exact = Math.abs(unaccounted) <= MOST_METADATA && agreesOnLargest(reported.holes, region.largestFree);

  const layout = layoutOf(region, now, redZoneBytes, metadata);
  const free = Math.max(0, Math.min(region.end - region.start, region.free + reported.occupied - layout.occupied));
  const largest = largestOf(layout.holes);
  return {
    region,
    reportedAt,
    free,
    largestFree: exact ? Math.min(largest, free) : Math.min(free, region.largestFree),
    freeBlocks: layout.holes.length,
    minimumFree: Math.min(free, region.minimumFree ?? region.free),
    holes: layout.holes,
    exact,
    liveBlocks: layout.liveBlocks,
    occupied: layout.occupied,
  };
}

/** ESP-IDF rounds its answer down to what the allocator's size classes can serve, by less than a sixteenth. */
function agreesOnLargest(holes: readonly FreeRange[], reported: Bytes): boolean {
  const largest = largestOf(holes);
  return largest >= reported - HEADER_BYTES && largest <= reported + reported / 16 + SMALLEST_HOLE;
}

function largestOf(holes: readonly FreeRange[]): Bytes {
  return holes.reduce((most, hole) => Math.max(most, hole.bytes), 0);
}

function firstAtOrAbove(addresses: Uint32Array, address: Address): number {
  let low = 0;
  let high = addresses.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (addresses[middle]! < address) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The region that contains an address. */
export function regionOf<R extends { readonly start: Address; readonly end: Address }>(
  regions: readonly R[],
  address: Address,
): R | undefined {
  return regions.find((region) => address >= region.start && address < region.end);
}

export function regionName(region: Region): string {
  const start = `0x${(region.start >>> 0).toString(16).padStart(8, "0")}`;
  return region.name === undefined || region.name === "" ? start : `${region.name} ${start}`;
}
