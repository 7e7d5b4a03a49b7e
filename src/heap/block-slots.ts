/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot paths on typed arrays */
// Room for live blocks, as columns by slot. A slot is a number from 1 on that a block keeps while it lives; slots are used again.

import type { Microseconds } from "../base/units.ts";
import type { LiveColumns } from "./visitor.ts";

const FIRST_SLOTS = 256;
/** Slots made at a time, where there is room. */
const SLOTS_AT_ONCE = 64;
/** Bit of `state`, next to those of BlockFlag: the block is the result of a realloc, `origin` and `reallocs` say of which. */
const CHAINED = 0x80;

export class BlockSlots implements LiveColumns {
  capacity = FIRST_SLOTS;
  address = new Uint32Array(FIRST_SLOTS);
  size = new Uint32Array(FIRST_SLOTS);
  site = new Uint32Array(FIRST_SLOTS);
  context = new Uint16Array(FIRST_SLOTS);
  born = new Float64Array(FIRST_SLOTS);
  /** Only where `state` says CHAINED; see originOf. */
  origin = new Float64Array(FIRST_SLOTS);
  reallocs = new Uint16Array(FIRST_SLOTS);
  /** BlockFlag bits and CHAINED; 0 for most blocks, and for slots that are free, as `reallocs`. */
  state = new Uint8Array(FIRST_SLOTS);
  /** Number of the last snapshot that has shown the block, or that was under way when it was born. */
  seen = new Uint32Array(FIRST_SLOTS);
  /** Number of the last snapshot, counted up by the tracker, and whether it is under way. */
  snapshot = 0;
  snapshotOpen = false;

  /** Is every live block proven? False from a gap on until all is known again. */
  certain = true;

  /** Slots without a block; `freeCount` of them, last in first out. */
  freeSlots = new Int32Array(FIRST_SLOTS);
  freeCount = 0;
  /** Slots from 1 to here are there. */
  private topSlot = 0;

  /** BlockFlag, or-ed. */
  flags(slot: number): number {
    return this.state[slot]! & ~CHAINED;
  }

  /** Slots in use, in no order that means anything. */
  slots(): Int32Array<ArrayBuffer> {
    const isFree = new Uint8Array(this.topSlot + 1);
    for (let i = 0; i < this.freeCount; i++) isFree[this.freeSlots[i]!] = 1;
    const slots = new Int32Array(this.topSlot - this.freeCount);
    let count = 0;
    for (let slot = 1; slot <= this.topSlot; slot++) if (isFree[slot] === 0) slots[count++] = slot;
    return slots;
  }

  /** Sets or clears a BlockFlag of all blocks. */
  flagAll(flag: number, value: boolean): void {
    const { state } = this;
    for (const slot of this.slots()) state[slot] = value ? state[slot]! | flag : state[slot]! & ~flag;
  }

  /** Indices into `slots` of blocks with flags or a realloc chain: few. */
  specialOf(slots: Int32Array): number[] {
    const special: number[] = [];
    for (let i = 0; i < slots.length; i++) if (this.state[slots[i]!] !== 0) special.push(i);
    return special;
  }

  /** Makes room for so many blocks at once: in columns as long as those that grow, so that one set's can take another's. */
  reserve(blocks: number): void {
    if (blocks >= this.capacity) this.grow(2 ** Math.ceil(Math.log2(blocks + 1)));
  }

  /** When the first block of this block's realloc chain was allocated. */
  originOf(slot: number): Microseconds {
    return (this.state[slot]! & CHAINED) === 0 ? this.born[slot]! : this.origin[slot]!;
  }

  isSeen(slot: number): boolean {
    return this.seen[slot] === this.snapshot;
  }

  markSeen(slot: number): void {
    this.seen[slot] = this.snapshot;
  }

  chain(slot: number, origin: Microseconds, reallocs: number): void {
    this.origin[slot] = origin;
    this.reallocs[slot] = reallocs;
    this.state[slot]! |= CHAINED;
  }

  /** Makes sure that a slot is free. */
  make(): void {
    if (this.freeCount > 0) return;
    if (this.topSlot + 1 >= this.capacity) this.grow(this.capacity * 2);
    const last = Math.min(this.capacity - 1, this.topSlot + SLOTS_AT_ONCE);
    for (let slot = last; slot > this.topSlot; slot--) this.freeSlots[this.freeCount++] = slot;
    this.topSlot = last;
  }

  give(slot: number): void {
    this.state[slot] = 0;
    this.reallocs[slot] = 0;
    this.freeSlots[this.freeCount++] = slot;
  }

  clear(): void {
    this.state.fill(0);
    this.reallocs.fill(0);
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
