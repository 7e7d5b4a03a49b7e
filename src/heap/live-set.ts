/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot paths on typed arrays */
// The live blocks at one point of the history, and the only code that knows what each row does to them. The tracker applies rows as they
// happen, a replay applies them from a key frame on; both end in the same state. Constant time a row but for GAP, SYNC and RESET.

import type { Address, Bytes, Microseconds } from "../base/units.ts";
import { LiveCalls } from "./live-calls.ts";
import { moverOf, Moves, UNKNOWN_MOVER } from "./moves.ts";
import { RowOp, type Rows } from "./rows.ts";
import { BlockFlag, type Bounded, type Totals } from "./types.ts";
import { Cause, type HeapVisitor } from "./visitor.ts";

export class LiveSet extends LiveCalls {
  private readonly moving = new Moves();
  /** What REALLOC_FROM leaves for its REALLOC_END. */
  private chainOrigin = NaN;
  private chainLength = 0;

  unknownFrees = 0;
  /** In a gap: what the device has and we do not, from its own totals; meaningful while `deviceKnown`. */
  deviceBytesAhead: Bytes = 0;
  deviceBlocksAhead = 0;
  deviceKnown = false;
  /** Since the device told its totals, blocks of unknown size were freed. */
  deviceExact = true;

  /** The block at this address that is being moved, by whom `context` says if there are two; 0 where there is none. */
  movingAt(address: Address, context?: number): number {
    return this.moving.find(address, this.address, context === undefined ? UNKNOWN_MOVER : moverOf(context));
  }

  /** Who moves this block, as `moverOf` says it. */
  moverOfSlot(slot: number): number {
    return this.moving.mover(slot);
  }

  /** Live slots by address; a block that is being moved may share its address with a newer one and then comes first. */
  slotsByAddress(): Int32Array<ArrayBuffer> {
    const slots = new Int32Array(this.liveBlocks);
    let count = this.table.collect(slots);
    for (const slot of this.moving.all()) {
      let at = count++;
      for (; at > 0 && this.address[slots[at - 1]!]! >= this.address[slot]!; at--) slots[at] = slots[at - 1]!;
      slots[at] = slot;
    }
    return slots;
  }

  /** Applies rows `from` up to, not including, `to`. */
  applyRows(rows: Rows, from: number, to: number, visitor?: HeapVisitor): void {
    const { op, time, address, size, site, context, baseTime } = rows;
    for (let i = from; ; i++) {
      i = this.applyCalls(rows, i, to, visitor);
      if (i >= to) return;
      this.applyRare(op[i]!, baseTime + time[i]!, address[i]!, size[i]!, site[i]!, context[i]!, visitor);
    }
  }

  /** Every operation but ALLOC and FREE. */
  applyRare(
    op: number,
    time: Microseconds,
    address: Address,
    size: Bytes,
    site: number,
    context: number,
    visitor?: HeapVisitor,
  ): void {
    this.row++;
    switch (op) {
      case RowOp.FREE_UNKNOWN: {
        this.unknownFrees++;
        const slot = this.table.get(address);
        if (slot !== 0) this.end(slot, time, Cause.CALL, context, site, visitor);
        break;
      }
      case RowOp.REALLOC_BEGIN:
        this.beginMove(address, context);
        break;
      case RowOp.REALLOC_FROM:
        this.endMove(time, address, context, visitor);
        break;
      case RowOp.REALLOC_END:
        this.landMove(time, address, size, site, context, visitor);
        break;
      case RowOp.REALLOC_FAILED:
        this.cancelMove(address, context);
        break;
      case RowOp.FOUND: {
        const old = this.table.get(address);
        if (old !== 0) this.end(old, time, Cause.INFERRED, 0, 0, visitor);
        const slot = this.insert(time, address, size, site, context, visitor);
        this.state[slot]! |= BlockFlag.FOUND;
        // What a snapshot shows is already in the device's total.
        this.deviceBytesAhead -= size;
        this.deviceBlocksAhead--;
        if (visitor?.born !== undefined) visitor.born(this, slot, time, Cause.INFERRED);
        break;
      }
      case RowOp.GONE: {
        const slot = size === 1 ? this.movingAt(address) : this.table.get(address);
        if (slot === 0) break;
        this.deviceBytesAhead += this.size[slot]!;
        this.deviceBlocksAhead++;
        this.end(slot, time, Cause.INFERRED, 0, 0, visitor);
        break;
      }
      case RowOp.GAP:
        this.certain = false;
        this.flagAll(BlockFlag.UNCERTAIN, true);
        this.uncertainBytes = this.liveBytes;
        this.uncertainBlocks = this.liveBlocks;
        this.deviceKnown = false;
        if (visitor?.gap !== undefined) visitor.gap(this, time);
        break;
      case RowOp.SYNC:
        this.certain = true;
        this.flagAll(BlockFlag.UNCERTAIN, false);
        this.uncertainBytes = 0;
        this.uncertainBlocks = 0;
        this.deviceKnown = false;
        break;
      case RowOp.RESET:
        this.reset(time, visitor);
        break;
      case RowOp.DEVICE_TOTALS:
        this.deviceBytesAhead = address - this.liveBytes;
        this.deviceBlocksAhead = size - this.liveBlocks;
        this.deviceKnown = true;
        this.deviceExact = true;
        break;
    }
  }

  totalsAt(time: Microseconds): Totals {
    return {
      time,
      bytes: this.bounded(this.liveBytes, this.uncertainBytes, this.deviceBytesAhead, this.deviceExact),
      blocks: this.bounded(this.liveBlocks, this.uncertainBlocks, this.deviceBlocksAhead, true),
      allocations: this.allocations,
      frees: this.frees,
      allocatedBytes: this.allocatedBytes,
      unknownFrees: this.unknownFrees,
      missedAllocations: this.missedAllocations,
      doubleAllocations: this.doubleAllocations,
    };
  }

  private bounded(live: number, uncertain: number, ahead: number, exact: boolean): Bounded {
    if (this.certain) return { value: live, lowest: live, highest: live };
    const lowest = live - uncertain;
    if (!this.deviceKnown) return { value: live, lowest, highest: Infinity };
    const value = Math.max(lowest, live + ahead);
    return { value, lowest: exact ? value : lowest, highest: value };
  }

  /** Puts a block back as a key frame tells it. */
  restore(
    address: Address,
    size: Bytes,
    site: number,
    context: number,
    born: Microseconds,
    origin: Microseconds,
    reallocs: number,
    flags: number,
    mover: number,
  ): void {
    this.makeSlots();
    const slot = this.freeSlots[--this.freeCount]!;
    this.address[slot] = address;
    this.size[slot] = size;
    this.site[slot] = site;
    this.context[slot] = context;
    this.born[slot] = born;
    this.state[slot] = flags & (BlockFlag.UNCERTAIN | BlockFlag.FOUND | BlockFlag.MOVING);
    if (reallocs > 0) this.chain(slot, origin, reallocs);
    this.totals.cover(site);
    this.liveBytes += size;
    this.liveBlocks++;
    if (flags & BlockFlag.UNCERTAIN) {
      this.uncertainBytes += size;
      this.uncertainBlocks++;
    }
    if (flags & BlockFlag.MOVING) this.moving.add(slot, mover);
    else this.table.exchange(address, slot);
  }

  private beginMove(address: Address, context: number): void {
    const slot = this.table.get(address);
    if (slot === 0) return;
    this.table.exchange(address, 0);
    this.state[slot]! |= BlockFlag.MOVING;
    this.moving.add(slot, moverOf(context));
  }

  private endMove(time: Microseconds, address: Address, context: number, visitor: HeapVisitor | undefined): void {
    const slot = this.movingAt(address, context) || this.table.get(address);
    this.chainOrigin = NaN;
    this.chainLength = 0;
    if (slot === 0) {
      this.missedAllocations++;
      this.forgetSize();
      return;
    }
    this.chainOrigin = this.originOf(slot);
    this.chainLength = Math.min(this.reallocs[slot]! + 1, 0xffff);
    this.end(slot, time, Cause.REALLOC, context, 0, visitor);
  }

  private landMove(
    time: Microseconds,
    address: Address,
    size: Bytes,
    site: number,
    context: number,
    visitor: HeapVisitor | undefined,
  ): void {
    const slot = this.insert(time, address, size, site, context, visitor);
    if (this.chainLength > 0) this.chain(slot, this.chainOrigin, this.chainLength);
    this.chainLength = 0;
    if (visitor?.born !== undefined) visitor.born(this, slot, time, Cause.REALLOC);
  }

  private cancelMove(address: Address, context: number): void {
    const slot = this.movingAt(address, context);
    if (slot === 0 || this.table.get(address) !== 0) return;
    this.moving.remove(slot);
    this.state[slot]! &= ~BlockFlag.MOVING;
    this.table.exchange(address, slot);
  }

  private reset(time: Microseconds, visitor: HeapVisitor | undefined): void {
    if (visitor?.died !== undefined) {
      for (const slot of this.slots()) visitor.died(this, slot, time, Cause.RESET, 0, 0);
    }
    this.clear();
  }

  private clear(): void {
    this.table.clear();
    this.hash = 0;
    this.clearSlots();
    this.moving.clear();
    this.totals.clearLive();
    this.liveBlocks = 0;
    this.liveBytes = 0;
    this.lowBytes = 0;
    this.uncertainBytes = 0;
    this.uncertainBlocks = 0;
    this.certain = true;
    this.deviceKnown = false;
  }

  protected forgetMove(slot: number): void {
    this.moving.remove(slot);
  }

  protected forgetSize(): void {
    this.deviceExact = false;
    this.deviceBlocksAhead--;
  }
}
