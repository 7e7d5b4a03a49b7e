// The address space of each region as a row of equal cells: how full each is and which site holds most of it.
import { greatest } from "../base/values.ts";
import type { Address, Bytes, Microseconds } from "../base/units.ts";
import type { Names } from "../detect/names.ts";
import type { HeapModel } from "../heap/model-api.ts";
import type { BlockTable, RegionState } from "../heap/types.ts";
import { viewTrouble, type TroubleView } from "./run-trouble.ts";
import { liveBlocks, type LiveQuestion } from "./live-list.ts";
import { regionDoubt, viewRegion, type RegionView } from "./memory-view.ts";
import { siteViews, type SiteView } from "./site-view.ts";

/** A stretch of a region. */
export interface CellView {
  readonly start: Address;
  /** How much of it is in live blocks, 0 to 1. */
  readonly share: number;
  /** Inside the region's largest hole; never where it is not known which memory is free. */
  readonly inLargestFree: boolean;
  /** No block is known here, but the device uses memory that the stream does not show: it may be used or free. */
  readonly mayBeUsed: boolean;
  /** Holds most bytes of the cell; absent for free cells. */
  readonly site?: SiteView;
}

export interface RegionMapView extends RegionView {
  readonly cellBytes: Bytes;
  readonly cells: readonly CellView[];
}

export interface HeapMapView extends TroubleView {
  readonly time: Microseconds;
  readonly filter?: string;
  /** Only blocks that were born at or after this moment. */
  readonly bornSince?: Microseconds;
  readonly regions: readonly RegionMapView[];
}

/** @param cells at most so many for the largest region; smaller regions get their share, at least one */
export async function viewHeapMap(
  model: HeapModel,
  names: Names,
  question: Pick<LiveQuestion, "time" | "filter" | "bornSince">,
  cells: number,
): Promise<HeapMapView> {
  const { time, filter, bornSince } = question;
  const states = await model.regionsAt(time);
  const live = await liveBlocks(model, question);
  const isDoubtful = await regionDoubt(model, time);
  const siteOf = siteViews(names);
  const largest = greatest(
    states.map(({ region }) => region.end - region.start),
    1,
  );
  const cellBytes = Math.max(16, Math.ceil(largest / cells / 16) * 16);
  return {
    ...viewTrouble(model),
    time,
    ...(filter !== undefined && { filter: filter.query }),
    ...(bornSince !== undefined && { bornSince }),
    regions: states.map((state) => ({
      ...viewRegion(state, isDoubtful),
      cellBytes,
      cells: viewCells(state, live, siteOf, cellBytes, !state.exact || isDoubtful(state.reportedAt)),
    })),
  };
}

function viewCells(
  state: RegionState,
  live: BlockTable,
  siteOf: (site: number) => SiteView,
  cellBytes: Bytes,
  isBlind: boolean,
): readonly CellView[] {
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
  return holders.map((bySite, index) => {
    const start = region.start + index * cellBytes;
    const [top] = [...bySite].sort(([, a], [, b]) => b - a);
    const used = [...bySite.values()].reduce((sum, bytes) => sum + bytes, 0);
    return {
      start,
      share: Math.min(1, used / Math.min(cellBytes, region.end - start)),
      mayBeUsed: isBlind && used === 0,
      inLargestFree: !isBlind && hole.bytes > 0 && start < hole.start + hole.bytes && start + cellBytes > hole.start,
      ...(top !== undefined && { site: siteOf(top[0]) }),
    };
  });
}
