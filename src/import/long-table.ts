// Tables with a row for each value, which name it in a column: Home Assistant's history, exports of InfluxDB, topics with their payloads.

import { cellsOf, plainCell } from "./table-cells.ts";

export interface LongTable {
  readonly separator: string;
  readonly columns: number;
  readonly name: number;
  readonly value: number;
  /** -1: none. */
  readonly time: number;
  /** Names the board; -1: none. */
  readonly board: number;
  readonly header: string;
}

export interface NamedRow {
  /** As a line would say it: `sensor.shed_free_heap = 81234`. */
  readonly text: string;
  readonly time: string;
  readonly board: string | undefined;
}

const NAME =
  /^(?:entity_id|entity|statistic_id|_field|field|metric|topic|sensor|name|key|series|feed_key|feed|variable|parameter|measurement|channel|item)$/i;
const VALUE = /^(?:state|_value|value|payload|reading|mean)$/i;
const TIME =
  /^(?:last_changed|last_updated|_time|time|timestamp|date_?time|ts|start|(?:created|recorded|received|updated)_at)$/i;
const BOARD = /^(?:host|hostname|device|device_id|node|node_id|board|dev|location)$/i;
const MOST_LETTERS = 400;
const SEPARATORS = [",", ";", "\t"];
const VALUES = /state|value|payload|reading|mean/i;
const NAMES =
  /(?:_id|entity|field|metric|topic|sensor|name|key|series|feed|variable|parameter|measurement|channel|item)"?(?:[,;\t]|$)/i;

/** Of each of these, a header holds one. */
export const HEADER_NEEDS: readonly (readonly (RegExp | string)[])[] = [[VALUES], [NAMES], SEPARATORS];

/** True where a line, whatever stands before it, may be such a header. */
export function mayBeLongHeader(text: string): boolean {
  return text.length <= MOST_LETTERS && VALUES.test(text) && NAMES.test(text);
}

/** Undefined where a line is no such header. */
export function longHeader(text: string): LongTable | undefined {
  const separator = SEPARATORS.find((one) => text.includes(one));
  if (separator === undefined || !mayBeLongHeader(text) || /\d{3}/.test(text)) return undefined;
  const cells = cellsOf(text, separator).map((cell) => plainCell(cell.text));
  const column = (kind: RegExp): number => cells.findIndex((cell) => kind.test(cell));
  const [name, value] = [column(NAME), column(VALUE)];
  if (name < 0 || value < 0) return undefined;
  return { separator, columns: cells.length, name, value, time: column(TIME), board: column(BOARD), header: text };
}

/** Undefined where a line is no row with a number. */
export function namedRow(table: LongTable, text: string): NamedRow | undefined {
  const told = cellsOf(text, table.separator).map((cell) => plainCell(cell.text));
  // A time that comes first may have been taken off as the line's stamp.
  const cells = table.time === 0 && told.length === table.columns - 1 ? ["", ...told] : told;
  const name = cells[table.name] ?? "";
  const value = cells[table.value] ?? "";
  if (cells.length !== table.columns || !/\p{L}/u.test(name) || !/^\d+(?:\.\d+)?$/.test(value)) return undefined;
  return { text: `${name} = ${value}`, time: cells[table.time] ?? "", board: cells[table.board] };
}
