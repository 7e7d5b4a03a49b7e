/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// The sequences of a block (RFC 8878, 3.1.1.3.2): so many literals, then so many bytes again that came before. Each copies at least three bytes, and
// none more than the block has room for: that bounds the work, whatever the numbers say.

import { BackwardBits, DamagedZstd } from "./bits.ts";
import { type FseTable, fseTable, readFseTable, singleSymbol } from "./fse.ts";
import type { Literals } from "./literals.ts";

interface Code {
  readonly mostAccuracy: number;
  readonly mostSymbol: number;
  readonly predefined: FseTable;
}

/** Runs of equal numbers: [how many, number] … */
function runs(...pairs: readonly (readonly [number, number])[]): number[] {
  return pairs.flatMap(([count, value]) => Array<number>(count).fill(value));
}

const LITERAL_LENGTH: Code = {
  mostAccuracy: 9,
  mostSymbol: 35,
  predefined: fseTable(runs([1, 4], [1, 3], [11, 2], [3, 1], [9, 2], [1, 3], [1, 2], [5, 1], [4, -1]), 6),
};
const OFFSET: Code = {
  mostAccuracy: 8,
  mostSymbol: 31,
  predefined: fseTable(runs([6, 1], [3, 2], [15, 1], [5, -1]), 5),
};
const MATCH_LENGTH: Code = {
  mostAccuracy: 9,
  mostSymbol: 52,
  predefined: fseTable(runs([1, 1], [1, 4], [1, 3], [6, 2], [37, 1], [7, -1]), 6),
};

/** A code means a base plus so many more bits. */
const LITERAL_BITS = Uint8Array.from([
  ...runs([16, 0], [4, 1], [2, 2], [2, 3]),
  4,
  6,
  7,
  8,
  9,
  10,
  11,
  12,
  13,
  14,
  15,
  16,
]);
const MATCH_BITS = Uint8Array.from([
  ...runs([32, 0], [4, 1], [2, 2], [2, 3], [2, 4]),
  5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
]); // prettier-ignore
const LITERAL_BASES = bases(LITERAL_BITS, 0);
const MATCH_BASES = bases(MATCH_BITS, 3);

function bases(bits: Uint8Array, first: number): Uint32Array {
  let base = first;
  return Uint32Array.from(bits, (count) => {
    const own = base;
    base += 2 ** count;
    return own;
  });
}

/** From so many bytes on a call copies quicker than a loop. */
const LONG_COPY = 32;

export class SequencesReader {
  private tables: readonly [FseTable, FseTable, FseTable] | undefined;
  private offsets: [number, number, number] = [1, 4, 8];

  /**
   * Carries out the sequences in `block[start … end-1]`.
   * @param out has room for `most` bytes at `from`; `from - history` is the first byte that may be copied
   * @returns the end of what was written
   * @throws DamagedZstd
   */
  apply(
    block: Uint8Array,
    start: number,
    end: number,
    literals: Literals,
    out: Uint8Array,
    from: number,
    most: number,
    history: number,
  ): number {
    const { count, next } = countAt(block, start, end);
    const limit = from + most;
    let at = from;
    let literal = literals.start;
    if (count === 0) {
      if (next !== end) throw new DamagedZstd("a block is longer than its sequences");
    } else {
      const stream = new BackwardBits(block, this.readTables(block, next, end), end);
      const [lengths, offsets, matches] = this.tables!;
      let lengthState = stream.read(lengths.accuracy);
      let offsetState = stream.read(offsets.accuracy);
      let matchState = stream.read(matches.accuracy);
      for (let left = count; left > 0; left--) {
        const offsetCode = offsets.symbols[offsetState]!;
        const matchCode = matches.symbols[matchState]!;
        const lengthCode = lengths.symbols[lengthState]!;
        const offsetValue = 2 ** offsetCode + stream.readLong(offsetCode);
        const match = MATCH_BASES[matchCode]! + stream.read(MATCH_BITS[matchCode]!);
        const length = LITERAL_BASES[lengthCode]! + stream.read(LITERAL_BITS[lengthCode]!);
        if (left > 1) {
          lengthState = lengths.bases[lengthState]! + stream.read(lengths.bits[lengthState]!);
          matchState = matches.bases[matchState]! + stream.read(matches.bits[matchState]!);
          offsetState = offsets.bases[offsetState]! + stream.read(offsets.bits[offsetState]!);
        }
        const offset = this.offsetOf(offsetValue, length);
        if (length > literals.end - literal) throw new DamagedZstd("a block has fewer literals than it copies");
        if (at + length + match > limit) throw new DamagedZstd("a block holds more than it may");
        if (offset <= 0 || offset > at + length - from + history)
          throw new DamagedZstd("a copy begins before the data");
        copyLiterals(literals.bytes, literal, out, at, length);
        literal += length;
        at += length;
        copyMatch(out, at, offset, match);
        at += match;
      }
      if (stream.left !== 0) throw new DamagedZstd("a block has more bits than sequences");
    }
    const rest = literals.end - literal;
    if (at + rest > limit) throw new DamagedZstd("a block holds more than it may");
    copyLiterals(literals.bytes, literal, out, at, rest);
    return at + rest;
  }

  /** Behind their descriptions. */
  private readTables(block: Uint8Array, start: number, end: number): number {
    const modes = start < end ? block[start]! : 3;
    if ((modes & 3) !== 0) throw new DamagedZstd("a block's tables are of no known kind");
    let next = start + 1;
    const read = (code: Code, mode: number, before: FseTable | undefined): FseTable => {
      if (mode === 0) return code.predefined;
      if (mode === 1) {
        const symbol = next < end ? block[next++]! : Infinity;
        if (symbol > code.mostSymbol) throw new DamagedZstd("a table has a symbol that is none");
        return singleSymbol(symbol);
      }
      if (mode === 2) {
        const told = readFseTable(block, next, end, code.mostAccuracy, code.mostSymbol);
        next = told.next;
        return told.table;
      }
      if (before === undefined) throw new DamagedZstd("a block uses a table that was never told");
      return before;
    };
    const lengths = read(LITERAL_LENGTH, modes >> 6, this.tables?.[0]);
    const offsets = read(OFFSET, (modes >> 4) & 3, this.tables?.[1]);
    this.tables = [lengths, offsets, read(MATCH_LENGTH, (modes >> 2) & 3, this.tables?.[2])];
    return next;
  }

  /** The first three numbers mean offsets used before. */
  private offsetOf(value: number, literals: number): number {
    const [last, second, third] = this.offsets;
    const index = value > 3 ? 4 : literals === 0 ? value : value - 1;
    if (index === 0) return last;
    if (index === 1) {
      this.offsets[0] = second;
      this.offsets[1] = last;
      return second;
    }
    const offset = index === 4 ? value - 3 : index === 2 ? third : last - 1;
    this.offsets[2] = second;
    this.offsets[1] = last;
    this.offsets[0] = offset;
    return offset;
  }
}

function countAt(block: Uint8Array, start: number, end: number): { readonly count: number; readonly next: number } {
  const head = start < end ? block[start]! : 0;
  const next = start + (head < 128 ? 1 : head < 255 ? 2 : 3);
  if (next > end) throw new DamagedZstd("a block breaks off");
  if (head < 128) return { count: head, next };
  if (head < 255) return { count: ((head - 128) << 8) | block[start + 1]!, next };
  return { count: (block[start + 1]! | (block[start + 2]! << 8)) + 0x7f00, next };
}

function copyLiterals(from: Uint8Array, start: number, out: Uint8Array, at: number, count: number): void {
  if (count >= LONG_COPY) out.set(from.subarray(start, start + count), at);
  else for (let i = 0; i < count; i++) out[at + i] = from[start + i]!;
}

/** What it copies may be what it has just written. */
function copyMatch(out: Uint8Array, at: number, offset: number, count: number): void {
  if (count >= LONG_COPY && offset >= count) out.copyWithin(at, at - offset, at - offset + count);
  else for (let i = at; i < at + count; i++) out[i] = out[i - offset]!;
}
