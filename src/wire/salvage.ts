/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Finds text among the bytes of a damaged frame: log lines that another task or the ROM printed into the middle of it.

/** Shorter runs are more likely chance than text: of random bytes, four in ten are printable. */
const SHORTEST_RUN = 8;

/**
 * Calls `found` for each run of printable UTF-8 in `bytes[start … end-1]` that is long enough to be text, or is all there
 * is (a last byte of FF aside, which may be the next frame's first).
 */
export function forEachPrintable(
  bytes: Uint8Array,
  start: number,
  end: number,
  found: (start: number, end: number) => void,
): void {
  const contentEnd = end > start && bytes[end - 1] === 0xff ? end - 1 : end;
  let runStart = start;
  let position = start;
  while (position < contentEnd) {
    const length = printableLength(bytes, position, contentEnd);
    if (length === 0) {
      if (position - runStart >= SHORTEST_RUN) found(runStart, position);
      runStart = position + 1;
    }
    position += Math.max(length, 1);
  }
  const whole = runStart === start && position > start;
  if (whole || position - runStart >= SHORTEST_RUN) found(runStart, position);
}

/** Length of the printable UTF-8 character at `position`, 0 where there is none. Tab, line ends and escape count. */
function printableLength(bytes: Uint8Array, position: number, end: number): number {
  const first = bytes[position]!;
  if (first < 0x80) {
    const printable =
      first >= 0x20 ? first !== 0x7f : first === 0x09 || first === 0x0a || first === 0x0d || first === 0x1b;
    return printable ? 1 : 0;
  }
  const length =
    first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
  if (position + length > end) return 0;
  for (let index = 1; index < length; index++) {
    if ((bytes[position + index]! & 0xc0) !== 0x80) return 0;
  }
  return length;
}
