// A number that may be a figure of memory, as its line tells it.

import type { Meaning } from "./memory-words.ts";

/** A figure of memory from here on is in bytes, and so are the others of its line. */
export const FIGURE_OF_BYTES = 1 << 15;

export interface Figure {
  /** Its place among the line's numbers. */
  readonly index: number;
  /** In bytes or per cent where the unit is told. */
  readonly value: number;
  readonly unit: "bytes" | "percent" | "none";
  /** It has a sign of its own. */
  readonly isSigned?: boolean;
  /** The words beside it, as they stand there. */
  readonly label: string;
  /** What it is, or why it is no figure of memory. */
  readonly meaning: Meaning | string;
}
