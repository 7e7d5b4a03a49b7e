/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// A stretch of the table of call sites: what each holds at the end of a range and what it did within.
import type { Bytes, Microseconds } from "../base/units.ts";
import type { BlockFilter } from "../heap/filter.ts";
import type { SiteActivity, Window } from "../heap/types.ts";
import type { Asked } from "./asked.ts";

export interface SiteTableRow {
  readonly where: string;
  readonly file?: string;
  readonly line?: number;
  readonly liveBytes: Bytes;
  readonly liveBlocks: number;
  readonly peakBytes: Bytes;
  readonly allocations: number;
  readonly allocatedBytes: Bytes;
  readonly frees: number;
  readonly temporary: number;
  /** Age of the oldest block that lives on. */
  readonly oldest: Microseconds;
}

export const siteRowOrders = [
  "liveBytes",
  "liveBlocks",
  "peakBytes",
  "allocations",
  "allocatedBytes",
  "temporary",
  "oldest",
  "where",
] as const;
export type SiteRowOrder = (typeof siteRowOrders)[number];

export interface SiteRowsQuestion {
  readonly window: Window;
  readonly filter?: BlockFilter | undefined;
  readonly order: SiteRowOrder;
  readonly descending: boolean;
  readonly offset: number;
  readonly count: number;
}

export interface SiteRows {
  readonly window: Window;
  readonly offset: number;
  readonly total: number;
  readonly rows: readonly SiteTableRow[];
}

/** Sites with any activity; sites with the same name (one place, several stacks) are one row. */
export async function viewSiteRows({ model, names }: Asked, question: SiteRowsQuestion): Promise<SiteRows> {
  const { window, filter, order, descending, offset, count } = question;
  const activity = await model.activity(window, filter);
  const rows = new Map<string, SiteTableRow>();
  for (let id = 0; id < activity.sites; id++) {
    if (activity.allocations[id] === 0 && activity.liveBlocks[id] === 0 && activity.frees[id] === 0) continue;
    const { text, file, line } = names.site(id);
    rows.set(text, sumUp(rows.get(text), activity, id, { where: text, file, line }));
  }
  const sign = descending ? -1 : 1;
  const sorted = [...rows.values()].sort(
    (a, b) =>
      sign * (order === "where" ? (a.where < b.where ? -1 : 1) : a[order] - b[order]) || (a.where < b.where ? -1 : 1),
  );
  return { window, offset, total: sorted.length, rows: sorted.slice(offset, offset + count) };
}

function sumUp(
  before: SiteTableRow | undefined,
  activity: SiteActivity,
  id: number,
  {
    where,
    file,
    line,
  }: { readonly where: string; readonly file: string | undefined; readonly line: number | undefined },
): SiteTableRow {
  const whole = (column: Float64Array): number => Math.round(column[id]!);
  return {
    where,
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line }),
    liveBytes: whole(activity.liveBytes) + (before?.liveBytes ?? 0),
    liveBlocks: whole(activity.liveBlocks) + (before?.liveBlocks ?? 0),
    peakBytes: whole(activity.peakBytes) + (before?.peakBytes ?? 0),
    allocations: whole(activity.allocations) + (before?.allocations ?? 0),
    allocatedBytes: whole(activity.allocatedBytes) + (before?.allocatedBytes ?? 0),
    frees: whole(activity.frees) + (before?.frees ?? 0),
    temporary: whole(activity.temporary) + (before?.temporary ?? 0),
    oldest: Math.max(activity.longestOngoing[id]!, before?.oldest ?? 0),
  };
}
