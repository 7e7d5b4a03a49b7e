/* eslint-disable @typescript-eslint/no-non-null-assertion -- bytes within bounds that are compared before */
// The literals of a block (RFC 8878, 3.1.1.3.1): plain, one byte again and again, or by Huffman codes in one stream or in four.

import { DamagedZstd } from "./bits.ts";
import { decodeHuffman, type HuffmanTable, readHuffmanTable } from "./huffman.ts";

export interface Literals {
  /** `bytes[start … end-1]`. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Behind the section. */
  readonly next: number;
}

export class LiteralsReader {
  /** Later blocks of a frame may use it again. */
  private table: HuffmanTable | undefined;
  private decoded = new Uint8Array(0);

  /**
   * The section at the beginning of the block `block[0 … end-1]`, of at most `most` literals.
   * @throws DamagedZstd
   */
  read(block: Uint8Array, end: number, most: number): Literals {
    const head = end > 0 ? block[0]! : 0;
    const kind = head & 3;
    const format = (head >> 2) & 3;
    // One to three bytes that hold the size, or three to five that hold two.
    const headBytes = kind < 2 ? (format & 1 ? (format === 1 ? 2 : 3) : 1) : format < 2 ? 3 : format + 2;
    if (headBytes > end) throw new DamagedZstd("a block breaks off");
    let told = 0;
    for (let i = headBytes - 1; i >= 0; i--) told = told * 256 + block[i]!;
    if (kind < 2) {
      const size = Math.floor(told / (format & 1 ? 16 : 8));
      const next = headBytes + (kind === 0 ? size : 1);
      check(size, most, next, end);
      if (kind === 0) return { bytes: block, start: headBytes, end: next, next };
      return { bytes: this.room(size).fill(block[headBytes]!, 0, size), start: 0, end: size, next };
    }
    const sizeBits = format < 2 ? 10 : format === 2 ? 14 : 18;
    const size = Math.floor(told / 16) % 2 ** sizeBits;
    const next = headBytes + Math.floor(told / 2 ** (4 + sizeBits));
    check(size, most, next, end);
    let start = headBytes;
    if (kind === 2) ({ table: this.table, next: start } = readHuffmanTable(block, start, next));
    if (this.table === undefined) throw new DamagedZstd("a block uses a Huffman table that was never told");
    const bytes = this.room(size);
    if (format === 0) decodeHuffman(this.table, block, start, next, bytes, 0, size);
    else fourStreams(this.table, block, start, next, bytes, size);
    return { bytes, start: 0, end: size, next };
  }

  private room(size: number): Uint8Array {
    if (this.decoded.length < size) this.decoded = new Uint8Array(size);
    return this.decoded;
  }
}

function check(size: number, most: number, next: number, end: number): void {
  if (size > most) throw new DamagedZstd("a block has more literals than it may hold");
  if (next > end) throw new DamagedZstd("a block breaks off");
}

function fourStreams(
  table: HuffmanTable,
  block: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  size: number,
): void {
  const quarter = (size + 3) >> 2;
  let at = start + 6;
  if (at > end || 3 * quarter > size) throw new DamagedZstd("literals are too few for four streams");
  for (let i = 0; i < 4; i++) {
    const place = start + 2 * i;
    const until = i === 3 ? end : at + (block[place]! | (block[place + 1]! << 8));
    if (until > end) throw new DamagedZstd("a stream of literals breaks off");
    decodeHuffman(table, block, at, until, out, i * quarter, i === 3 ? size : (i + 1) * quarter);
    at = until;
  }
}
