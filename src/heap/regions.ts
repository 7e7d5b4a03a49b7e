/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Regions at a moment, from two sources that check each other: what the device last answered, and the holes between the live blocks as
// TLSF lays blocks out. Where both agree the boundaries are exact; where not, blocks exist that the stream does not show.

import { greatest } from "../base/values.ts";
import { countBelow } from "../base/bisect.ts";
import { formatAddress } from "../base/format.ts";
import type { Address, Bytes, Caps, Microseconds } from "../base/units.ts";
import { serves } from "../wire/caps.ts";
import type { Region } from "../wire/records.ts";
import { blockBytes, HEADER_BYTES, SMALLEST_BLOCK, SMALLEST_HOLE, tableBytes } from "./tlsf-sizes.ts";
import type { RegionReport } from "./run-records.ts";
import type { BlockTable, CapsState, FreeRange, RegionState } from "./types.ts";

/** What is neither live nor free beyond the heap's own tables: more than this are blocks that nobody told us of. */
const MOST_UNTOLD = 64;

/**
 * End of the block that an allocation got: its own size rounded up. `extra`: red zone bytes that the probe asked for on top. `pool`: size of the
 * region, where its heap cuts blocks to the size of a list (tlsf-sizes.ts).
 */
export function blockEnd(address: Address, size: Bytes, extra: Bytes, pool?: Bytes): Address {
  return pool === undefined
    ? address + Math.max(SMALLEST_BLOCK, Math.ceil((size + extra) / 4) * 4)
    : address + blockBytes(size + extra, pool);
}

/**
 * What a live block takes from the heap, its header included. Measured where the next live block begins so close behind it that nothing fits
 * between, else by TLSF's rules. `blocks` is ordered by address; `extra` as for `blockEnd`.
 */
export function takenBytes(
  blocks: BlockTable,
  row: number,
  extra: Bytes,
): { readonly bytes: Bytes; readonly measured: boolean } {
  const address = blocks.address[row]!;
  const least = blockEnd(address, blocks.size[row]!, extra) - address + HEADER_BYTES;
  const room = row + 1 < blocks.length ? blocks.address[row + 1]! - address : 0;
  const measured = room >= least && room < least + SMALLEST_HOLE;
  return { bytes: measured ? room : least, measured };
}

interface Layout {
  readonly largestHole: Bytes;
  /** What blocks occupy, with their headers. */
  readonly occupied: Bytes;
  readonly liveBlocks: number;
}

/** How the heap of a region lays out its blocks, as far as it is not in the blocks themselves. */
interface Lay {
  /** Red zone bytes. */
  readonly extra: Bytes;
  /** Bytes at the region's start that are the heap's own. */
  readonly metadata: Bytes;
  readonly pool: Bytes | undefined;
}

/** The blocks of one region and what lies between them. `blocks` is ordered by address; `holes` gets the holes, where somebody wants them. */
function layoutOf(region: Region, blocks: BlockTable, { extra, metadata, pool }: Lay, holes?: FreeRange[]): Layout {
  let largestHole = 0;
  let occupied = 0;
  let liveBlocks = 0;
  let end = region.start + metadata;
  const addHole = (until: Address): void => {
    const room = until - end;
    if (room < SMALLEST_HOLE) return;
    const bytes = room - HEADER_BYTES;
    if (bytes > largestHole) largestHole = bytes;
    holes?.push({ start: end + HEADER_BYTES, bytes });
  };
  for (let i = countBelow(blocks.address, region.start); i < blocks.length; i++) {
    const address = blocks.address[i]!;
    if (address >= region.end) break;
    const start = address - HEADER_BYTES;
    addHole(start);
    const after = Math.min(region.end, blockEnd(address, blocks.size[i]!, extra, pool));
    occupied += Math.max(0, after - Math.max(start, end));
    end = Math.max(end, after);
    liveBlocks++;
  }
  addHole(region.end);
  return { largestHole, occupied, liveBlocks };
}

/** A region as the device told of it, and what of its heap's layout follows from that. */
export interface ReportedRegion {
  readonly region: Region;
  readonly reportedAt: Microseconds;
  readonly lay: Lay;
  /** Bytes of the blocks that were live then, with their headers. */
  readonly occupied: Bytes;
  /** Blocks and answer agree. */
  readonly exact: boolean;
}

/** @param then what was live when the device told of its regions */
export function reportedRegions(
  { regions, time }: RegionReport,
  then: BlockTable,
  redZoneBytes: Bytes,
): readonly ReportedRegion[] {
  return regions.map((region) => {
    // Heaps of other kinds and of ESP-IDF's first versions with TLSF do not cut blocks to sizes of lists: what fits the answer holds.
    const usual = checkedLay(region, then, redZoneBytes, region.end - region.start);
    const other = usual.exact ? usual : checkedLay(region, then, redZoneBytes, undefined);
    return { region, reportedAt: time, ...(other.exact ? other : usual) };
  });
}

function checkedLay(
  region: Region,
  then: BlockTable,
  extra: Bytes,
  pool: Bytes | undefined,
): Pick<ReportedRegion, "lay" | "occupied" | "exact"> {
  const bytes = region.end - region.start;
  const tables = tableBytes(bytes);
  // What is neither live nor free is the heap's own tables, or blocks that nobody told us of.
  const unaccounted = bytes - layoutOf(region, then, { extra, metadata: 0, pool }).occupied - region.free;
  const lay = { extra, metadata: Math.max(0, Math.min(unaccounted, tables)), pool };
  const { occupied, largestHole } = layoutOf(region, then, lay);
  const untold = Math.min(Math.abs(unaccounted), Math.abs(unaccounted - tables));
  return { lay, occupied, exact: untold <= MOST_UNTOLD && agreesOnLargest(largestHole, region.largestFree) };
}

/**
 * @param now what is live, at that moment or later
 * @param mostGrowth by how much more than then the region was ever filled since, as far as it was watched
 */
export function regionState(
  { region, reportedAt, lay, occupied, exact }: ReportedRegion,
  now: BlockTable,
  mostGrowth: Bytes,
): RegionState {
  const holes: FreeRange[] = [];
  const layout = layoutOf(region, now, lay, holes);
  const free = Math.max(0, Math.min(region.end - region.start, region.free + occupied - layout.occupied));
  return {
    region,
    reportedAt,
    free,
    largestFree: exact ? Math.min(layout.largestHole, free) : Math.min(free, region.largestFree),
    freeBlocks: holes.length,
    minimumFree: Math.min(free, region.minimumFree ?? region.free, Math.max(0, region.free - mostGrowth)),
    holes,
    exact,
    liveBlocks: layout.liveBlocks,
    occupied: layout.occupied,
  };
}

/**
 * The regions that can serve a request for `caps`, as heap_caps_get_info answers: sums, and the largest hole of any. The minimum is the sum of
 * the regions' own minima, as in ESP-IDF: they need not have been reached at the same time. Undefined where no region has all these bits.
 */
export function sumOfCaps(states: readonly RegionState[], caps: Caps): CapsState | undefined {
  const able = states.filter(({ region }) => serves(region.caps, caps));
  if (able.length === 0) return undefined;
  const sum = (of: (state: RegionState) => number): number => able.reduce((total, state) => total + of(state), 0);
  const total = sum(({ region }) => region.end - region.start);
  const free = sum((state) => state.free);
  return {
    caps,
    regions: able.length,
    total,
    free,
    used: total - free,
    largestFree: greatest(able.map((state) => state.largestFree)),
    freeBlocks: sum((state) => state.freeBlocks),
    minimumFree: sum((state) => state.minimumFree),
    exact: able.every((state) => state.exact),
  };
}

/** One for each capability that any region has, lowest bit first. */
export function capsStates(states: readonly RegionState[]): readonly CapsState[] {
  return Array.from({ length: 32 }, (_, bit) => sumOfCaps(states, (1 << bit) >>> 0)).filter(
    (state) => state !== undefined,
  );
}

/** ESP-IDF rounds its answer down to what the allocator's size classes can serve, by less than a sixteenth. */
function agreesOnLargest(largest: Bytes, reported: Bytes): boolean {
  return largest >= reported - HEADER_BYTES && largest <= reported + reported / 16 + SMALLEST_HOLE;
}

/** The region that contains an address. */
export function regionOf<R extends { readonly start: Address; readonly end: Address }>(
  regions: readonly R[],
  address: Address,
): R | undefined {
  return regions.find((region) => address >= region.start && address < region.end);
}

export function regionName(region: Pick<Region, "name" | "start">): string {
  const start = formatAddress(region.start);
  return region.name === undefined || region.name === "" ? start : `${region.name} ${start}`;
}
