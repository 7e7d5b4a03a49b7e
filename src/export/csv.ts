// One table as CSV (RFC 4180), for spreadsheets: what a spreadsheet would take for a formula has an apostrophe in front.
import { safeText } from "../base/safe-text.ts";
import { TextSink, type Exporter } from "./export.ts";
import { tables, type Cell } from "./tables.ts";

export const csv: Exporter = {
  format: "csv",
  title: "one table (--table) for spreadsheets",
  extension: ".csv",
  tellsFigures: true,
  takes: "table",
  async write(question, sink) {
    const table = tables[question.table];
    const text = new TextSink(sink);
    text.write(`${table.columns.map(({ name }) => name).join(",")}\r\n`);
    await table.rows(question, (row) => text.write(`${row.map(cellText).join(",")}\r\n`));
    text.end();
  },
};

const FORMULA = /^[=+\-@\t\r]/;
const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;

function cellText(cell: Cell): string {
  if (cell === undefined) return "";
  if (typeof cell !== "string") return String(cell);
  const safe = safeText(cell);
  const plain = FORMULA.test(safe) ? `'${safe}` : safe;
  return NEEDS_QUOTES.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
