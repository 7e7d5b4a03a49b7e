// Live blocks at a moment, one row each.
import type { Address, Bytes, Caps, Microseconds } from "../base/units.ts";
import type { Names, SiteName } from "../detect/names.ts";
import { samplingOf, sumOf } from "../heap/sampling.ts";
import { BlockFlag, type BlockTable, type RunTables } from "../heap/types.ts";

export interface LiveBlockView {
  readonly address: Address;
  readonly size: Bytes;
  /** Run time of its allocation, reallocs not counted. */
  readonly born: Microseconds;
  readonly age: Microseconds;
  readonly reallocs: number;
  readonly site: SiteName;
  readonly task: string;
  readonly core: number;
  /** What the request asked for. */
  readonly caps: Caps;
  /** True where a gap lies between its birth and now: it may be gone. */
  readonly uncertain: boolean;
  /** True where it was first seen in a snapshot: it is older than `age`. */
  readonly bornEarlier: boolean;
}

export interface LiveList {
  readonly time: Microseconds;
  /** Of a sample, what its rows stand for. */
  readonly blocks: number;
  readonly bytes: Bytes;
  readonly rows: readonly LiveBlockView[];
}

export const liveOrders = ["size", "age", "address", "site"] as const;
export type LiveOrder = (typeof liveOrders)[number];

/** Largest or oldest first; by address or name of the site ascending. */
export function viewLive(
  table: BlockTable,
  tables: RunTables,
  names: Names,
  time: Microseconds,
  order: LiveOrder = "address",
): LiveList {
  const rows: LiveBlockView[] = [];
  for (let row = 0; row < table.length; row++) {
    const site = table.site[row] ?? 0;
    const born = table.origin[row] ?? time;
    const flags = table.flags[row] ?? 0;
    rows.push({
      address: table.address[row] ?? 0,
      size: table.size[row] ?? 0,
      born,
      age: time - born,
      reallocs: table.reallocs[row] ?? 0,
      site: names.site(site),
      task: names.task(table.task[row] ?? 0),
      core: table.core[row] ?? 0,
      caps: tables.sites[site]?.caps ?? 0,
      uncertain: (flags & BlockFlag.UNCERTAIN) !== 0,
      bornEarlier: (flags & BlockFlag.FOUND) !== 0,
    });
  }
  // Tables come by address; sorting is stable.
  if (order === "site") rows.sort((a, b) => (a.site.text < b.site.text ? -1 : a.site.text > b.site.text ? 1 : 0));
  else if (order !== "address") rows.sort((a, b) => b[order] - a[order]);
  return { time, ...sumOf(table, samplingOf(tables.boots)), rows };
}
