/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot paths on typed arrays */
// Address → slot, in constant time and without hashing: a directory by address >>> 12 points to pages of 1024 entries, one for each
// aligned word. An ESP32's 400 KiB need 100 pages, its 8 MiB of PSRAM 2,048. The pages are also what a map of the heap draws.

import type { Address } from "../base/units.ts";

const PAGE_SHIFT = 12;
const PAGE_WORDS = 1024;
const PAGES = 2 ** (32 - PAGE_SHIFT);
const FIRST_PAGES = 64;

export class PageTable {
  /** Per 4 KiB of address space: which page of `entries`; 0 is the page that stays empty. */
  private readonly directory = new Int32Array(PAGES);
  private entries = new Int32Array(FIRST_PAGES * PAGE_WORDS);
  private pages = 1;

  /** The slot at this word; 0 where there is none. */
  get(address: Address): number {
    return this.entries[(this.directory[address >>> PAGE_SHIFT]! << 10) | ((address >>> 2) & 1023)]!;
  }

  set(address: Address, slot: number): void {
    let page = this.directory[address >>> PAGE_SHIFT]!;
    if (page === 0) page = this.addPage(address);
    this.entries[(page << 10) | ((address >>> 2) & 1023)] = slot;
  }

  clear(): void {
    this.directory.fill(0);
    this.entries.fill(0, 0, this.pages * PAGE_WORDS);
    this.pages = 1;
  }

  /** The nearest slot at or below `address`, at most `reach` bytes below it; 0 where there is none. */
  getAtOrBelow(address: Address, reach: number): number {
    const lowest = Math.max(0, (address >>> 2) - Math.ceil(reach / 4));
    for (let word = address >>> 2; word >= lowest; word--) {
      const page = this.directory[word >>> 10]!;
      if (page === 0) {
        word &= ~1023;
        continue;
      }
      const slot = this.entries[(page << 10) | (word & 1023)]!;
      if (slot !== 0) return slot;
    }
    return 0;
  }

  private addPage(address: Address): number {
    const page = this.pages++;
    if (this.pages * PAGE_WORDS > this.entries.length) {
      const longer = new Int32Array(this.entries.length * 2);
      longer.set(this.entries);
      this.entries = longer;
    }
    this.directory[address >>> PAGE_SHIFT] = page;
    return page;
  }
}
