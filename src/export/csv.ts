// One table as CSV, for spreadsheets.
import { csvCell } from "../base/csv.ts";
import { TextSink, type Exporter } from "./export.ts";
import { tables } from "./tables.ts";

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
    await table.rows(question, (row) => text.write(`${row.map(csvCell).join(",")}\r\n`));
    text.end();
  },
};
