// A line as the series of figures see it, and what tells its kind from others.

import type { StrippedLine } from "./log-prefix.ts";
import { templateOf } from "./template.ts";

export interface SeriesLine extends Pick<StrippedLine, "text" | "tags" | "caller" | "isWarning" | "board"> {
  readonly number: number;
  /** How often this board has started again while others of the log went on. */
  readonly start?: number | undefined;
  /** As it stands in the log, where `text` says it in other words. */
  readonly quote?: string;
}

/** Several boards that print into one log are told apart by a number alone. */
const BOARD = /\b(?:node|slave|device|dev|board|unit|mote|mcu)[ _#/:-]?(\d{1,3})(?!\d|[.:]\d)/i;
/** So are several regions of memory, one a line. */
const REGION =
  /^\W*(?:(?:region|heap|pool|mem(?:ory)?)\W{1,3})?((?:[di]_?ram|sram|heap|pool|bank|region|arena)_?\d)\b(?![.\d])(?=.*\d{3})/i;

export function boardIn(text: string): string | undefined {
  return BOARD.exec(text)?.[1] ?? REGION.exec(text)?.[1];
}

export function kindOfLine({ tags, caller, text, board, start }: SeriesLine): number {
  const from = `${board ?? boardIn(text) ?? ""}${start === undefined ? "" : ` ${start}`}`;
  return templateOf(text, [caller ?? "", from, ...tags]);
}
