// A stretch of the table of call sites: what each holds at the end of a range and what it did within. The rows are those of `memmap top`.
import { likely } from "../base/quantity.ts";
import { inTextOrder } from "../base/order.ts";
import type { BlockFilter } from "../heap/filter.ts";
import type { Window } from "../heap/types.ts";
import type { Asked } from "./asked.ts";
import type { SiteRowOrder } from "./row-orders.ts";
import { viewSites, type SiteRow } from "./top-sites.ts";

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
  /** Of all rows, and which of them the first in view is. */
  readonly rowCount: number;
  readonly firstRow: number;
  readonly sites: readonly SiteRow[];
}

export async function viewSiteRows({ model, names }: Asked, question: SiteRowsQuestion): Promise<SiteRows> {
  const { window, filter } = question;
  const { sites } = await viewSites(model, names, window, { order: "live", filter });
  return cutSiteRows(sites, question);
}

/** Sorted, and only what is in view. */
export function cutSiteRows(
  sites: readonly SiteRow[],
  { window, order, descending, offset, count }: Omit<SiteRowsQuestion, "filter">,
): SiteRows {
  const sign = descending ? -1 : 1;
  const byName = (a: SiteRow, b: SiteRow): number => inTextOrder(a.site.text, b.site.text);
  const valueOf = (row: SiteRow): number =>
    order === "site" ? 0 : order === "oldestAge" ? row.oldestAge : likely(row[order]);
  const sorted = [...sites].sort((a, b) =>
    order === "site" ? sign * byName(a, b) : sign * (valueOf(a) - valueOf(b)) || byName(a, b),
  );
  return { window, rowCount: sorted.length, firstRow: offset, sites: sorted.slice(offset, offset + count) };
}
