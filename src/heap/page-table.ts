/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot paths on typed arrays */
// Address → slot, in constant time and without hashing: three levels by bits 22–31, 12–21 and 2–11 of the address, one entry for each aligned
// word. An ESP32's 400 KiB need 100 pages of the last level, its 8 MiB of PSRAM 2,048. A table for one region is a few KiB, so that a replay
// costs nothing to begin.

import type { Address } from "../base/units.ts";

const LEVEL_BITS = 10;
const LEVEL_SIZE = 1 << LEVEL_BITS;
const LEVEL_MASK = LEVEL_SIZE - 1;
const PAGE_SHIFT = 12;
const TOP_SHIFT = 22;
/** Entries below this belong to no page. */
export const FIRST_ENTRY = LEVEL_SIZE;

export class PageTable {
  // The live set's loop reads the levels directly.
  /** Per 4 MiB of address space: which part of `directory`; 0 is the part that stays empty. */
  readonly top = new Int32Array(LEVEL_SIZE);
  /** Per 4 KiB: which page of `entries`; 0 is the page that stays empty. */
  directory = new Int32Array(2 * LEVEL_SIZE);
  entries = new Int32Array(8 * LEVEL_SIZE);
  private directories = 1;
  private pages = 1;

  /** The slot at this word; 0 where there is none. */
  get(address: Address): number {
    return this.entries[entryOf(this.top, this.directory, address)]!;
  }

  /** Puts a slot, or 0 for none, at this word; returns what was there. */
  exchange(address: Address, slot: number): number {
    this.makePage(address);
    const entry = entryOf(this.top, this.directory, address);
    const old = this.entries[entry]!;
    this.entries[entry] = slot;
    return old;
  }

  /** Writes all slots into `into`, by address; returns how many. */
  collect(into: Int32Array): number {
    const { top, directory, entries } = this;
    // Two entries at a time: as a double, two of them are 0 only where both are.
    const pairs = new Float64Array(entries.buffer);
    let count = 0;
    for (let i = 0; i < LEVEL_SIZE; i++) {
      const part = top[i]! << LEVEL_BITS;
      if (part === 0) continue;
      for (let j = part; j < part + LEVEL_SIZE; j++) {
        const page = directory[j]! << LEVEL_BITS;
        if (page === 0) continue;
        for (let k = page; k < page + LEVEL_SIZE; k += 2) {
          if (pairs[k >>> 1] === 0) continue;
          if (entries[k] !== 0) into[count++] = entries[k]!;
          if (entries[k + 1] !== 0) into[count++] = entries[k + 1]!;
        }
      }
    }
    return count;
  }

  clear(): void {
    this.top.fill(0);
    this.directory.fill(0, 0, this.directories * LEVEL_SIZE);
    this.entries.fill(0, 0, this.pages * LEVEL_SIZE);
    this.directories = 1;
    this.pages = 1;
  }

  /** Makes sure that the word has an entry. */
  makePage(address: Address): void {
    let part = this.top[address >>> TOP_SHIFT]!;
    if (part === 0) {
      part = this.directories++;
      this.directory = withRoom(this.directory, this.directories * LEVEL_SIZE);
      this.top[address >>> TOP_SHIFT] = part;
    }
    const at = (part << LEVEL_BITS) | ((address >>> PAGE_SHIFT) & LEVEL_MASK);
    if (this.directory[at] !== 0) return;
    const page = this.pages++;
    this.entries = withRoom(this.entries, this.pages * LEVEL_SIZE);
    this.directory[at] = page;
  }
}

/** Where in `entries` a word's slot is, below FIRST_ENTRY where it has no page; for loops that have the levels at hand. */
export function entryOf(top: Int32Array, directory: Int32Array, address: Address): number {
  const part = top[address >>> TOP_SHIFT]! << LEVEL_BITS;
  const page = directory[part | ((address >>> PAGE_SHIFT) & LEVEL_MASK)]! << LEVEL_BITS;
  return page | ((address >>> 2) & LEVEL_MASK);
}

function withRoom(column: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  if (length <= column.length) return column;
  const longer = new Int32Array(Math.max(length, column.length * 2));
  longer.set(column);
  return longer;
}
