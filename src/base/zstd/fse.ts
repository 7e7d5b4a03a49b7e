/* eslint-disable @typescript-eslint/no-non-null-assertion -- tables of fixed sizes */
// Tables of finite state entropy (RFC 8878, 4.1): their description in a block, and the states that follow from it.

import { bitsAt, DamagedZstd, highestBit } from "./bits.ts";

/** State `s` means `symbols[s]`; the next one is `bases[s]` plus as many bits as `bits[s]` says. */
export interface FseTable {
  /** Bits of the first state. */
  readonly accuracy: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
  readonly bases: Uint16Array;
}

export interface ReadTable {
  readonly table: FseTable;
  /** Behind its description. */
  readonly next: number;
}

/**
 * @param mostAccuracy and `mostSymbol` bound the table's size and its symbols
 * @throws DamagedZstd
 */
export function readFseTable(
  bytes: Uint8Array,
  start: number,
  end: number,
  mostAccuracy: number,
  mostSymbol: number,
): ReadTable {
  let position = start * 8;
  const read = (count: number): number => {
    const value = bitsAt(bytes, end, position, count);
    position += count;
    return value;
  };
  const accuracy = read(4) + 5;
  if (accuracy > mostAccuracy) throw new DamagedZstd("a table is larger than allowed");
  const counts: number[] = [];
  let left = 1 << accuracy;
  while (left > 0) {
    if (counts.length > mostSymbol) throw new DamagedZstd("a table has too many symbols");
    // Numbers from 0 to left + 1, the smaller ones with one bit less.
    const size = highestBit(left + 1) + 1;
    const short = (1 << size) - (left + 2);
    let value = bitsAt(bytes, end, position, size - 1);
    if (value < short) position += size - 1;
    else {
      value = read(size);
      if (value >= 1 << (size - 1)) value -= short;
    }
    const count = value - 1;
    counts.push(count);
    left -= Math.abs(count);
    if (count !== 0) continue;
    for (let repeat = 3; repeat === 3 && counts.length <= mostSymbol + 1;) {
      repeat = read(2);
      for (let i = 0; i < repeat; i++) counts.push(0);
    }
  }
  const next = (position + 7) >> 3;
  if (left < 0 || counts.length > mostSymbol + 1 || next > end)
    throw new DamagedZstd("a table's description is broken");
  return { table: fseTable(counts, accuracy), next };
}

/** @param counts states of each symbol; -1 for one that is rarer than one state in all. Together they are 2^accuracy. */
export function fseTable(counts: readonly number[], accuracy: number): FseTable {
  const size = 1 << accuracy;
  const symbols = new Uint8Array(size);
  const bits = new Uint8Array(size);
  const bases = new Uint16Array(size);
  let rareFrom = size;
  for (const [symbol, count] of counts.entries()) if (count < 0) symbols[--rareFrom] = symbol;
  const step = (size >> 1) + (size >> 3) + 3;
  let at = 0;
  for (const [symbol, count] of counts.entries()) {
    for (let i = 0; i < count; i++) {
      symbols[at] = symbol;
      // Step and size have no common divisor, and place 0 belongs to no rare symbol: this ends.
      do at = (at + step) & (size - 1);
      while (at >= rareFrom);
    }
  }
  const nextOf = counts.map((count) => Math.abs(count));
  for (let state = 0; state < size; state++) {
    const symbol = symbols[state]!;
    const next = nextOf[symbol]!;
    nextOf[symbol] = next + 1;
    const count = accuracy - highestBit(next);
    bits[state] = count;
    bases[state] = (next << count) - size;
  }
  return { accuracy, symbols, bits, bases };
}

/** A table of one symbol, which takes no bits. */
export function singleSymbol(symbol: number): FseTable {
  return fseTable([...Array<number>(symbol).fill(0), 1], 0);
}
