/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// The heap map at a moment, in columns that can be drawn as they are: regions, live blocks with what they take, holes, and the blocks that keep
// holes apart. 20,000 blocks are a few milliseconds.
import { countBelow } from "../base/bisect.ts";
import type { Address, Bytes, Caps, Microseconds } from "../base/units.ts";
import { inTextOrder } from "../base/order.ts";
import { eachWall } from "../detect/fragmentation.ts";
import type { BlockFilter } from "../heap/filter.ts";
import { blockEnd } from "../heap/regions.ts";
import type { BlockTable, RegionState } from "../heap/types.ts";
import { groupNamer, type Asked, type Dimension } from "./asked.ts";
import { columnBytes, Columns } from "./columns.ts";

export interface MapRegion {
  readonly name: string;
  readonly start: Address;
  readonly end: Address;
  readonly caps: Caps;
  readonly free: Bytes;
  readonly largestFree: Bytes;
  readonly freeBlocks: number;
  readonly minimumFree: Bytes;
  readonly liveBlocks: number;
  /** False where blocks exist that the stream does not show: a hole larger than `largestFree` is then not all free. */
  readonly exact: boolean;
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
  readonly born: Float64Array;
  /** When the first block of its realloc chain was allocated. */
  readonly origin: Float64Array;
  readonly flags: Uint8Array;
  /** Index into `siteNames` and `siteComponents`, and into `taskNames`. */
  readonly site: Uint32Array;
  readonly task: Uint32Array;
  /** By how much the larger of the holes beside it would grow without it and its like; 0 where it keeps nothing apart. */
  readonly gain: Float64Array;
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

/** Bytes of an entry in each column of blocks, and of holes. */
const BLOCK_COLUMNS = [8, 8, 8, 8, 4, 4, 4, 4, 1, 1];
const HOLE_COLUMNS = [8, 4, 1];

/** A hole may be this much larger than the device says, by headers and the rounding of its answer. */
const SEAM = 64;
/** Without the device's word on regions: addresses this far apart belong to different ones. */
const APART = 1 << 20;

export async function viewBlockMap(
  asked: Asked,
  time: Microseconds,
  filter: BlockFilter | undefined,
): Promise<BlockMap> {
  const { model } = asked;
  // By address, as blocks and holes are: a device tells of its regions in the order of their capabilities.
  const { blocks: live, regions } = await model.momentAt(time);
  const states = [...regions].sort((a, b) => a.region.start - b.region.start);
  const redZone = model.tables.boots.findLast(({ startedAt }) => startedAt <= time)?.redZoneBytes ?? 0;
  const componentOf = groupNamer(asked, "component");
  const { length } = live;
  const holes = states.reduce((sum, state) => sum + state.holes.length, 0);
  const room = columnBytes(length, BLOCK_COLUMNS) + columnBytes(holes, HOLE_COLUMNS);
  const columns = new Columns(asked.buffers?.take(room) ?? new ArrayBuffer(room));
  const map = {
    end: columns.float64(length),
    born: columns.float64(length),
    origin: columns.float64(length),
    gain: columns.float64(length),
    address: columns.uint32(length),
    size: columns.uint32(length),
    site: columns.uint32(length),
    task: columns.uint32(length),
    flags: columns.uint8(length),
    dimmed: columns.uint8(length),
    holeBytes: columns.float64(holes),
    holeStart: columns.uint32(holes),
    holeUnknown: columns.uint8(holes),
  };
  for (const name of ["address", "size", "born", "origin", "flags"] as const) map[name].set(live[name]);
  for (let i = 0; i < length; i++) {
    map.end[i] = blockEnd(live.address[i]!, live.size[i]!, redZone);
    const context = live.task[i]! * 4 + live.core[i]!;
    const isAccepted =
      filter === undefined ||
      filter.accepts(live.address[i]!, live.size[i]!, live.site[i]!, context, live.born[i]!, time);
    map.dimmed[i] = isAccepted ? 0 : 1;
  }
  setGains(map.gain, states, live);
  let at = 0;
  for (const state of states) {
    for (const { start, bytes } of state.holes) {
      map.holeStart[at] = start;
      map.holeBytes[at] = bytes;
      map.holeUnknown[at++] = isUnknown(state, bytes) ? 1 : 0;
    }
  }
  const sites = numberInto(map.site, live.site);
  const tasks = numberInto(map.task, live.task);
  return {
    time,
    redZoneBytes: redZone,
    regions: states.length === 0 ? regionsFrom(live) : states.map(viewMapRegion),
    length,
    ...map,
    siteNames: sites.map((id) => asked.names.site(id).text),
    siteComponents: sites.map((id) => componentOf(id, 0)),
    taskNames: tasks.map((id) => asked.names.task(id)),
  };
}

function isUnknown({ exact, largestFree }: RegionState, bytes: Bytes): boolean {
  return !exact && bytes > largestFree + SEAM;
}

function viewMapRegion({ region, ...state }: RegionState): MapRegion {
  const { free, largestFree, freeBlocks, minimumFree, liveBlocks, exact } = state;
  return {
    name: region.name ?? "",
    start: region.start,
    end: region.end,
    caps: region.caps,
    free,
    largestFree,
    freeBlocks,
    minimumFree,
    liveBlocks,
    exact,
  };
}

/** Where the device told of no region: one around each group of blocks, of which nothing but the blocks is known. */
function regionsFrom(live: BlockTable): readonly MapRegion[] {
  const regions: MapRegion[] = [];
  let first = 0;
  for (let i = 0; i < live.length; i++) {
    const next = live.address[i + 1];
    if (next !== undefined && next - live.address[i]! < APART) continue;
    const start = Math.floor(live.address[first]! / 1024) * 1024;
    const end = Math.ceil((live.address[i]! + live.size[i]!) / 1024) * 1024;
    regions.push({
      name: "heap",
      start,
      end,
      caps: 0,
      free: NaN,
      largestFree: NaN,
      freeBlocks: NaN,
      minimumFree: NaN,
      liveBlocks: i + 1 - first,
      exact: false,
    });
    first = i + 1;
  }
  return regions;
}

/** Blocks of a map by what they have in common: a number for each block, names by number, most bytes first. */
export interface MapGroups {
  readonly group: Uint32Array;
  readonly names: readonly string[];
  readonly bytes: Float64Array;
  readonly blocks: Float64Array;
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
    bytes: Float64Array.from(order, (at) => bytes[at]!),
    blocks: Float64Array.from(order, (at) => blocks[at]!),
  };
}

/** Small numbers in place of ids, in the order in which they come; returns the ids. */
function numberInto(column: Uint32Array, ids: Uint32Array | Uint16Array): readonly number[] {
  const order: number[] = [];
  let most = 0;
  for (let i = 0; i < column.length; i++) if (ids[i]! > most) most = ids[i]!;
  /** One more than the number of each id that has one. */
  const numbers = new Uint32Array(most + 1);
  for (let i = 0; i < column.length; i++) {
    const id = ids[i]!;
    if (numbers[id] === 0) numbers[id] = order.push(id);
    column[i] = numbers[id]! - 1;
  }
  return order;
}

function setGains(column: Float64Array, states: readonly RegionState[], live: BlockTable): void {
  column.fill(0);
  for (const state of states) {
    eachWall(state, live, (_hole, first, end, _bytes, gain) => {
      for (let row = first; row < end; row++) column[row] = Math.max(column[row]!, gain);
    });
  }
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
