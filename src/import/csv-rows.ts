// Telemetry in CSV, or a table in columns of blanks: a header line that names figures of memory, and rows of as many numbers below it.

import type { NumberPlace } from "./line-numbers.ts";
import { isRegion } from "./region-rows.ts";
import { cellsOf, plainCell } from "./table-cells.ts";
import { isColumnHeader } from "./figure-tables.ts";
import { kindOf, type Meaning, meaningOf, namesOther, wordsOf } from "./memory-words.ts";
import type { FigureMemory } from "../wire/log-records.ts";

export interface Csv {
  /** A blank: any number of them. */
  readonly separator: string;
  readonly columns: number;
  readonly figures: readonly { readonly column: number; readonly meaning: Meaning; readonly label: string }[];
  /** Columns of times, in the order in which they are asked for a number. */
  readonly times: readonly { readonly column: number; readonly factor: number }[];
  /** Columns of dates and times of day; those that come first may have been taken off as the line's stamp. */
  readonly clocks: readonly number[];
  /** The column that names the board. */
  readonly board: number | undefined;
  readonly header: string;
  readonly line: number;
}

export interface CsvRow {
  /** Of the figures, in their order; undefined for one that this row has not. */
  readonly cells: readonly (NumberPlace | undefined)[];
  /** The first of the columns of times that holds a number. */
  readonly stamp: NumberPlace | undefined;
  /** Microseconds in one of the stamp's. */
  readonly stampUnit: number;
  /** What the columns of dates and times say. */
  readonly clock: string;
  readonly board: string | undefined;
  /** The kind of memory that the row is named by: `| PSRAM | 8388608 | 6291456 |`. */
  readonly memory: FigureMemory | undefined;
  readonly isRegion: boolean;
}

/** A number, and the unit that exports of dashboards put behind it. */
const CELL = /^(\s*"?)(\d+([.,]\d+)?)(?: ?(?:(B|bytes|[kK]i?B|Mi?B)|%))?"?\s*$/;
/** A number of seconds, or of what its column or its own unit says. */
const TIME_CELL = /^(\s*"?)(\d+(?:[.,]\d+)?)(?: ?(ms|s|sec|min|h))?"?\s*$/;
const SECONDS: Readonly<Record<string, number>> = { ms: 1e3, s: 1e6, sec: 1e6, min: 60e6, h: 3600e6 };
const BYTES: Readonly<Record<string, number>> = { b: 1, k: 1024, m: 1024 * 1024 };
/** At a moment of which a column has no value; a table's rows may be named in a column of its own. */
const EMPTY = /^\s*"?(?:|null|nan|none|undefined|unknown|unavailable|n\/a|-+)"?\s*$/i;

/** Undefined where the line is no row below the header. */
export function rowOf(csv: Csv, text: string): CsvRow | undefined {
  const all = cellsOf(text, csv.separator);
  // "Umem:  321456  41000": the header has no name for what names the row.
  const cells =
    csv.separator === " " && all.length === csv.columns + 1 && /\D/.test(all[0]?.text ?? "") ? all.slice(1) : all;
  if (isOfOther(csv, cells[0]?.text ?? "")) return undefined;
  const missing = csv.columns - cells.length;
  if (missing < 0 || missing > csv.clocks.filter((column, i) => column === i).length) return undefined;
  const placeOf = (column: number): NumberPlace | undefined => {
    const cell = cells[column - missing];
    const match = CELL.exec(cell?.text ?? "");
    if (match === null || cell === undefined) return undefined;
    const [, before = "", digits = "", fraction, unit] = match;
    const start = cell.start + before.length;
    const factor = unit === undefined ? undefined : BYTES[unit[0]?.toLowerCase() ?? ""];
    return { start, end: start + digits.length, hasFraction: fraction !== undefined, factor };
  };
  const figures = csv.figures.map(({ column }) => placeOf(column));
  const isEmpty = (i: number): boolean => {
    const { column = 0, meaning } = csv.figures[i] ?? {};
    const text = cells[column - missing]?.text ?? "";
    return EMPTY.test(text) || (meaning?.quantity === "size" && /^[\p{L} _-]+$/u.test(text.trim()));
  };
  if (figures.every((place) => place === undefined)) return undefined;
  if (figures.some((place, i) => place === undefined && !isEmpty(i))) return undefined;
  const clock = csv.clocks
    .map((column) => plainCell(cells[column - missing]?.text ?? ""))
    .join(" ")
    .trim();
  const timeOf = (column: number): readonly string[] | undefined =>
    TIME_CELL.exec(cells[column - missing]?.text ?? "") ?? undefined;
  const time = csv.times.find(({ column }) => timeOf(column) !== undefined);
  const [, blanks = "", seconds = "", unit] = (time && timeOf(time.column)) ?? [];
  const stampStart = (cells[(time?.column ?? 0) - missing]?.start ?? 0) + blanks.length;
  return {
    cells: figures,
    stamp: time && {
      start: stampStart,
      end: stampStart + seconds.length,
      hasFraction: seconds.includes("."),
      factor: undefined,
    },
    stampUnit: (unit === undefined ? time?.factor : SECONDS[unit]) ?? 1,
    clock,
    board: csv.board === undefined ? undefined : plainCell(cells[csv.board - missing]?.text ?? ""),
    memory: kindOf(wordsOf(cells.find(({ text }) => /\p{L}/u.test(text))?.text ?? "")),
    isRegion: isRegion(cells.map(({ text }) => text)),
  };
}

/** `spiffs  1378241  230000  1148241` in a table of all that is used and free. */
function isOfOther({ figures }: Csv, cell: string): boolean {
  const name = /^[\s"]*(\p{L}[\p{L} _-]*)/u.exec(cell)?.[1];
  const isOfParts = figures.some(({ meaning }) => meaning.quantity === "total" || meaning.quantity === "used");
  return name !== undefined && isOfParts && namesOther(wordsOf(name));
}

export function numberAt(text: string, place: NumberPlace | undefined): number {
  const number = Number(text.slice(place?.start, place?.end).replace(",", "."));
  return place?.factor === undefined ? number : Math.round(number * place.factor);
}

/** A column of what only a heap has. */
const OF_A_HEAP = /^(?:largest|min_?(?:free|ever|heap)|max_?(?:block|alloc|blk|free)|lfb|blk|frag)/i;

/** `total  used  free  maxused  maxfree`, `uptime  free  largest  minfree`: columns of a table, and no sentence. */
function isBareHeader(text: string): boolean {
  const words = text.trim().split(/\s+/);
  const has = (...some: string[]): boolean => some.some((word) => words.includes(word));
  return (
    words.length >= 3 &&
    words.length <= 12 &&
    /^[a-z_ \t]+$/i.test(text) &&
    has("free", "Free") &&
    (has("total", "Total", "used", "Used") || words.some((word) => OF_A_HEAP.test(word))) &&
    / {2,}|\t/.test(text.trim())
  );
}

const TIME_COLUMN =
  /^#?\s*(?:(?:_?(?:time|zeit|date_?time|ts|t|timestamp|epoch|unix(?:_?time)?|millis|uptime|seconds?|sec|s|ms|elapsed)|datum|uhrzeit|fecha|data|heure|hora|čas|czas|tid|tijd|aika|время|дата|时间|時間|日期)(?:[_ ([]|$)|(?:created|updated|recorded|received|published|inserted|logged|last_(?:changed|updated|seen))(?:_at|_on)?$)/i;

const DATE_COLUMN = /^#?\s*(?:date|datum|day|fecha|data|дата|日期)/i;

/** Behind the day. */
function isTimeOfDay(cell: string, before = ""): boolean {
  return DATE_COLUMN.test(before) && /^(?:time|uhrzeit|zeit|hora|heure|ora|время|时间)$/i.test(cell);
}

const BOARD_COLUMN = /^(?:dev(?:ice)?|node|host(?:name)?|board|mac|chip|station|sensor|esp)[_ ]?(?:id|name)?$/i;

const VALUE = /[\s=:#]\d[\d_]*(?:\.\d+)?(?: ?(?:%|[kM]i?B?|B|bytes?))?$/i;

const LABELS = /^([^{}]*?)\s*\{([^{}]*)\}$/;

/** `heap_free {host="shed", type="internal"}`: a column's name, and of its labels the kind of memory; `{__name__="heap_free", …}`. */
function withoutLabels(cell: string): string {
  const [, name, labels = ""] = LABELS.exec(cell) ?? [];
  if (name === undefined) return cell;
  const values = [...labels.matchAll(/([\w.]+)\s*[=:]\s*"?([^",}]*)"?/g)];
  const own = name === "" ? (values.find(([, label]) => label === "__name__")?.[2] ?? "") : name;
  const kind = values.find(
    ([, label, value = ""]) => label !== "__name__" && kindOf(wordsOf(value)) !== undefined,
  )?.[2];
  return kind === undefined ? own : `${own} ${kind}`;
}

/** `SRAM 143.2/320.0 kB used` */
const WITH_UNIT = /(?:^|[\s=:#/])\d+(?:\.\d+)?(?: ?%| ?(?:[kM]i?B|bytes?|B)\b)/;

export function csvHeader(text: string, line: number): Csv | undefined {
  const separator =
    [",", ";", "\t", "|"].find((one) => text.split(one).length >= 2) ?? (isBareHeader(text) ? " " : undefined);
  if (separator === undefined) return undefined;
  const labels = cellsOf(text, separator).map((cell) => plainCell(cell.text));
  const cells = labels.map(withoutLabels);
  if (!cells.every((cell) => /^[#\w\p{L} .()[\]%/-]{1,40}$/u.test(cell) && !/^\d/.test(cell) && !cell.includes(": ")))
    return undefined;
  // "client 3, free heap 45" is a line with values, and no header of columns.
  if (
    cells.some((cell) => cell.split(" ").length > 4 || VALUE.test(cell) || WITH_UNIT.test(cell)) ||
    isColumnHeader(cells)
  )
    return undefined;
  const figures = cells.flatMap((cell, column) => {
    const meaning = meaningOf(wordsOf(cell), { named: false, memory: "any" }, /%|pct|percent|frag/i.test(cell));
    return typeof meaning === "string" ? [] : [{ column, meaning, label: labels[column] ?? cell }];
  });
  if (!figures.some(({ meaning }) => meaning.isNamed) && figures.length < 2) return undefined;
  const times = cells.flatMap((cell, column) => {
    if (!TIME_COLUMN.test(cell)) return [];
    return [{ column, factor: /ms\b|_ms|millis/i.test(cell) ? 1e3 : /us\b|_us/i.test(cell) ? 1 : 1e6 }];
  });
  const clocks = cells.flatMap((cell, i) =>
    i === times[0]?.column || DATE_COLUMN.test(cell) || isTimeOfDay(cell, cells[i - 1]) ? [i] : [],
  );
  const board = cells.findIndex((cell) => BOARD_COLUMN.test(cell));
  return {
    separator,
    columns: cells.length,
    figures,
    times,
    clocks,
    board: board < 0 ? undefined : board,
    header: text,
    line,
  };
}
