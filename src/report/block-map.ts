/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// The heap map at a moment, in columns that can be drawn as they are, and what the page finds in it: groups, neighbours, the block at an address.
import { countBelow } from "../base/bisect.ts";
import type { Quantity } from "../base/quantity.ts";
import type { Address, Bytes, Caps, Microseconds } from "../base/units.ts";
import { inTextOrder } from "../base/order.ts";
import type { Dimension } from "./asked.ts";
import type { RegionView } from "./memory-view.ts";

/** Where `largestFreeBytes` is no exact number, a hole that is larger is not all free. */
export interface MapRegion extends RegionView {
  readonly capBits: Caps;
  readonly liveBlocks: Quantity;
}

/** All columns lie in one buffer. */
export interface BlockMap {
  readonly time: Microseconds;
  readonly regions: readonly MapRegion[];
  /** Red zone bytes that the probe asks for on top of each request. */
  readonly redZoneBytes: Bytes;
  /** Live blocks by address; the columns below have an entry for each. */
  readonly length: number;
  readonly address: Uint32Array<ArrayBuffer>;
  /** Bytes asked for. */
  readonly size: Uint32Array;
  /** First byte behind the block, red zone and rounding included. */
  readonly end: Float64Array;
  /** When it was allocated, reallocs not counted; and when it was last, by a realloc or not. */
  readonly born: Float64Array;
  readonly lastBorn: Float64Array;
  readonly flags: Uint8Array;
  /** Index into `siteNames` and `siteComponents`, and into `taskNames`. */
  readonly site: Uint32Array;
  readonly task: Uint32Array;
  /** By how much the larger of the holes beside it would grow without it and its like; 0 where it keeps nothing apart. */
  readonly gainBytes: Float64Array;
  /** 1 where the filter refuses it. */
  readonly dimmed: Uint8Array;
  readonly siteNames: readonly string[];
  readonly siteComponents: readonly string[];
  readonly taskNames: readonly string[];
  /** Holes between live blocks, by address: usable bytes of each. */
  readonly holeStart: Uint32Array;
  readonly holeBytes: Float64Array;
  /** 1 where the hole is larger than what the device calls its largest: something that the stream does not show stands in it. */
  readonly holeUnknown: Uint8Array;
}

/** A hole may be this much larger than the device says, by headers and the rounding of its answer. */
export const SEAM = 64;
/** Blocks of a map by what they have in common: a number for each block, names by number, most bytes first. */
export interface MapGroups {
  readonly group: Uint32Array;
  readonly names: readonly string[];
  readonly liveBytes: Float64Array;
  readonly liveBlocks: Float64Array;
}

export function groupMap(map: BlockMap, by: Dimension): MapGroups {
  const index = new Map<string, number>();
  const names = by === "task" ? map.taskNames : by === "site" ? map.siteNames : map.siteComponents;
  const column = by === "task" ? map.task : map.site;
  const groupOf = Uint32Array.from(names, (name) => {
    let at = index.get(name);
    if (at === undefined) index.set(name, (at = index.size));
    return at;
  });
  const bytes = new Float64Array(index.size);
  const blocks = new Float64Array(index.size);
  for (let i = 0; i < map.length; i++) {
    const at = groupOf[column[i]!]!;
    bytes[at]! += map.size[i]!;
    blocks[at]! += 1;
  }
  const all = [...index.keys()];
  const group = new Uint32Array(map.length);
  const order = all.map((_, i) => i).sort((a, b) => bytes[b]! - bytes[a]! || inTextOrder(all[a]!, all[b]!));
  const rank = new Uint32Array(order.length);
  order.forEach((from, to) => (rank[from] = to));
  for (let i = 0; i < map.length; i++) group[i] = rank[groupOf[column[i]!]!]!;
  return {
    group,
    names: order.map((at) => all[at]!),
    liveBytes: Float64Array.from(order, (at) => bytes[at]!),
    liveBlocks: Float64Array.from(order, (at) => blocks[at]!),
  };
}

export interface Neighbours {
  /** Bytes of the hole directly before and behind; undefined where a block or nothing known is there. */
  readonly holeBefore?: Bytes;
  readonly holeAfter?: Bytes;
  /** Rows of the blocks before and behind. */
  readonly before?: number;
  readonly after?: number;
  /** Usable bytes in one piece if this block were gone. */
  readonly without: Bytes;
}

/** What lies around a block of the map. */
export function neighboursOf(map: BlockMap, row: number): Neighbours {
  const start = map.address[row]!;
  const end = map.end[row]!;
  const region = map.regions.find((one) => start >= one.start && start < one.end);
  const isInside = (other: number): boolean =>
    other >= 0 &&
    other < map.length &&
    (region === undefined || (map.address[other]! >= region.start && map.address[other]! < region.end));
  let holeBefore: Bytes | undefined;
  let holeAfter: Bytes | undefined;
  for (
    let i = countBelow(map.holeStart, start) - 1;
    i <= countBelow(map.holeStart, end) && i < map.holeStart.length;
    i++
  ) {
    if (i < 0 || map.holeUnknown[i] === 1) continue;
    const at = map.holeStart[i]!;
    if (at < start && start - (at + map.holeBytes[i]!) <= SEAM) holeBefore = map.holeBytes[i]!;
    if (at >= end && at - end <= SEAM) holeAfter = map.holeBytes[i]!;
  }
  const header = 4;
  return {
    ...(holeBefore !== undefined && { holeBefore }),
    ...(holeAfter !== undefined && { holeAfter }),
    ...(isInside(row - 1) && { before: row - 1 }),
    ...(isInside(row + 1) && { after: row + 1 }),
    without:
      end -
      start +
      (holeBefore === undefined ? 0 : holeBefore + header) +
      (holeAfter === undefined ? 0 : holeAfter + header),
  };
}

/** The row of the block that covers an address; -1 where none does. */
export function rowAt(map: Pick<BlockMap, "address" | "end" | "length">, address: Address): number {
  const row = countBelow(map.address, address + 1) - 1;
  return row >= 0 && address < map.end[row]! ? row : -1;
}

/** The row of the hole that covers an address; -1 where none does. */
export function holeAt(map: Pick<BlockMap, "holeStart" | "holeBytes">, address: Address): number {
  const row = countBelow(map.holeStart, address + 1) - 1;
  return row >= 0 && address < map.holeStart[row]! + map.holeBytes[row]! ? row : -1;
}
