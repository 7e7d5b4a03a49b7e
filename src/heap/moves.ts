// Blocks whose realloc is under way, and who moves each; a handful at most.
import type { Address } from "../base/units.ts";
import { TaskNumber } from "../wire/protocol.ts";

/** A mover that is not known: key frames of early recordings tell only that a block is being moved. */
export const UNKNOWN_MOVER = -1;

/** What tells two movers apart: the task, and of interrupts the core (SPEC 3). `context` is run-wide task × 4 + core. */
export function moverOf(context: number): number {
  return context >>> 2 === TaskNumber.INTERRUPT ? context : context & ~3;
}

export class Moves {
  private readonly slots: number[] = [];
  private readonly movers: number[] = [];

  add(slot: number, mover: number): void {
    this.slots.push(slot);
    this.movers.push(mover);
  }

  /**
   * The slot of a block of this address that is being moved, 0 where there is none. There are two where the heap gave the address
   * out again before the first call returned, and that block is reallocated too: then the one of `mover`. Nobody moves two at once: of two
   * of the same mover the end of the older one's call was lost.
   */
  find(address: Address, column: Uint32Array, mover = UNKNOWN_MOVER): number {
    let oldest = 0;
    for (let i = this.slots.length - 1; i >= 0; i--) {
      const slot = this.slots[i] ?? 0;
      if (column[slot] !== address) continue;
      if (this.movers[i] === mover) return slot;
      oldest = slot;
    }
    return oldest;
  }

  /** All blocks of this address that are being moved, the oldest first. */
  at(address: Address, column: Uint32Array): readonly number[] {
    return this.slots.filter((slot) => column[slot] === address);
  }

  mover(slot: number): number {
    return this.movers[this.slots.indexOf(slot)] ?? UNKNOWN_MOVER;
  }

  /** Of a block that is being moved. */
  setMover(slot: number, mover: number): void {
    this.movers[this.slots.indexOf(slot)] = mover;
  }

  remove(slot: number): void {
    const index = this.slots.indexOf(slot);
    if (index < 0) return;
    this.slots.splice(index, 1);
    this.movers.splice(index, 1);
  }

  clear(): void {
    this.slots.length = 0;
    this.movers.length = 0;
  }

  all(): readonly number[] {
    return this.slots;
  }
}
