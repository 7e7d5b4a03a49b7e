// Who holds and who churns: one row for each group of a key, with what is live at the end of a window and what happened in it.
import { likely, type Quantity } from "../base/quantity.ts";
import type { Bytes, Microseconds } from "../base/units.ts";
import type { Names } from "../detect/names.ts";
import { pickRows } from "../heap/blocks.ts";
import type { BlockFilter } from "../heap/filter.ts";
import type { HeapModel } from "../heap/model-api.ts";
import { samplingOf } from "../heap/sampling.ts";
import { BlockFlag, type Activity, type BlockTable, type GroupKey, type Window } from "../heap/types.ts";
import { viewTrouble, type TroubleView } from "./run-trouble.ts";
import { doubtAt, doubtWithin, isCertain, viewLiveSum, type Doubt, type LiveSum, type LiveView } from "./doubt.ts";
import { siteViews, type SiteView } from "./site-view.ts";

/** What of a site or group is live at the end of the window, and what it did within. */
export interface ActivityView extends LiveView {
  /** Live when all together held the most: the parts of the run's peak. */
  readonly bytesAtPeak: Quantity;
  /** The most that this one ever held, whenever that was. */
  readonly peakBytes: Quantity;
  readonly allocations: Quantity;
  readonly allocatedBytes: Quantity;
  readonly frees: Quantity;
  /** Allocations that were freed by the very next heap call of their task. */
  readonly temporaryAllocations: Quantity;
  /** Age of the oldest block that lives on. */
  readonly oldestAge: Microseconds;
}

/** A call site. Of several stacks of one place `peakBytes` is the sum of each one's most, or the run's peak if that is less. */
export interface SiteRow extends ActivityView {
  readonly site: SiteView;
}

/** Call sites, in the order that was asked for. */
export interface SitesView extends TroubleView {
  readonly window: Window;
  readonly filter?: string;
  readonly order: TopOrder;
  readonly sites: readonly SiteRow[];
  /** Rows that a limit left out. */
  readonly omittedSites: number;
}

export const TOP_ORDERS = ["live", "peak", "own-peak", "allocations", "churn"] as const;
export type TopOrder = (typeof TOP_ORDERS)[number];

const sortKeys: Record<TopOrder, (row: ActivityView) => Quantity> = {
  live: (row) => row.liveBytes,
  peak: (row) => row.bytesAtPeak,
  "own-peak": (row) => row.peakBytes,
  allocations: (row) => row.allocations,
  churn: (row) => row.allocatedBytes,
};

const COUNTED = [
  "peakBytes",
  "allocations",
  "allocatedBytes",
  "frees",
  "temporaryAllocations",
  "liveBytes",
  "liveBlocks",
] as const;

type Sums = Record<(typeof COUNTED)[number] | "oldest", number>;

interface TopQuestion {
  readonly order: TopOrder;
  readonly filter?: BlockFilter | undefined;
  readonly limit?: number;
}

/** Call sites with any activity; sites with the same name (one place, several stacks) are one row. */
export async function viewSites(
  model: HeapModel,
  names: Names,
  window: Window,
  { order, filter, limit = Infinity }: TopQuestion,
): Promise<SitesView> {
  const activity = await model.activity(window, filter);
  const viewOf = siteViews(names);
  const sites = new Map<string, SiteView>();
  const keys = Array.from({ length: activity.sites }, (_, id) => {
    const site = viewOf(id);
    if (!sites.has(site.text)) sites.set(site.text, site);
    return site.text;
  });
  const rows = await activityRows(model, window, { activity, keys, order, filter, sumsOf });
  return {
    ...viewTrouble(model),
    window,
    ...(filter !== undefined && { filter: filter.query }),
    order,
    sites: rows.slice(0, limit).map(({ key, ...row }) => ({ site: sites.get(key) ?? { text: key }, ...row })),
    omittedSites: Math.max(0, rows.length - limit),
  };

  function sumsOf({ site, size, length }: BlockTable): ReadonlyMap<string, SumOfBlocks> {
    const { weight } = samplingOf(model.tables.boots);
    const sums = new Map<string, SumOfBlocks>();
    for (let row = 0; row < length; row++) {
      const key = keys[site[row] ?? 0] ?? "";
      const { bytes, blocks } = sums.get(key) ?? { bytes: 0, blocks: 0 };
      const count = weight(size[row] ?? 0);
      sums.set(key, { bytes: bytes + (size[row] ?? 0) * count, blocks: blocks + count });
    }
    return sums;
  }
}

interface SumOfBlocks {
  readonly bytes: Bytes;
  readonly blocks: number;
}

interface ActivityQuestion {
  readonly activity: Activity;
  /** What the activity's entries are called; several may have one name. */
  readonly keys: readonly string[];
  readonly order: TopOrder;
  readonly filter: BlockFilter | undefined;
  /** The blocks of a table by the same names. */
  readonly sumsOf: (table: BlockTable) => ReadonlyMap<string, SumOfBlocks>;
}

type ActivityRow = ActivityView & { readonly key: string };

/** One for each name with any activity, in the order that is asked for. */
async function activityRows(
  model: HeapModel,
  window: Window,
  { activity, keys, order, filter, sumsOf }: ActivityQuestion,
): Promise<readonly ActivityRow[]> {
  const doubt = await doubtAt(model, window.to);
  const within = await doubtWithin(model, window);
  const live = isCertain(doubt) ? undefined : await model.liveAt(window.to, filter);
  const uncertain = live && sumsOf(pickRows(live, uncertainRows(live)));
  // What a filter of ages accepted at an earlier moment is not known: its peak is the end.
  const peak = filter?.hasAge === true ? undefined : await model.peak(window, filter);
  const atPeak = peak && sumsOf(peak.live);
  const rows = new Map<string, Sums>();
  keys.forEach((key, index) => {
    if (activity.allocations[index] === 0 && activity.liveBlocks[index] === 0 && activity.frees[index] === 0) return;
    let sums = rows.get(key);
    if (sums === undefined) rows.set(key, (sums = noSums()));
    for (const column of COUNTED) sums[column] += Math.round(activity[column][index] ?? 0);
    sums.oldest = Math.max(sums.oldest, activity.longestOngoing[index] ?? 0);
  });
  return [...rows]
    .map(([key, sums]): ActivityRow => ({
      key,
      ...viewLiveSum(
        {
          bytes: sums.liveBytes,
          blocks: sums.liveBlocks,
          certainBytes: sums.liveBytes - (uncertain?.get(key)?.bytes ?? 0),
          certainBlocks: sums.liveBlocks - (uncertain?.get(key)?.blocks ?? 0),
        },
        doubt,
      ),
      bytesAtPeak: within.about(atPeak === undefined ? sums.liveBytes : (atPeak.get(key)?.bytes ?? 0)),
      // The sum over the stacks of one place may be more than the whole ever was; the place was not.
      peakBytes: within.about(Math.min(sums.peakBytes, Math.round(peak?.bytes ?? Infinity))),
      allocations: within.count(sums.allocations),
      allocatedBytes: within.countBytes(sums.allocatedBytes),
      frees: within.count(sums.frees),
      temporaryAllocations: within.about(sums.temporaryAllocations),
      oldestAge: sums.oldest,
    }))
    .sort((a, b) => likely(sortKeys[order](b)) - likely(sortKeys[order](a)));
}

function noSums(): Sums {
  return {
    peakBytes: 0,
    allocations: 0,
    allocatedBytes: 0,
    frees: 0,
    temporaryAllocations: 0,
    liveBytes: 0,
    liveBlocks: 0,
    oldest: 0,
  };
}

function uncertainRows({ flags, length }: BlockTable): number[] {
  const rows: number[] = [];
  for (let row = 0; row < length; row++) if (((flags[row] ?? 0) & BlockFlag.UNCERTAIN) !== 0) rows.push(row);
  return rows;
}

/** Blocks that have something in common. */
export interface GroupRow extends ActivityView {
  readonly key: string;
  /** Of the bytes of all groups that are live, 0 to 1. */
  readonly share: number;
}

/** Blocks by what they have in common, in the order that was asked for. */
export interface GroupsView extends TroubleView {
  readonly window: Window;
  /** The window's end. */
  readonly time: Microseconds;
  readonly filter?: string;
  readonly by: GroupKey;
  readonly order: TopOrder;
  readonly groups: readonly GroupRow[];
  /** Rows that a limit left out. */
  readonly omittedGroups: number;
}

export async function viewGroups(
  model: HeapModel,
  window: Window,
  { by, order, filter, limit = Infinity }: TopQuestion & { readonly by: GroupKey },
): Promise<GroupsView> {
  const { keys, ...activity } = await model.groupActivity(by, window, filter);
  const sumsOf = (table: BlockTable): ReadonlyMap<string, SumOfBlocks> =>
    new Map(model.group(table, by).map((group) => [group.key, group]));
  const rows = await activityRows(model, window, { activity, keys, order, filter, sumsOf });
  const total = rows.reduce((sum, { liveBytes }) => sum + likely(liveBytes), 0);
  return {
    ...viewTrouble(model),
    window,
    time: window.to,
    ...(filter !== undefined && { filter: filter.query }),
    by,
    order,
    groups: rows.slice(0, limit).map((row) => ({ ...row, share: total === 0 ? 0 : likely(row.liveBytes) / total })),
    omittedGroups: Math.max(0, rows.length - limit),
  };
}

/** Live blocks that have something in common. */
export interface GroupSum extends LiveSum {
  readonly key: string;
  /** Birth of the oldest block. */
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
