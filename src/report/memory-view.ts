// What each region and each capability has: size, used, free, holes, the least that was ever free; as heap_caps_get_info() would answer.
import type { Bytes, Caps } from "../base/units.ts";
import type { HeapModel } from "../heap/model-api.ts";
import { capsStates, regionName, sumOfCaps } from "../heap/regions.ts";
import type { RegionState } from "../heap/types.ts";
import { formatCaps } from "../wire/caps.ts";

export interface MemoryRow {
  /** Of the region, or capabilities as ESP-IDF calls them, without MALLOC_CAP_. */
  readonly name: string;
  readonly total: Bytes;
  readonly used: Bytes;
  readonly free: Bytes;
  readonly largestFree: Bytes;
  readonly freeBlocks: number;
  /** The least that was free since boot; of capabilities the sum over their regions, which need not have been there at one time. */
  readonly minimumFree: Bytes;
  /** False where blocks exist that the stream does not show: largest hole and number of holes are estimates. */
  readonly exact: boolean;
}

export interface CapsRow extends MemoryRow {
  readonly caps: Caps;
  /** Regions that have all of these capabilities. */
  readonly regions: number;
}

export function viewRegion(state: RegionState): MemoryRow {
  const { region, free, largestFree, freeBlocks, minimumFree, exact } = state;
  const total = region.end - region.start;
  return { name: regionName(region), total, used: total - free, free, largestFree, freeBlocks, minimumFree, exact };
}

/** Each single capability that a region has, then the combinations that the firmware asks for. */
export function viewCaps({ tables }: HeapModel, states: readonly RegionState[]): readonly CapsRow[] {
  const single = capsStates(states);
  const known = new Set([0, ...single.map(({ caps }) => caps)]);
  const asked = new Set(tables.sites.map(({ caps }) => caps >>> 0).filter((caps) => !known.has(caps)));
  const combined = [...asked].sort((a, b) => a - b).map((caps) => sumOfCaps(states, caps));
  return [...single, ...combined]
    .filter((state) => state !== undefined)
    .map((state) => ({ name: formatCaps(state.caps), ...state }));
}
