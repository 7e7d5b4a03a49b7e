// A stretch of the table of call sites: what each holds at the end of a range and what it did within. The numbers are as certain as those of
// `memmap top`.
import { likely, type Quantity } from "../base/quantity.ts";
import type { Microseconds } from "../base/units.ts";
import { inTextOrder } from "../base/order.ts";
import type { BlockFilter } from "../heap/filter.ts";
import type { Window } from "../heap/types.ts";
import type { Asked } from "./asked.ts";
import type { SiteRowOrder } from "./row-orders.ts";
import { viewSites } from "./top-sites.ts";

export interface SiteTableRow {
  readonly where: string;
  readonly file?: string;
  readonly line?: number;
  readonly liveBytes: Quantity;
  readonly liveBlocks: Quantity;
  readonly peakBytes: Quantity;
  readonly allocations: Quantity;
  readonly allocatedBytes: Quantity;
  readonly frees: Quantity;
  readonly temporary: Quantity;
  /** Age of the oldest block that lives on. */
  readonly oldest: Microseconds;
}

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
  const { window, filter, offset, count } = question;
  const { sites } = await viewSites(model, names, window, { order: "live", filter });
  const rows = sites.map(({ site: { text, file, line }, temporaryAllocations, oldestAge, ...row }): SiteTableRow => ({
    where: text,
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line }),
    liveBytes: row.liveBytes,
    liveBlocks: row.liveBlocks,
    peakBytes: row.peakBytes,
    allocations: row.allocations,
    allocatedBytes: row.allocatedBytes,
    frees: row.frees,
    temporary: temporaryAllocations,
    oldest: oldestAge,
  }));
  const sorted = sortSiteRows(rows, question);
  return { window, offset, total: sorted.length, rows: sorted.slice(offset, offset + count) };
}

export function sortSiteRows(
  rows: readonly SiteTableRow[],
  { order, descending }: Pick<SiteRowsQuestion, "order" | "descending">,
): SiteTableRow[] {
  const sign = descending ? -1 : 1;
  const byName = (a: SiteTableRow, b: SiteTableRow): number => inTextOrder(a.where, b.where);
  const valueOf = (row: SiteTableRow): number =>
    order === "where" ? 0 : order === "oldest" ? row.oldest : likely(row[order]);
  return [...rows].sort((a, b) =>
    order === "where" ? sign * byName(a, b) : sign * (valueOf(a) - valueOf(b)) || byName(a, b),
  );
}
