/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Huffman codes of literals (RFC 8878, 4.2): the tree is told by weights, packed in four bits each or by finite state entropy.

import { BackwardBits, bitsAt, DamagedZstd, highestBit } from "./bits.ts";
import { readFseTable } from "./fse.ts";

export interface HuffmanTable {
  /** Bits of the longest code, 1 to 11. */
  readonly bits: number;
  /** By the next `bits` bits: the symbol, and the length of its code from bit 8 on. */
  readonly codes: Uint16Array;
}

const MOST_BITS = 11;
/** The weight of the last of 256 symbols follows from the others; the last one told comes with the one before it. */
const MOST_WEIGHTS = 254;

/** @throws DamagedZstd */
export function readHuffmanTable(
  bytes: Uint8Array,
  start: number,
  end: number,
): { readonly table: HuffmanTable; readonly next: number } {
  const head = start < end ? bytes[start]! : 0;
  const isPlain = head >= 128;
  const next = start + 1 + (isPlain ? (head - 126) >> 1 : head);
  if (next > end) throw new DamagedZstd("a Huffman table breaks off");
  return { table: tableOf(isPlain ? plain(bytes, start + 1, head - 127) : packed(bytes, start + 1, next)), next };
}

function plain(bytes: Uint8Array, start: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const pair = bytes[start + (i >> 1)]!;
    return i % 2 === 0 ? pair >> 4 : pair & 15;
  });
}

/** Two states take turns until the bits are used up. */
function packed(bytes: Uint8Array, start: number, end: number): number[] {
  const { table, next } = readFseTable(bytes, start, end, 6, MOST_BITS);
  const stream = new BackwardBits(bytes, next, end);
  let state = stream.read(table.accuracy);
  let other = stream.read(table.accuracy);
  const weights: number[] = [];
  // States that take no bits would go on for ever.
  while (weights.length < MOST_WEIGHTS) {
    weights.push(table.symbols[state]!);
    const count = table.bits[state]!;
    if (stream.left < count) return [...weights, table.symbols[other]!];
    const after = table.bases[state]! + stream.read(count);
    state = other;
    other = after;
  }
  throw new DamagedZstd("a Huffman table has too many symbols");
}

function tableOf(weights: number[]): HuffmanTable {
  let sum = 0;
  for (const weight of weights) if (weight > 0) sum += 2 ** (weight - 1);
  const bits = sum === 0 ? 0 : highestBit(sum) + 1;
  const rest = 2 ** bits - sum;
  if (bits === 0 || bits > MOST_BITS || (rest & (rest - 1)) !== 0) throw new DamagedZstd("a Huffman table is no tree");
  weights.push(highestBit(rest) + 1);
  const codes = new Uint16Array(1 << bits);
  let at = 0;
  for (let weight = 1; weight <= bits; weight++) {
    for (const [symbol, own] of weights.entries()) {
      if (own !== weight) continue;
      const until = at + (1 << (weight - 1));
      codes.fill(symbol | ((bits + 1 - weight) << 8), at, until);
      at = until;
    }
  }
  return { bits, codes };
}

/**
 * Decodes the stream `bytes[start … end-1]` into `out[from … to-1]`.
 * @throws DamagedZstd where it does not hold exactly so many
 */
export function decodeHuffman(
  { bits, codes }: HuffmanTable,
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  from: number,
  to: number,
): void {
  let left = new BackwardBits(bytes, start, end).left;
  const first = start * 8;
  const mask = (1 << bits) - 1;
  let at = from;
  // Two codes from each word, as long as both lie within the stream.
  for (; at + 1 < to && left >= 32; at += 2) {
    const place = (first + left - 25) >> 3;
    const word = bytes[place]! | (bytes[place + 1]! << 8) | (bytes[place + 2]! << 16) | (bytes[place + 3]! << 24);
    const under = first + left - 8 * place;
    const code = codes[(word >>> (under - bits)) & mask]!;
    const length = code >> 8;
    const second = codes[(word >>> (under - length - bits)) & mask]!;
    out[at] = code;
    out[at + 1] = second;
    left -= length + (second >> 8);
  }
  for (; at < to && left > 0; at++) {
    const here =
      left < bits ? bitsAt(bytes, end, first, left) << (bits - left) : bitsAt(bytes, end, first + left - bits, bits);
    const code = codes[here]!;
    out[at] = code;
    left -= code >> 8;
  }
  if (at !== to || left !== 0) throw new DamagedZstd("literals are not as many as told");
}
