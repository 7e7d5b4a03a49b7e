// Who holds and who churns: one row for each group of a key, with what is live at the end of a window and what happened in it.
import { likely, type Quantity } from "../base/quantity.ts";
import type { Microseconds } from "../base/units.ts";
import type { Names } from "../detect/names.ts";
import { pickRows } from "../heap/blocks.ts";
import type { BlockFilter } from "../heap/filter.ts";
import type { HeapModel } from "../heap/model-api.ts";
import { BlockFlag, type BlockTable, type GroupKey, type Window } from "../heap/types.ts";
import { viewTrouble, type RunView } from "./run-trouble.ts";
import { doubtAt, doubtWithin, isCertain, viewLiveSum, type Doubt, type LiveSum, type LiveView } from "./doubt.ts";
import { viewSite, type SiteView } from "./site-view.ts";

/** A call site: what of it is live at the end of the window, and what it did within. */
export interface SiteRow extends LiveView {
  readonly site: SiteView;
  /** Live when all sites together held the most: the parts of the run's peak. */
  readonly bytesAtPeak: Quantity;
  /** The most that this site ever held, whenever that was. Of several stacks of one place no more is known than the sum of each one's most. */
  readonly peakBytes: Quantity;
  readonly allocations: Quantity;
  readonly allocatedBytes: Quantity;
  readonly frees: Quantity;
  /** Allocations that were freed by the very next heap call of their task. */
  readonly temporaryAllocations: Quantity;
  /** Age of the oldest block that lives on. */
  readonly oldestAge: Microseconds;
}

/** Call sites, in the order that was asked for. */
export interface SitesView extends RunView {
  readonly window: Window;
  readonly filter?: string;
  readonly order: SiteOrder;
  readonly sites: readonly SiteRow[];
  /** Rows that a limit left out. */
  readonly omittedSites: number;
}

export const siteOrders = ["live", "peak", "own-peak", "allocations", "churn"] as const;
export type SiteOrder = (typeof siteOrders)[number];

const sortKeys: Record<SiteOrder, (row: SiteRow) => Quantity> = {
  live: (row) => row.liveBytes,
  peak: (row) => row.bytesAtPeak,
  "own-peak": (row) => row.peakBytes,
  allocations: (row) => row.allocations,
  churn: (row) => row.allocatedBytes,
};

const counted = [
  "peakBytes",
  "allocations",
  "allocatedBytes",
  "frees",
  "temporary",
  "liveBytes",
  "liveBlocks",
] as const;

type Sums = Record<(typeof counted)[number] | "atPeak" | "uncertainBytes" | "uncertainBlocks" | "oldest", number>;

/** Call sites with any activity; sites with the same name (one place, several stacks) are one row. */
export async function viewSites(
  model: HeapModel,
  names: Names,
  window: Window,
  { order, filter, limit = Infinity }: { order: SiteOrder; filter?: BlockFilter | undefined; limit?: number },
): Promise<SitesView> {
  const activity = await model.activity(window, filter);
  const doubt = await doubtAt(model, window.to);
  const within = await doubtWithin(model, window);
  const uncertain = isCertain(doubt)
    ? undefined
    : uncertainBySite(await model.liveAt(window.to, filter), activity.sites);
  // What a filter of ages accepted at an earlier moment is not known: its peak is the end.
  const peak = filter?.hasAge === true ? undefined : await model.peak(window, filter);
  const atPeak = new Map<number, number>();
  if (peak !== undefined) {
    const { weight } = await doubtAt(model, peak.time);
    const { site: siteOf, size: sizes, length } = peak.live;
    for (let row = 0; row < length; row++) {
      const [site, size] = [siteOf[row] ?? 0, sizes[row] ?? 0];
      atPeak.set(site, (atPeak.get(site) ?? 0) + size * weight(size));
    }
  }
  const rows = new Map<string, { readonly site: SiteView; readonly sums: Sums }>();
  for (let id = 0; id < activity.sites; id++) {
    if (activity.allocations[id] === 0 && activity.liveBlocks[id] === 0 && activity.frees[id] === 0) continue;
    const site = viewSite(names, id);
    let row = rows.get(site.text);
    if (row === undefined) rows.set(site.text, (row = { site, sums: noSums() }));
    const { sums } = row;
    for (const key of counted) sums[key] += Math.round(activity[key][id] ?? 0);
    sums.atPeak += Math.round(peak === undefined ? (activity.liveBytes[id] ?? 0) : (atPeak.get(id) ?? 0));
    sums.uncertainBytes += uncertain?.bytes[id] ?? 0;
    sums.uncertainBlocks += uncertain?.blocks[id] ?? 0;
    sums.oldest = Math.max(sums.oldest, activity.longestOngoing[id] ?? 0);
  }
  const sites = [...rows.values()]
    .map(({ site, sums }): SiteRow => ({
      site,
      ...viewLiveSum(
        {
          bytes: sums.liveBytes,
          blocks: sums.liveBlocks,
          certainBytes: sums.liveBytes - sums.uncertainBytes,
          certainBlocks: sums.liveBlocks - sums.uncertainBlocks,
        },
        doubt,
      ),
      bytesAtPeak: within.about(sums.atPeak),
      // The sum over the stacks of one place may be more than the whole ever was; the place was not.
      peakBytes: within.about(peak === undefined ? sums.peakBytes : Math.min(sums.peakBytes, Math.round(peak.bytes))),
      allocations: within.count(sums.allocations),
      allocatedBytes: within.countBytes(sums.allocatedBytes),
      frees: within.count(sums.frees),
      temporaryAllocations: within.about(sums.temporary),
      oldestAge: sums.oldest,
    }))
    .sort((a, b) => likely(sortKeys[order](b)) - likely(sortKeys[order](a)));
  return {
    ...viewTrouble(model),
    window,
    ...(filter !== undefined && { filter: filter.query }),
    order,
    sites: sites.slice(0, limit),
    omittedSites: Math.max(0, sites.length - limit),
  };
}

function noSums(): Sums {
  return {
    peakBytes: 0,
    atPeak: 0,
    allocations: 0,
    allocatedBytes: 0,
    frees: 0,
    temporary: 0,
    liveBytes: 0,
    liveBlocks: 0,
    uncertainBytes: 0,
    uncertainBlocks: 0,
    oldest: 0,
  };
}

function uncertainBySite(
  live: BlockTable,
  sites: number,
): { readonly bytes: Float64Array; readonly blocks: Float64Array } {
  const bytes = new Float64Array(sites);
  const blocks = new Float64Array(sites);
  for (const row of uncertainRows(live)) {
    const site = live.site[row] ?? 0;
    bytes[site] = (bytes[site] ?? 0) + (live.size[row] ?? 0);
    blocks[site] = (blocks[site] ?? 0) + 1;
  }
  return { bytes, blocks };
}

function uncertainRows({ flags, length }: BlockTable): number[] {
  const rows: number[] = [];
  for (let row = 0; row < length; row++) if (((flags[row] ?? 0) & BlockFlag.UNCERTAIN) !== 0) rows.push(row);
  return rows;
}

/** Live blocks that have something in common. */
export interface GroupRow extends LiveView {
  readonly key: string;
  /** Of the bytes of all groups, 0 to 1. */
  readonly share: number;
  /** Age of the oldest block. */
  readonly oldestAge: Microseconds;
}

/** Live blocks at a moment, summed by a key. */
export interface GroupsView extends RunView {
  readonly time: Microseconds;
  readonly filter?: string;
  readonly by: GroupKey;
  readonly groups: readonly GroupRow[];
  /** Rows that a limit left out. */
  readonly omittedGroups: number;
}

export async function viewGroups(
  model: HeapModel,
  time: Microseconds,
  { by, filter, limit = Infinity }: { by: GroupKey; filter?: BlockFilter | undefined; limit?: number },
): Promise<GroupsView> {
  const live = await model.liveAt(time, filter);
  const doubt = await doubtAt(model, time);
  const groups = groupSums(model, live, by, doubt);
  const total = groups.reduce((sum, group) => sum + group.bytes, 0);
  return {
    ...viewTrouble(model),
    time,
    ...(filter !== undefined && { filter: filter.query }),
    by,
    groups: groups.slice(0, limit).map(({ key, oldest, ...sum }) => ({
      key,
      ...viewLiveSum(sum, doubt),
      share: total === 0 ? 0 : sum.bytes / total,
      oldestAge: time - oldest,
    })),
    omittedGroups: Math.max(0, groups.length - limit),
  };
}

/** Live blocks that have something in common. */
export interface GroupSum extends LiveSum {
  readonly key: string;
  readonly oldest: Microseconds;
}

/** Most bytes first. */
export function groupSums(model: HeapModel, live: BlockTable, by: GroupKey, doubt: Doubt): readonly GroupSum[] {
  const inDoubt = isCertain(doubt) ? [] : model.group(pickRows(live, uncertainRows(live)), by);
  const uncertain = new Map(inDoubt.map((group) => [group.key, group]));
  return model.group(live, by).map(({ key, blocks, bytes, oldest }) => ({
    key,
    oldest,
    bytes,
    blocks,
    certainBytes: bytes - (uncertain.get(key)?.bytes ?? 0),
    certainBlocks: blocks - (uncertain.get(key)?.blocks ?? 0),
  }));
}
