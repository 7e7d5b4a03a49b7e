/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Lines that come again to the letter, as boots and crashes print them: what they were read as is kept, and which words they hold.

import type { LineOf, LogLine } from "./log-text.ts";
import type { Words } from "./needle-finder.ts";

/** Places for lines; a power of two. A boot with a crash prints some fifty that come again. */
const PLACES = 2048;
/** Of longer ones two are seldom alike. */
const MOST_BYTES = 200;

/** A line that has come before. */
export interface KnownLine {
  readonly bytes: Uint8Array;
  line?: LogLine;
  /** By the finder that was asked. */
  words?: Words;
}

export class LineMemo {
  private readonly read: LineOf;
  private readonly hashes = new Int32Array(PLACES);
  private readonly known: (KnownLine | undefined)[] = Array.from({ length: PLACES });

  /** @param read must give the same for the same letters but for the line's number */
  constructor(read: LineOf) {
    this.read = read;
  }

  /** Undefined for a line that comes for the first time, as most lines of most logs do. */
  find(bytes: Uint8Array, start: number, end: number): KnownLine | undefined {
    if (end - start > MOST_BYTES) return undefined;
    const { hashes, known } = this;
    const hash = hashOf(bytes, start, end);
    const place = hash & (PLACES - 1);
    if (hashes[place] !== hash) {
      hashes[place] = hash;
      known[place] = undefined;
      return undefined;
    }
    const before = known[place];
    if (before !== undefined && areEqual(before.bytes, bytes, start, end)) return before;
    return (known[place] = { bytes: bytes.slice(start, end) });
  }

  /** @param known of `find` */
  line(known: KnownLine | undefined, bytes: Uint8Array, start: number, end: number, number: number): LogLine {
    if (known === undefined) return this.read(bytes.subarray(start, end), number);
    known.line ??= this.read(known.bytes, number);
    return { ...known.line, number };
  }
}

/** FNV-1a, with its high bits in the low ones. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash ^ (hash >>> 15);
}

function areEqual(a: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (a.length !== end - start) return false;
  for (let i = start; i < end; i++) if (a[i - start] !== bytes[i]) return false;
  return true;
}
