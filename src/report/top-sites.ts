// Who holds and who churns: one row for each group of a key, with what is live at the end of a window and what happened in it.
import type { Bytes, Microseconds } from "../base/units.ts";
import type { Names } from "../detect/names.ts";
import type { BlockFilter } from "../heap/filter.ts";
import type { HeapModel } from "../heap/model-api.ts";
import type { GroupKey, Window } from "../heap/types.ts";

export interface SiteRow {
  readonly where: string;
  readonly liveBytes: Bytes;
  readonly liveBlocks: number;
  readonly peakBytes: Bytes;
  readonly allocations: number;
  readonly allocatedBytes: Bytes;
  readonly frees: number;
  readonly temporary: number;
  /** Of the oldest block that lives on, in microseconds. */
  readonly oldest: Microseconds;
}

export type SiteOrder = "live" | "peak" | "allocations" | "churn";

const orders: Record<SiteOrder, (row: SiteRow) => number> = {
  live: (row) => row.liveBytes,
  peak: (row) => row.peakBytes,
  allocations: (row) => row.allocations,
  churn: (row) => row.allocatedBytes,
};

/** Call sites with any activity; sites with the same name (one place, several stacks) are one row. */
export async function topSites(
  model: HeapModel,
  names: Names,
  window: Window,
  order: SiteOrder,
  filter?: BlockFilter,
): Promise<readonly SiteRow[]> {
  const activity = await model.activity(window, filter);
  const rows = new Map<string, SiteRow>();
  for (let site = 0; site < activity.sites; site++) {
    const at = (column: Float64Array): number => column[site] ?? 0;
    const whole = (column: Float64Array): number => Math.round(at(column));
    if (at(activity.allocations) === 0 && at(activity.liveBlocks) === 0 && at(activity.frees) === 0) continue;
    const where = names.site(site).text;
    const before = rows.get(where);
    rows.set(where, {
      where,
      liveBytes: whole(activity.liveBytes) + (before?.liveBytes ?? 0),
      liveBlocks: whole(activity.liveBlocks) + (before?.liveBlocks ?? 0),
      peakBytes: whole(activity.peakBytes) + (before?.peakBytes ?? 0),
      allocations: whole(activity.allocations) + (before?.allocations ?? 0),
      allocatedBytes: whole(activity.allocatedBytes) + (before?.allocatedBytes ?? 0),
      frees: whole(activity.frees) + (before?.frees ?? 0),
      temporary: whole(activity.temporary) + (before?.temporary ?? 0),
      oldest: Math.max(at(activity.longestOngoing), before?.oldest ?? 0),
    });
  }
  return [...rows.values()].sort((a, b) => orders[order](b) - orders[order](a));
}

export interface GroupRow {
  readonly key: string;
  readonly blocks: number;
  readonly bytes: Bytes;
  readonly share: number;
  readonly oldest: Microseconds;
}

/** Live blocks at a moment, summed by any key. */
export async function topGroups(
  model: HeapModel,
  by: GroupKey,
  time: Microseconds,
  filter?: BlockFilter,
): Promise<readonly GroupRow[]> {
  const live = await model.liveAt(time, filter);
  const groups = model.group(live, by);
  const total = groups.reduce((sum, group) => sum + group.bytes, 0);
  return groups.map(({ key, blocks, bytes, oldest }) => ({
    key,
    blocks,
    bytes,
    share: total === 0 ? 0 : bytes / total,
    oldest: time - oldest,
  }));
}
