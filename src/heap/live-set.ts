/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot paths on typed arrays */
// The live blocks at one point of the history, and the only code that knows what each row does to them. The tracker applies rows as they
// happen, a replay applies them from a key frame on; both end in the same state. Constant time a row but for GAP, SYNC and RESET.

import type { Address, Bytes, Microseconds } from "../base/units.ts";
import { Bounds, sumOfLargest } from "./bounds.ts";
import { blockHash } from "../wire/protocol.ts";
import type { Heartbeat } from "../wire/records.ts";
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
  readonly bounds = new Bounds();

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
        if (slot === 0) break;
        // The device did not count it.
        if (!this.certain) this.bounds.deviceOnly(this.size[slot]!, 1);
        this.end(slot, time, Cause.CALL, context, site, visitor);
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
        if (old !== 0 && this.size[old] === size && this.site[old] === site) {
          this.confirm(old);
          break;
        }
        if (old !== 0) {
          this.superseded(old);
          this.end(old, time, Cause.INFERRED, 0, 0, visitor);
        }
        const slot = this.insert(time, address, size, site, context, visitor);
        this.state[slot]! |= BlockFlag.FOUND;
        // What a snapshot shows the device has had already.
        if (!this.certain) this.bounds.deviceOnly(-size, -1);
        if (visitor?.born !== undefined) visitor.born(this, slot, time, Cause.INFERRED);
        break;
      }
      case RowOp.GONE: {
        const slot = size === 1 ? this.movingAt(address) : this.table.get(address);
        if (slot === 0) break;
        this.superseded(slot);
        this.end(slot, time, Cause.INFERRED, 0, 0, visitor);
        break;
      }
      case RowOp.GAP:
        this.certain = false;
        this.flagAll(BlockFlag.UNCERTAIN, true);
        this.uncertainBytes = this.liveBytes;
        this.uncertainBlocks = this.liveBlocks;
        this.bounds.gap(size === 0 ? Infinity : size);
        if (visitor?.gap !== undefined) visitor.gap(this, time);
        break;
      case RowOp.SYNC:
        this.certain = true;
        this.flagAll(BlockFlag.UNCERTAIN, false);
        this.uncertainBytes = 0;
        this.uncertainBlocks = 0;
        this.bounds.clear();
        break;
      case RowOp.RESET:
        this.reset(time, visitor);
        break;
      case RowOp.DEVICE_TOTALS:
        if (!this.certain) this.bounds.told(address - this.liveBytes, size - this.liveBlocks);
        break;
    }
  }

  totalsAt(time: Microseconds): Totals {
    return {
      time,
      bytes: this.boundedBytes(),
      blocks: this.boundedBlocks(),
      allocations: this.allocations,
      frees: this.frees,
      allocatedBytes: this.allocatedBytes,
      unknownFrees: this.unknownFrees,
      missedAllocations: this.missedAllocations,
      doubleAllocations: this.doubleAllocations,
    };
  }

  /** Of the uncertain blocks, at most as many are gone as events are missing. */
  private boundedBytes(): Bounded {
    const { liveBytes: live, bounds } = this;
    if (this.certain) return { value: live, lowest: live, highest: live };
    const lost = sumOfLargest(this.uncertainSizes(), bounds.missingEvents);
    return bounded(live, Math.max(live - lost, live + bounds.bytesLow), live + bounds.bytesHigh);
  }

  private boundedBlocks(): Bounded {
    const { liveBlocks: live, bounds } = this;
    if (this.certain) return { value: live, lowest: live, highest: live };
    const lost = Math.min(this.uncertainBlocks, bounds.missingEvents);
    return bounded(live, Math.max(live - lost, live + bounds.blocksLow), live + bounds.blocksHigh);
  }

  /** Whether the device has just the blocks that are certain: then those in doubt are gone. */
  isJustTheCertain({ liveBlocks, liveBytes, hash }: Pick<Heartbeat, "liveBlocks" | "liveBytes" | "hash">): boolean {
    const [blocks, bytes] = [this.liveBlocks - this.uncertainBlocks, this.liveBytes - this.uncertainBytes];
    if (this.uncertainBlocks === 0 || liveBlocks !== blocks || liveBytes !== bytes) return false;
    const sites = this.deviceSites?.column;
    let sum = 0;
    for (const slot of this.slots()) {
      if ((this.state[slot]! & BlockFlag.UNCERTAIN) !== 0) continue;
      sum = (sum + blockHash(this.address[slot]!, this.size[slot]!, sites?.[this.site[slot]!] ?? 0)) >>> 0;
    }
    return hash >>> 0 === sum;
  }

  private uncertainSizes(): Bytes[] {
    const sizes: Bytes[] = [];
    for (const slot of this.slots()) if ((this.state[slot]! & BlockFlag.UNCERTAIN) !== 0) sizes.push(this.size[slot]!);
    return sizes;
  }

  /** What stands there is what stood there before the gap, or has come after it. */
  private confirm(slot: number): void {
    if ((this.state[slot]! & BlockFlag.UNCERTAIN) === 0) return;
    this.state[slot]! &= ~BlockFlag.UNCERTAIN;
    this.uncertainBytes -= this.size[slot]!;
    this.uncertainBlocks--;
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
    const slot = this.movingAt(address, context) || this.mayMove(this.table.get(address));
    this.chainOrigin = NaN;
    this.chainLength = 0;
    if (slot === 0) {
      this.missedAllocations++;
      this.forgetSize();
      return;
    }
    this.freed(slot);
    this.chainOrigin = this.originOf(slot);
    this.chainLength = Math.min(this.reallocs[slot]! + 1, 0xffff);
    this.end(slot, time, Cause.REALLOC, context, 0, visitor);
  }

  /** A block whose move was not seen to begin: in a gap only one from before it. */
  private mayMove(slot: number): number {
    return this.certain || (this.state[slot]! & BlockFlag.UNCERTAIN) !== 0 ? slot : 0;
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
    this.bounds.clear();
  }

  protected forgetMove(slot: number): void {
    this.moving.remove(slot);
  }

  protected forgetSize(): void {
    if (!this.certain) this.bounds.freedUnknown();
  }

  protected freed(slot: number): void {
    if ((this.state[slot]! & BlockFlag.UNCERTAIN) !== 0) this.bounds.freedUncertain(this.size[slot]!);
  }

  protected superseded(slot: number): void {
    if ((this.state[slot]! & BlockFlag.UNCERTAIN) !== 0) this.bounds.gone(this.size[slot]!);
    else if (!this.certain) this.bounds.deviceOnly(this.size[slot]!, 1);
  }
}

function bounded(value: number, lowest: number, highest: number): Bounded {
  return { value: Math.min(Math.max(value, lowest), highest), lowest, highest };
}
