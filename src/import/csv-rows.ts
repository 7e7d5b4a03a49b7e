// Telemetry in CSV: a header line that names figures of memory, and rows of as many numbers below it.

import type { NumberPlace } from "./figures.ts";
import { isColumnHeader } from "./figure-tables.ts";
import { type Meaning, meaningOf, wordsOf } from "./memory-words.ts";

export interface Csv {
  readonly separator: string;
  readonly columns: number;
  readonly figures: readonly { readonly column: number; readonly meaning: Meaning; readonly label: string }[];
  readonly time: { readonly column: number; readonly factor: number } | undefined;
  readonly header: string;
  readonly line: number;
}

export interface CsvRow {
  /** Of the figures, in their order. */
  readonly cells: readonly NumberPlace[];
  readonly stamp: NumberPlace | undefined;
}

/** Undefined where the line is no row below the header. */
export function rowOf(csv: Csv, text: string): CsvRow | undefined {
  const cells = text.split(csv.separator);
  if (cells.length !== csv.columns) return undefined;
  const placeOf = (column: number): NumberPlace | undefined => {
    const match = /^(\s*"?)(\d+(\.\d+)?)"?\s*$/.exec(cells[column] ?? "");
    if (match === null) return undefined;
    const [, before = "", digits = "", fraction] = match;
    let start = before.length;
    for (let i = 0; i < column; i++) start += (cells[i] ?? "").length + 1;
    return { start, end: start + digits.length, hasFraction: fraction !== undefined, factor: undefined };
  };
  const figures = csv.figures.flatMap(({ column }) => placeOf(column) ?? []);
  if (figures.length < csv.figures.length) return undefined;
  return { cells: figures, stamp: csv.time === undefined ? undefined : placeOf(csv.time.column) };
}

export function numberAt(text: string, place: NumberPlace | undefined): number {
  return Number(text.slice(place?.start, place?.end));
}

const VALUE = /[\s=:#]\d+(?:\.\d+)?(?: ?(?:%|[kM]i?B?|B|bytes?))?$/i;

export function csvHeader(text: string, line: number): Csv | undefined {
  const separator = [",", ";", "\t"].find((one) => text.split(one).length >= 2);
  if (separator === undefined) return undefined;
  const cells = text.split(separator).map((cell) => cell.trim().replaceAll('"', ""));
  if (!cells.every((cell) => /^[#\w .()[\]%/-]{1,40}$/.test(cell) && !/^\d/.test(cell) && !cell.includes(": ")))
    return undefined;
  // "client 3, free heap 45" is a line with values, and no header of columns.
  if (cells.some((cell) => cell.split(" ").length > 4 || VALUE.test(cell)) || isColumnHeader(cells)) return undefined;
  const figures = cells.flatMap((label, column) => {
    const meaning = meaningOf(wordsOf(label), { named: false, memory: "any" }, /%|pct|percent|frag/i.test(label));
    return typeof meaning === "string" ? [] : [{ column, meaning, label }];
  });
  if (!figures.some(({ meaning }) => meaning.isNamed) && figures.length < 2) return undefined;
  const column = cells.findIndex((cell) =>
    /^#?\s*(?:time|ts|t|timestamp|millis|uptime|seconds?|sec|s|ms|elapsed)(?:[_ ([]|$)/i.test(cell),
  );
  const unit = cells[column] ?? "";
  const factor = /ms\b|_ms|millis/i.test(unit) ? 1e3 : /us\b|_us/i.test(unit) ? 1 : 1e6;
  return {
    separator,
    columns: cells.length,
    figures,
    time: column < 0 ? undefined : { column, factor },
    header: text,
    line,
  };
}
