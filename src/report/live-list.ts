// Live blocks at a moment, one row each.
import type { Address, Bytes, Microseconds } from "../base/units.ts";
import type { Names } from "../detect/names.ts";
import { BlockFlag, type BlockTable } from "../heap/types.ts";

export interface LiveBlockView {
  readonly address: Address;
  readonly size: Bytes;
  readonly age: Microseconds;
  readonly where: string;
  readonly task: string;
  /** True where a gap lies between its birth and now: it may be gone. */
  readonly uncertain: boolean;
}

export interface LiveList {
  readonly time: Microseconds;
  readonly blocks: number;
  readonly bytes: Bytes;
  readonly rows: readonly LiveBlockView[];
}

export type LiveOrder = "address" | "size" | "age";

export function viewLive(table: BlockTable, names: Names, time: Microseconds, order: LiveOrder = "address"): LiveList {
  const rows: LiveBlockView[] = [];
  let bytes = 0;
  for (let row = 0; row < table.length; row++) {
    bytes += table.size[row] ?? 0;
    rows.push({
      address: table.address[row] ?? 0,
      size: table.size[row] ?? 0,
      age: time - (table.origin[row] ?? time),
      where: names.site(table.site[row] ?? 0).text,
      task: names.task(table.task[row] ?? 0),
      uncertain: ((table.flags[row] ?? 0) & BlockFlag.UNCERTAIN) !== 0,
    });
  }
  if (order !== "address") rows.sort((a, b) => b[order] - a[order]);
  return { time, blocks: table.length, bytes, rows };
}
