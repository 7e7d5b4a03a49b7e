/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Lines that come again to the letter, as boots and crashes print them: what they were read as is kept.

import type { LineOf, LogLine } from "./log-text.ts";

/** Places for lines; a power of two. A boot with a crash prints some fifty that come again. */
const PLACES = 2048;
/** Of longer ones two are seldom alike. */
const MOST_BYTES = 200;

interface Known {
  readonly bytes: Uint8Array;
  readonly line: LogLine;
}

/** Reads as `read` does, which must give the same for the same letters but for the line's number. */
export function remembering(read: LineOf): LineOf {
  const hashes = new Int32Array(PLACES);
  const known: (Known | undefined)[] = Array.from({ length: PLACES });
  return (bytes, number) => {
    if (bytes.length > MOST_BYTES) return read(bytes, number);
    const hash = hashOf(bytes);
    const place = hash & (PLACES - 1);
    const before = known[place];
    if (hashes[place] === hash && before !== undefined && areEqual(before.bytes, bytes))
      return { ...before.line, number };
    const line = read(bytes, number);
    // Kept the second time: most lines of most logs come once.
    known[place] = hashes[place] === hash ? { bytes: bytes.slice(), line } : undefined;
    hashes[place] = hash;
    return line;
  };
}

/** FNV-1a, with its high bits in the low ones. */
function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash ^ (hash >>> 15);
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
