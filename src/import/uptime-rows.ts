// Uptimes in a column of CSV or of another table: `uptime_s,free_heap,…` and its rows.

import type { Microseconds } from "../base/units.ts";
import { type Csv, csvHeader } from "./csv-rows.ts";
import { cellsOf, plainCell } from "./table-cells.ts";

/** And no wall clock. */
const UPTIME = /^["#]?\s*(?:up[_ ]?time|millis|elapsed|runtime|t_?ms|ms|sec(?:ond)?s?|s|t)(?:[_ ([]|"?$)/i;
/** Rows do not say more. */
const MOST_LETTERS = 400;

interface Table {
  readonly csv: Csv;
  readonly column: number;
  readonly factor: number;
}

export class UptimeRows {
  private table: Table | undefined;

  /** Undefined where the line is no row of such a table. */
  line(
    text: string,
    number: number,
  ): { readonly uptime: Microseconds; readonly board: string | undefined } | undefined {
    if (text.length > MOST_LETTERS) return undefined;
    if (!/\d/.test(text)) {
      if (/heap|mem|free|ram/i.test(text)) this.header(text, number);
      return undefined;
    }
    const { table } = this;
    if (table === undefined) return undefined;
    const { csv, column, factor } = table;
    const cells = cellsOf(text, csv.separator).map((cell) => plainCell(cell.text));
    const told = cells[column] ?? "";
    if (cells.length !== csv.columns || !/^\d+(?:\.\d+)?$/.test(told)) return undefined;
    const board = csv.board === undefined ? undefined : cells[csv.board];
    return { uptime: Number(told) * factor, board };
  }

  private header(text: string, number: number): void {
    const csv = csvHeader(text, number);
    if (csv === undefined) return;
    const names = cellsOf(csv.header, csv.separator).map((cell) => plainCell(cell.text));
    const time = csv.times.find(({ column }) => UPTIME.test(names[column] ?? ""));
    this.table = time === undefined ? undefined : { csv, ...time };
  }
}
