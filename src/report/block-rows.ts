/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// A stretch of a long table of live blocks: sorted as asked, only the rows that are in view, with the sums of all.
import type { Microseconds } from "../base/units.ts";
import type { BlockFilter } from "../heap/filter.ts";
import type { BlockTable } from "../heap/types.ts";
import type { Asked } from "./asked.ts";
import { numberInto } from "./columns.ts";
import { doubtAt, sumLive, viewLiveSum, type LiveView } from "./doubt.ts";
import { liveBlocks } from "./live-list.ts";
import type { BlockOrder } from "./row-orders.ts";

export interface BlockRowsQuestion {
  readonly time: Microseconds;
  /** Only blocks born at or after this. */
  readonly bornSince?: Microseconds;
  readonly filter?: BlockFilter | undefined;
  readonly order: BlockOrder;
  readonly descending: boolean;
  readonly offset: number;
  readonly count: number;
}

/** The sums are of all rows, in view or not. */
export interface BlockRows extends LiveView {
  readonly time: Microseconds;
  /** Of all rows, and which of them the first in view is. */
  readonly rowCount: number;
  readonly firstRow: number;
  /** The columns have an entry for each row in view. */
  readonly address: Uint32Array;
  readonly size: Uint32Array;
  readonly born: Float64Array;
  readonly reallocs: Uint16Array;
  readonly flags: Uint8Array;
  /** Index into `siteNames`, and into `taskNames`. */
  readonly site: Uint32Array;
  readonly task: Uint32Array;
  readonly siteNames: readonly string[];
  readonly taskNames: readonly string[];
}

export async function viewBlockRows(asked: Asked, question: BlockRowsQuestion): Promise<BlockRows> {
  const { model, names } = asked;
  const { time, offset, count } = question;
  const live = await liveBlocks(model, question);
  const doubt = await doubtAt(model, time);
  const order = sortRows(asked, live, question);
  const shown = order.subarray(offset, offset + count);
  const from = <T extends { [index: number]: number }>(column: T): number[] => Array.from(shown, (row) => column[row]!);
  const site = Uint32Array.from(from(live.site));
  const task = Uint32Array.from(from(live.task));
  const sites = numberInto(site, site);
  const tasks = numberInto(task, task);
  return {
    time,
    ...viewLiveSum(sumLive(live, doubt), doubt),
    rowCount: live.length,
    firstRow: offset,
    address: Uint32Array.from(from(live.address)),
    size: Uint32Array.from(from(live.size)),
    born: Float64Array.from(from(live.origin)),
    reallocs: Uint16Array.from(from(live.reallocs)),
    flags: Uint8Array.from(from(live.flags)),
    site,
    task,
    siteNames: sites.map((id) => names.site(id).text),
    taskNames: tasks.map((id) => names.task(id)),
  };
}

/** Rows in order; equal ones stay by address. */
function sortRows({ names }: Asked, live: BlockTable, { order, descending }: BlockRowsQuestion): Uint32Array {
  const rows = Uint32Array.from({ length: live.length }, (_, row) => row);
  const sign = descending ? -1 : 1;
  const by = (key: ArrayLike<number>): Uint32Array => rows.sort((a, b) => sign * (key[a]! - key[b]!) || a - b);
  switch (order) {
    case "size":
      return by(live.size);
    case "age":
      return by(live.origin.map((born) => -born));
    case "address":
      return descending ? rows.reverse() : rows;
    case "site":
      return by(ranksOf(live.site, (id) => names.site(id).text));
    case "task":
      return by(ranksOf(live.task, (id) => names.task(id)));
  }
}

/** Each row's place in the order of names, so that names are compared once each and not once a row. */
function ranksOf(ids: ArrayLike<number>, nameOf: (id: number) => string): Float64Array {
  const names = new Map<number, string>();
  for (let i = 0; i < ids.length; i++) if (!names.has(ids[i]!)) names.set(ids[i]!, nameOf(ids[i]!));
  const sorted = [...new Set(names.values())].sort();
  const place = new Map(sorted.map((name, index) => [name, index]));
  return Float64Array.from(ids, (id) => place.get(names.get(id)!)!);
}
