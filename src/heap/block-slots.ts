/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot paths on typed arrays */
// Room for live blocks, as columns by slot. A slot is a number from 1 on that a block keeps while it lives; slots are used again.

import type { Address, Bytes, Microseconds } from "../base/units.ts";

const FIRST_SLOTS = 256;
/** Bit of `state`, next to those of BlockFlag: the slot holds a block. */
export const USED = 0x80;

export class BlockSlots {
  capacity = FIRST_SLOTS;
  address = new Uint32Array(FIRST_SLOTS);
  size = new Uint32Array(FIRST_SLOTS);
  site = new Uint32Array(FIRST_SLOTS);
  context = new Uint16Array(FIRST_SLOTS);
  born = new Float64Array(FIRST_SLOTS);
  /** Only for blocks with reallocs; see originOf. */
  protected origin = new Float64Array(FIRST_SLOTS);
  reallocs = new Uint16Array(FIRST_SLOTS);
  protected state = new Uint8Array(FIRST_SLOTS);
  /** Number of the last snapshot that has shown the block, or that was under way when it was born. */
  private seen = new Uint32Array(FIRST_SLOTS);
  /** Number of the last snapshot, counted up by the tracker, and whether it is under way. */
  snapshot = 0;
  snapshotOpen = false;

  /** Slots given back; `freeCount` of them, last in first out. */
  private freeSlots = new Int32Array(FIRST_SLOTS);
  private freeCount = 0;
  /** Slots from 1 to here have been used. */
  private topSlot = 0;

  /** Slots in use, in no order that means anything. */
  slots(): Int32Array<ArrayBuffer> {
    const slots = new Int32Array(this.topSlot - this.freeCount);
    let count = 0;
    for (let slot = 1; slot <= this.topSlot; slot++) if (this.state[slot]! & USED) slots[count++] = slot;
    return slots;
  }

  /** Sets or clears a BlockFlag of all blocks. */
  protected flagAll(flag: number, value: boolean): void {
    const { state } = this;
    for (let slot = 1; slot <= this.topSlot; slot++) {
      if (state[slot]! & USED) state[slot] = value ? state[slot]! | flag : state[slot]! & ~flag;
    }
  }

  /** Makes room for so many blocks at once. */
  reserve(blocks: number): void {
    if (blocks >= this.capacity) this.grow(blocks + 1);
  }

  /** When the first block of this block's realloc chain was allocated. */
  originOf(slot: number): Microseconds {
    return this.reallocs[slot] === 0 ? this.born[slot]! : this.origin[slot]!;
  }

  isSeen(slot: number): boolean {
    return this.seen[slot] === this.snapshot;
  }

  markSeen(slot: number): void {
    this.seen[slot] = this.snapshot;
  }

  protected fill(slot: number, address: Address, size: Bytes, site: number, context: number, born: Microseconds): void {
    this.address[slot] = address;
    this.size[slot] = size;
    this.site[slot] = site;
    this.context[slot] = context;
    this.born[slot] = born;
    this.reallocs[slot] = 0;
    this.state[slot] = USED;
    if (this.snapshotOpen) this.seen[slot] = this.snapshot;
  }

  protected takeSlot(): number {
    if (this.freeCount > 0) return this.freeSlots[--this.freeCount]!;
    const slot = ++this.topSlot;
    if (slot >= this.capacity) this.grow(this.capacity * 2);
    return slot;
  }

  protected giveSlot(slot: number): void {
    this.state[slot] = 0;
    this.freeSlots[this.freeCount++] = slot;
  }

  protected clearSlots(): void {
    this.state.fill(0, 0, this.topSlot + 1);
    this.topSlot = 0;
    this.freeCount = 0;
  }

  private grow(capacity: number): void {
    this.capacity = capacity;
    this.address = grown(this.address, new Uint32Array(capacity));
    this.size = grown(this.size, new Uint32Array(capacity));
    this.site = grown(this.site, new Uint32Array(capacity));
    this.context = grown(this.context, new Uint16Array(capacity));
    this.born = grown(this.born, new Float64Array(capacity));
    this.origin = grown(this.origin, new Float64Array(capacity));
    this.reallocs = grown(this.reallocs, new Uint16Array(capacity));
    this.state = grown(this.state, new Uint8Array(capacity));
    this.seen = grown(this.seen, new Uint32Array(capacity));
    this.freeSlots = grown(this.freeSlots, new Int32Array(capacity));
  }
}

function grown<T extends { set(source: T): void }>(old: T, longer: T): T {
  longer.set(old);
  return longer;
}
