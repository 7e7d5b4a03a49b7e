/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot paths on typed arrays */
/* eslint-disable max-lines -- one idea: what each row does to the live blocks */
// The live blocks at one point of the history, and the only code that knows what each row does to them. The tracker applies rows as they
// happen, a replay applies them from a key frame on; both end in the same state. Constant time a row but for GAP, SYNC and RESET.

import type { Address, Bytes, Microseconds } from "../base/units.ts";
import { BlockSlots } from "./block-slots.ts";
import { Bounds } from "./bounds.ts";
import { blockHash } from "../wire/protocol.ts";
import { applyPlainCalls, SHOWN_AT_ONCE, type CountedBlocks, type DeviceSites } from "./live-calls.ts";
import { moverOf, Moves, UNKNOWN_MOVER } from "./moves.ts";
import { PageTable } from "./page-table.ts";
import { RowOp, Rows } from "./rows.ts";
import { SiteTotals } from "./site-totals.ts";
import { BlockFlag } from "./types.ts";
import { Cause, showCalls, type CauseCode, type HeapVisitor } from "./visitor.ts";

/** Hears of rows that cannot be, if the whole history is known. */
export interface OddRowListener {
  /** A FREE where nothing is live. */
  missing(rows: Rows, row: number): void;
  /** A block at the address of one that is still live; `slot` holds that one. */
  replaced(slot: number, time: Microseconds): void;
}

const { ALLOC, FREE } = RowOp;

export class LiveSet implements CountedBlocks {
  readonly blocks = new BlockSlots();
  /** The slot at each address; not of blocks that are being moved. */
  readonly table = new PageTable();
  private readonly moving = new Moves();
  readonly totals = new SiteTotals();
  readonly bounds = new Bounds();
  /** What REALLOC_FROM leaves for its REALLOC_END. */
  private chainOrigin = NaN;
  private chainLength = 0;
  /** The block of each row that is shown to a visitor. */
  private readonly touched = new Int32Array(SHOWN_AT_ONCE);
  /** What `insert` gives to the loop. */
  private readonly single = new Rows(1, 0, 0);

  deviceSites: DeviceSites | undefined;
  oddRows: OddRowListener | undefined;
  hash = 0;
  row = 0;
  liveBytes: Bytes = 0;
  liveBlocks = 0;
  uncertainBytes: Bytes = 0;
  uncertainBlocks = 0;
  allocations = 0;
  frees = 0;
  allocatedBytes: Bytes = 0;
  unknownFrees = 0;
  missedAllocations = 0;
  doubleAllocations = 0;
  lowBytes: Bytes = 0;
  highBytes: Bytes = 0;
  highRow = 0;

  markExtremes(): void {
    this.lowBytes = this.liveBytes;
    this.highBytes = this.liveBytes;
    this.highRow = this.row;
  }

  /** The block at exactly this address; 0 where none is live or its realloc is under way. */
  slotAt(address: Address): number {
    const slot = this.table.get(address); // of its word
    return slot !== 0 && this.blocks.address[slot] === address ? slot : 0;
  }

  /** The block at this address that is being moved, by whom `context` says if there are two; 0 where there is none. */
  movingAt(address: Address, context?: number): number {
    return this.moving.find(address, this.blocks.address, context === undefined ? UNKNOWN_MOVER : moverOf(context));
  }

  /** All blocks at this address that are being moved, the oldest first. */
  allMovingAt(address: Address): readonly number[] {
    return this.moving.at(address, this.blocks.address);
  }

  /** Who moves this block, as `moverOf` says it. */
  moverOfSlot(slot: number): number {
    return this.moving.mover(slot);
  }

  /** It turns out who moves a block that is being moved. */
  setMover(slot: number, mover: number): void {
    this.moving.setMover(slot, mover);
  }

  /** Live slots by address; of blocks that are being moved from one address the oldest comes first, and one that is not being moved last. */
  slotsByAddress(): Int32Array<ArrayBuffer> {
    const slots = new Int32Array(this.liveBlocks);
    let count = this.table.collect(slots);
    const moving = this.moving.all();
    for (let i = moving.length - 1; i >= 0; i--) {
      const slot = moving[i]!;
      let at = count++;
      for (; at > 0 && this.blocks.address[slots[at - 1]!]! >= this.blocks.address[slot]!; at--)
        slots[at] = slots[at - 1]!;
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

  /** Applies ALLOC and FREE rows from `from` on. Returns the first row that is neither, or `to`. */
  private applyCalls(rows: Rows, from: number, to: number, visitor: HeapVisitor | undefined): number {
    let i = from;
    for (;;) {
      i =
        visitor === undefined
          ? applyPlainCalls(this, rows, i, to, this.touched, false)
          : this.applyShown(rows, i, to, visitor);
      if (i === to || rows.op[i]! > FREE) return i;
      const time = rows.baseTime + rows.time[i]!;
      const address = rows.address[i]!;
      const slot = this.table.get(address);
      if (rows.op[i] === ALLOC) {
        // The loop tries again when all is as it wants it.
        this.row++;
        if (slot !== 0) this.replace(slot, time, visitor);
        this.row--;
        this.blocks.make();
        this.table.makePage(address);
        this.totals.cover(rows.site[i]!);
        continue;
      }
      this.row++;
      if (slot === 0) {
        this.missedAllocations++;
        this.forgetSize();
        this.oddRows?.missing(rows, i);
      } else {
        this.freed(slot);
        this.end(slot, time, Cause.CALL, rows.context[i]!, rows.site[i]!, visitor);
      }
      i++;
    }
  }

  /** As `applyPlainCalls`, a stretch at a time, each of which is then shown to the visitor. */
  private applyShown(rows: Rows, from: number, to: number, visitor: HeapVisitor): number {
    const { blocks, touched } = this;
    for (let start = from; ;) {
      const end = applyPlainCalls(this, rows, start, Math.min(to, start + SHOWN_AT_ONCE), touched, true);
      showCalls(visitor, blocks, rows, start, end, touched);
      for (let i = start; i < end; i++) {
        if (rows.op[i] === FREE) blocks.freeSlots[blocks.freeCount++] = touched[i - start]!;
      }
      if (end === to || end - start < SHOWN_AT_ONCE) return end;
      start = end;
    }
  }

  /** A block that came about in another way than by an ALLOC row; `row` is counted already. Returns its slot. */
  private insert(
    time: Microseconds,
    address: Address,
    size: Bytes,
    site: number,
    context: number,
    visitor: HeapVisitor | undefined,
  ): number {
    const { single } = this;
    const old = this.table.get(address);
    if (old !== 0) this.replace(old, time, visitor);
    single.restart(0);
    single.push(ALLOC, time, address, size, site, context);
    this.row--;
    this.applyCalls(single, 0, 1, undefined);
    return this.table.get(address);
  }

  /** At the address of a new block there was another: its free was missed, or the heap handed out one block twice. */
  private replace(old: number, time: Microseconds, visitor: HeapVisitor | undefined): void {
    this.doubleAllocations++;
    this.oddRows?.replaced(old, time);
    this.takeOut(old, time, visitor);
  }

  /** The death of any block, in whatever state it is. */
  private end(
    slot: number,
    time: Microseconds,
    cause: CauseCode,
    context: number,
    site: number,
    visitor: HeapVisitor | undefined,
  ): void {
    const { blocks } = this;
    if (visitor?.died !== undefined) visitor.died(blocks, slot, time, cause, context, site, this.row);
    const address = blocks.address[slot]!;
    const size = blocks.size[slot]!;
    const state = blocks.state[slot]!;
    if (state & BlockFlag.MOVING) this.moving.remove(slot);
    else this.table.exchange(address, 0);
    if (this.deviceSites !== undefined) {
      this.hash = (this.hash - blockHash(address, size, this.deviceSites.column[blocks.site[slot]!]!)) | 0;
    }
    if (state & BlockFlag.UNCERTAIN) {
      this.uncertainBytes -= size;
      this.uncertainBlocks--;
    }
    this.totals.remove(blocks.site[slot]!, size);
    blocks.give(slot);
    this.frees++;
    this.liveBlocks--;
    this.liveBytes -= size;
    if (this.liveBytes < this.lowBytes) this.lowBytes = this.liveBytes;
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
        const slot = this.slotAt(address);
        if (slot === 0) break;
        // The device did not count it.
        if (!this.blocks.certain) this.bounds.deviceOnly(this.blocks.size[slot]!, 1);
        this.end(slot, time, Cause.CALL, context, site, visitor);
        break;
      }
      case RowOp.REALLOC_BEGIN:
        this.beginMove(address, moverOf(context));
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
        if (old !== 0 && this.blocks.size[old] === size && this.blocks.site[old] === site) {
          this.confirm(old);
          break;
        }
        if (old !== 0) this.takeOut(old, time, visitor);
        const slot = this.insert(time, address, size, site, context, visitor);
        this.blocks.state[slot]! |= BlockFlag.FOUND;
        // What a snapshot shows the device has had already.
        if (!this.blocks.certain) this.bounds.deviceOnly(-size, -1);
        if (visitor?.born !== undefined) visitor.born(this.blocks, slot, time, Cause.INFERRED, this.row);
        break;
      }
      case RowOp.GONE: {
        const slot = size === 0 ? this.table.get(address) : (this.allMovingAt(address)[size - 1] ?? 0);
        if (slot !== 0) this.takeOut(slot, time, visitor);
        break;
      }
      case RowOp.GAP:
        this.doubtAll(time, size === 0 ? Infinity : size, false, visitor);
        break;
      case RowOp.SYNC:
        this.proveAll();
        break;
      case RowOp.RESET:
        this.reset(time, visitor);
        break;
      case RowOp.DEVICE_TOTALS:
        this.told(address, size);
        break;
    }
  }

  /** A block turns out to be gone. */
  takeOut(slot: number, time: Microseconds, visitor: HeapVisitor | undefined): void {
    this.superseded(slot);
    this.end(slot, time, Cause.INFERRED, 0, 0, visitor);
  }

  /** Every live block is what the device has, and there are no others. */
  proveAll(): void {
    this.blocks.certain = true;
    this.blocks.flagAll(BlockFlag.UNCERTAIN, false);
    this.uncertainBytes = 0;
    this.uncertainBlocks = 0;
    this.bounds.clear();
  }

  /** History is missing: so many events, Infinity where that is not known; `mayRestart`: a restart may be among them. */
  doubtAll(time: Microseconds, missingEvents: number, mayRestart: boolean, visitor: HeapVisitor | undefined): void {
    this.blocks.certain = false;
    this.blocks.flagAll(BlockFlag.UNCERTAIN, true);
    this.uncertainBytes = this.liveBytes;
    this.uncertainBlocks = this.liveBlocks;
    this.bounds.gap(missingEvents, mayRestart);
    if (visitor?.gap !== undefined) visitor.gap(this.blocks, time);
  }

  /** The device's own totals. */
  told(bytes: Bytes, blocks: number): void {
    if (!this.blocks.certain) this.bounds.told(bytes - this.liveBytes, blocks - this.liveBlocks);
  }

  /** What stands there is what stood there before the gap, or has come after it. */
  private confirm(slot: number): void {
    if ((this.blocks.state[slot]! & BlockFlag.UNCERTAIN) === 0) return;
    this.blocks.state[slot]! &= ~BlockFlag.UNCERTAIN;
    this.uncertainBytes -= this.blocks.size[slot]!;
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
    this.blocks.make();
    const slot = this.blocks.freeSlots[--this.blocks.freeCount]!;
    this.blocks.address[slot] = address;
    this.blocks.size[slot] = size;
    this.blocks.site[slot] = site;
    this.blocks.context[slot] = context;
    this.blocks.born[slot] = born;
    this.blocks.state[slot] = flags & (BlockFlag.UNCERTAIN | BlockFlag.FOUND | BlockFlag.MOVING);
    if (reallocs > 0) this.blocks.chain(slot, origin, reallocs);
    this.totals.add(site, size);
    this.liveBytes += size;
    this.liveBlocks++;
    if (flags & BlockFlag.UNCERTAIN) {
      this.uncertainBytes += size;
      this.uncertainBlocks++;
    }
    if (flags & BlockFlag.MOVING) this.moving.add(slot, mover);
    else this.table.exchange(address, slot);
  }

  /** @param mover see moverOf */
  beginMove(address: Address, mover: number): void {
    const slot = this.table.get(address);
    if (slot === 0) return;
    this.table.exchange(address, 0);
    this.blocks.state[slot]! |= BlockFlag.MOVING;
    this.moving.add(slot, mover);
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
    this.chainOrigin = this.blocks.originOf(slot);
    this.chainLength = Math.min(this.blocks.reallocs[slot]! + 1, 0xffff);
    this.end(slot, time, Cause.REALLOC, context, 0, visitor);
  }

  /** A block whose move was not seen to begin: in a gap only one from before it. */
  private mayMove(slot: number): number {
    return this.blocks.certain || (this.blocks.state[slot]! & BlockFlag.UNCERTAIN) !== 0 ? slot : 0;
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
    if (this.chainLength > 0) this.blocks.chain(slot, this.chainOrigin, this.chainLength);
    this.chainLength = 0;
    if (visitor?.born !== undefined) visitor.born(this.blocks, slot, time, Cause.REALLOC, this.row);
  }

  private cancelMove(address: Address, context: number): void {
    const slot = this.movingAt(address, context);
    if (slot === 0 || this.table.get(address) !== 0) return;
    this.moving.remove(slot);
    this.blocks.state[slot]! &= ~BlockFlag.MOVING;
    this.table.exchange(address, slot);
  }

  private reset(time: Microseconds, visitor: HeapVisitor | undefined): void {
    if (visitor?.died !== undefined) {
      for (const slot of this.blocks.slots()) visitor.died(this.blocks, slot, time, Cause.RESET, 0, 0, this.row);
    }
    this.clear();
  }

  /** As at the beginning of a run, in the memory that it has. */
  restart(): void {
    this.clear();
    this.totals.clear();
    this.blocks.snapshot = 0;
    this.blocks.snapshotOpen = false;
    this.blocks.seen.fill(0);
    this.chainOrigin = NaN;
    this.chainLength = 0;
    this.row = 0;
    this.allocations = 0;
    this.frees = 0;
    this.allocatedBytes = 0;
    this.unknownFrees = 0;
    this.missedAllocations = 0;
    this.doubleAllocations = 0;
    this.markExtremes();
  }

  private clear(): void {
    // By block and not by site: a board may restart more often than it has blocks.
    for (const slot of this.blocks.slots()) this.totals.remove(this.blocks.site[slot]!, this.blocks.size[slot]!);
    this.table.clear();
    this.hash = 0;
    this.blocks.clear();
    this.moving.clear();
    this.liveBlocks = 0;
    this.liveBytes = 0;
    this.lowBytes = 0;
    this.proveAll();
  }

  /** A block died whose size is not known. */
  private forgetSize(): void {
    if (!this.blocks.certain) this.bounds.freedUnknown();
  }

  /** A block is about to die of its free. */
  private freed(slot: number): void {
    if ((this.blocks.state[slot]! & BlockFlag.UNCERTAIN) !== 0) this.bounds.freedUncertain(this.blocks.size[slot]!);
  }

  /** A block is about to die of which the device has not been told to have freed it: it did so unseen, before. */
  private superseded(slot: number): void {
    if ((this.blocks.state[slot]! & BlockFlag.UNCERTAIN) !== 0) this.bounds.gone(this.blocks.size[slot]!);
    else if (!this.blocks.certain) this.bounds.deviceOnly(this.blocks.size[slot]!, 1);
  }
}
