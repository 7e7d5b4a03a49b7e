import { csvCell } from "../../base/csv.ts";

/** A table as a file for spreadsheets. */
export function csv(rows: readonly (readonly (string | number)[])[]): Blob {
  return new Blob([rows.map((row) => row.map(csvCell).join(",")).join("\r\n")], { type: "text/csv" });
}
