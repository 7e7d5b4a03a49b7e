// The address space of each region as a row of equal cells: how full each is and which site holds most of it.
import type { Address, Bytes, Microseconds } from "../base/units.ts";
import type { Names } from "../detect/names.ts";
import { regionName } from "../heap/regions.ts";
import type { BlockTable, RegionState } from "../heap/types.ts";

export interface MapCell {
  readonly start: Address;
  /** 0 free … 1 all in live blocks. */
  readonly fill: number;
  /** Inside the region's largest hole. */
  readonly largestHole: boolean;
  /** Site that holds most bytes of the cell; undefined for free cells. */
  readonly where?: string;
}

export interface RegionMap {
  readonly name: string;
  readonly start: Address;
  readonly end: Address;
  readonly cellBytes: Bytes;
  readonly free: Bytes;
  readonly largestFree: Bytes;
  readonly freeBlocks: number;
  readonly exact: boolean;
  readonly cells: readonly MapCell[];
}

export interface HeapMap {
  readonly time: Microseconds;
  readonly regions: readonly RegionMap[];
}

/** @param cells at most so many for the largest region; smaller regions get their share, at least one */
export function viewHeapMap(
  states: readonly RegionState[],
  live: BlockTable,
  names: Names,
  time: Microseconds,
  cells: number,
): HeapMap {
  const largest = Math.max(1, ...states.map(({ region }) => region.end - region.start));
  const cellBytes = Math.max(16, Math.ceil(largest / cells / 16) * 16);
  return { time, regions: states.map((state) => viewRegion(state, live, names, cellBytes)) };
}

function viewRegion(state: RegionState, live: BlockTable, names: Names, cellBytes: Bytes): RegionMap {
  const { region, holes } = state;
  const count = Math.max(1, Math.ceil((region.end - region.start) / cellBytes));
  const holders = Array.from({ length: count }, () => new Map<number, number>());
  for (let row = 0; row < live.length; row++) {
    const from = live.address[row] ?? 0;
    if (from < region.start || from >= region.end) continue;
    const to = Math.min(region.end, from + (live.size[row] ?? 0));
    const site = live.site[row] ?? 0;
    for (let cell = Math.floor((from - region.start) / cellBytes); cell < count; cell++) {
      const start = region.start + cell * cellBytes;
      if (start >= to) break;
      const part = Math.min(to, start + cellBytes) - Math.max(from, start);
      holders[cell]?.set(site, (holders[cell]?.get(site) ?? 0) + part);
    }
  }
  const hole = holes.reduce((best, one) => (one.bytes > best.bytes ? one : best), { start: 0, bytes: 0 });
  return {
    name: regionName(region),
    start: region.start,
    end: region.end,
    cellBytes,
    free: state.free,
    largestFree: state.largestFree,
    freeBlocks: state.freeBlocks,
    exact: state.exact,
    cells: holders.map((bySite, index) => {
      const start = region.start + index * cellBytes;
      const [top] = [...bySite].sort(([, a], [, b]) => b - a);
      const used = [...bySite.values()].reduce((sum, bytes) => sum + bytes, 0);
      return {
        start,
        fill: Math.min(1, used / Math.min(cellBytes, region.end - start)),
        largestHole: hole.bytes > 0 && start < hole.start + hole.bytes && start + cellBytes > hole.start,
        ...(top !== undefined && { where: names.site(top[0]).text }),
      };
    }),
  };
}
