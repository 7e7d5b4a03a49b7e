/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot paths on typed arrays */
// The live blocks at one point of the history, and the only code that knows what each row does to them. The tracker applies rows as they
// happen, a replay applies them from a key frame on; both end in the same state. Constant time a row but for GAP, SYNC and RESET.

import type { Address, Bytes, Microseconds } from "../base/units.ts";
import { blockHash } from "../wire/protocol.ts";
import { BlockSlots, USED } from "./block-slots.ts";
import { moverOf, Moves, UNKNOWN_MOVER } from "./moves.ts";
import { PageTable } from "./page-table.ts";
import { RowOp, type Rows } from "./rows.ts";
import { SiteTotals } from "./site-totals.ts";
import { BlockFlag, type Bounded, type Totals } from "./types.ts";
import { Cause, type HeapVisitor, type LiveColumns } from "./visitor.ts";

/** The device's number of each run-wide site. The column may be replaced by a longer one. */
export interface DeviceSites {
  readonly column: Uint32Array;
}

export class LiveSet extends BlockSlots implements LiveColumns {
  private readonly table = new PageTable();
  private readonly moving = new Moves();
  /** What REALLOC_FROM leaves for its REALLOC_END. */
  private chainOrigin = NaN;
  private chainLength = 0;

  /** Sum of blockHash over the live set, 32 bits, where `deviceSites` says by which numbers the device knows the sites. */
  hash = 0;
  deviceSites: DeviceSites | undefined;
  readonly totals = new SiteTotals();
  /** Is every live block proven? False from a gap on until all is known again. */
  certain = true;
  liveBytes: Bytes = 0;
  liveBlocks = 0;
  uncertainBytes: Bytes = 0;
  uncertainBlocks = 0;
  /** Rows applied since the beginning of the run. */
  row = 0;
  allocations = 0;
  frees = 0;
  allocatedBytes: Bytes = 0;
  unknownFrees = 0;
  missedAllocations = 0;
  doubleAllocations = 0;
  /** In a gap: what the device has and we do not, from its own totals; meaningful while `deviceKnown`. */
  deviceBytesAhead: Bytes = 0;
  deviceBlocksAhead = 0;
  deviceKnown = false;
  /** Since the device told its totals, blocks of unknown size were freed. */
  deviceExact = true;

  /** Extremes since `markExtremes`, and the row after which the highest was reached. */
  lowBytes: Bytes = 0;
  highBytes: Bytes = 0;
  highRow = 0;

  markExtremes(): void {
    this.lowBytes = this.liveBytes;
    this.highBytes = this.liveBytes;
    this.highRow = this.row;
  }

  /** The block at exactly this address; 0 where none is live. One that is being moved is found by `movingAt` only. */
  slotAt(address: Address): number {
    return this.table.get(address);
  }

  movingAt(address: Address, context?: number): number {
    return this.moving.find(address, this.address, context === undefined ? UNKNOWN_MOVER : moverOf(context));
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

  flags(slot: number): number {
    return this.state[slot]! & ~USED;
  }

  /** Applies rows `from` up to, not including, `to`. */
  applyRows(rows: Rows, from: number, to: number, visitor?: HeapVisitor): void {
    const { op, time, address, size, site, context, baseTime } = rows;
    for (let i = from; i < to; i++) {
      const t = baseTime + time[i]!;
      switch (op[i]) {
        case RowOp.ALLOC:
          this.alloc(t, address[i]!, size[i]!, site[i]!, context[i]!, visitor);
          break;
        case RowOp.FREE:
          this.free(t, address[i]!, site[i]!, context[i]!, visitor);
          break;
        default:
          this.applyRare(op[i]!, t, address[i]!, size[i]!, site[i]!, context[i]!, visitor);
      }
    }
  }

  /** Returns the slot of the block that was live here, 0 as it should be; its columns tell what it was until the next call. */
  alloc(
    time: Microseconds,
    address: Address,
    size: Bytes,
    site: number,
    context: number,
    visitor?: HeapVisitor,
  ): number {
    this.row++;
    const old = this.insert(time, address, size, site, context, visitor);
    if (visitor?.born !== undefined) visitor.born(this, this.table.get(address), time, Cause.CALL);
    return old;
  }

  /** Returns the slot of the block that was freed, 0 where none is known; its columns still tell what it was, until the next call. */
  free(time: Microseconds, address: Address, site: number, context: number, visitor?: HeapVisitor): number {
    this.row++;
    const slot = this.table.get(address);
    if (slot === 0) {
      this.missedAllocations++;
      this.forgetSize();
      return 0;
    }
    if (visitor?.died !== undefined) visitor.died(this, slot, time, Cause.CALL, context, site);
    this.remove(slot);
    return slot;
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
    if (op === RowOp.FREE_UNKNOWN && this.table.get(address) !== 0) {
      this.unknownFrees++;
      this.free(time, address, site, context, visitor);
      return;
    }
    this.row++;
    switch (op) {
      case RowOp.FREE_UNKNOWN:
        this.unknownFrees++;
        break;
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
        if (old !== 0) this.infer(old, time, visitor);
        this.insert(time, address, size, site, context, visitor);
        const slot = this.table.get(address);
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
        this.infer(slot, time, visitor);
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
  ): void {
    const slot = this.takeSlot();
    this.fill(slot, address, size, site, context, born);
    this.origin[slot] = origin;
    this.reallocs[slot] = reallocs;
    this.state[slot] = USED | (flags & (BlockFlag.UNCERTAIN | BlockFlag.FOUND | BlockFlag.MOVING));
    this.totals.cover(site);
    this.liveBytes += size;
    this.liveBlocks++;
    if (flags & BlockFlag.UNCERTAIN) {
      this.uncertainBytes += size;
      this.uncertainBlocks++;
    }
    if (flags & BlockFlag.MOVING) this.moving.add(slot, UNKNOWN_MOVER);
    else this.table.exchange(address, slot);
  }

  /** Returns the slot of the block that was in the way. */
  private insert(
    time: Microseconds,
    address: Address,
    size: Bytes,
    site: number,
    context: number,
    visitor: HeapVisitor | undefined,
  ): number {
    const slot = this.takeSlot();
    const old = this.table.exchange(address, slot);
    if (old !== 0) this.replace(old, slot, time, visitor);
    this.fill(slot, address, size, site, context, time);
    if (this.deviceSites !== undefined) {
      this.hash = (this.hash + blockHash(address, size, this.deviceSites.column[site]!)) | 0;
    }
    this.allocations++;
    this.allocatedBytes += size;
    this.totals.add(site, size);
    this.liveBlocks++;
    this.liveBytes += size;
    if (this.liveBytes > this.highBytes) {
      this.highBytes = this.liveBytes;
      this.highRow = this.row;
    }
    return old;
  }

  /** At the address of a new block there was another: its free was missed, or the heap handed out one block twice. */
  private replace(old: number, slot: number, time: Microseconds, visitor: HeapVisitor | undefined): void {
    this.doubleAllocations++;
    const address = this.address[old]!;
    this.infer(old, time, visitor);
    this.table.exchange(address, slot);
  }

  private remove(slot: number): void {
    this.frees++;
    const address = this.address[slot]!;
    const size = this.size[slot]!;
    const state = this.state[slot]!;
    if (state & BlockFlag.MOVING) this.moving.remove(slot);
    else this.table.exchange(address, 0);
    if (this.deviceSites !== undefined) {
      this.hash = (this.hash - blockHash(address, size, this.deviceSites.column[this.site[slot]!]!)) | 0;
    }
    if (state & BlockFlag.UNCERTAIN) {
      this.uncertainBytes -= size;
      this.uncertainBlocks--;
    }
    this.giveSlot(slot);
    this.totals.remove(this.site[slot]!, size);
    this.liveBlocks--;
    this.liveBytes -= size;
    if (this.liveBytes < this.lowBytes) this.lowBytes = this.liveBytes;
  }

  private infer(slot: number, time: Microseconds, visitor: HeapVisitor | undefined): void {
    if (visitor?.died !== undefined) visitor.died(this, slot, time, Cause.INFERRED, 0, 0);
    this.remove(slot);
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
    if (visitor?.died !== undefined) visitor.died(this, slot, time, Cause.REALLOC, context, 0);
    this.remove(slot);
  }

  private landMove(
    time: Microseconds,
    address: Address,
    size: Bytes,
    site: number,
    context: number,
    visitor: HeapVisitor | undefined,
  ): void {
    this.insert(time, address, size, site, context, visitor);
    const slot = this.table.get(address);
    if (this.chainLength > 0) {
      this.origin[slot] = this.chainOrigin;
      this.reallocs[slot] = this.chainLength;
    }
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

  private forgetSize(): void {
    this.deviceExact = false;
    this.deviceBlocksAhead--;
  }
}
