// Holes: runs of zero bytes where text was lost, as a file system leaves them when the power fails, or a log that was emptied while a program
// went on writing to it. What stands before one on its line was cut, and numbers that were cut are none.

import { ByteFinder } from "./byte-finder.ts";
import type { LineHandler } from "./lines.ts";

/** Fewer are what a line sends when a board starts. */
export const HOLE_BYTES = 16;

/** Hands on of each line what stands behind its last hole, and says so before. */
export function withoutHoles(onLine: LineHandler, onHole: (() => void) | undefined): LineHandler {
  const zeros = new ByteFinder(0);
  return (bytes, start, end) => {
    let from = start;
    if (zeros.isIn(bytes, start, end)) {
      let run = 0;
      for (let at = start; at < end; at++) {
        run = bytes[at] === 0 ? run + 1 : 0;
        if (run >= HOLE_BYTES) from = at + 1;
      }
      if (from > start) onHole?.();
    }
    onLine(bytes, from, end);
  };
}

/**
 * The same bytes without most of a hole at their beginning or end, so that a line is not filled up with it.
 * @param before what has come of the line
 */
export function withShortHoles(bytes: Uint8Array, before: Uint8Array): Uint8Array {
  let from = 0;
  while (bytes[from] === 0) from++;
  const isOpen = before.length >= HOLE_BYTES && before.subarray(-HOLE_BYTES).every((byte) => byte === 0);
  if (!isOpen) from = Math.max(0, from - HOLE_BYTES);
  let to = bytes.length;
  while (to > from && bytes[to - 1] === 0) to--;
  return bytes.subarray(from, Math.min(bytes.length, to + HOLE_BYTES));
}
