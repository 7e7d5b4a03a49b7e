/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loop on typed arrays */
// Births and deaths of blocks, and all that is counted with them. One loop does the ALLOC and FREE rows, which are nearly all there are: over
// columns, with all state in local variables, because it decides how fast everything else is.

import type { Address, Bytes, Microseconds } from "../base/units.ts";
import { blockHash } from "../wire/protocol.ts";
import { BlockSlots, CHAINED } from "./block-slots.ts";
import { entryOf, FIRST_ENTRY, PageTable } from "./page-table.ts";
import { RowOp, Rows } from "./rows.ts";
import { SITE_COUNTS, SiteCount, SiteTotals } from "./site-totals.ts";
import { BlockFlag } from "./types.ts";
import { Cause, showCalls, type HeapVisitor, type ShownColumns } from "./visitor.ts";

/** The device's number of each run-wide site. The column may be replaced by a longer one. */
export interface DeviceSites {
  readonly column: Uint32Array;
}

/** Hears of rows that cannot be, if the whole history is known. */
export interface OddRowListener {
  /** A FREE where nothing is live. */
  missing(rows: Rows, row: number): void;
  /** A block at the address of one that is still live; `slot` holds that one. */
  replaced(slot: number, time: Microseconds): void;
}

// Copies of what the loop below needs: at every use of an imported name the compiler looks up what it is bound to.
const { ALLOC, FREE } = RowOp;
const { CALL } = Cause;
const { ALLOCATIONS, ALLOCATED_BYTES, ENDED, ENDED_BYTES } = SiteCount;
const [firstEntry, siteCounts] = [FIRST_ENTRY, SITE_COUNTS];
/** Rows that are applied before a visitor sees them: none of them uses a slot again that another has freed. Few enough for the fastest cache. */
const SHOWN_AT_ONCE = 64;
const SHOWN_MASK = SHOWN_AT_ONCE - 1;
const NO_SITES = new Uint32Array(0);

export abstract class LiveCalls extends BlockSlots implements ShownColumns {
  protected readonly table = new PageTable();
  /** The block of each row that is shown to a visitor. */
  private readonly touched = new Int32Array(SHOWN_AT_ONCE);
  /** What `insert` gives to the loop. */
  private readonly single = new Rows(1, 0, 0);

  /** Sum of blockHash over the live set, 32 bits, where `deviceSites` says by which numbers the device knows the sites. */
  hash = 0;
  deviceSites: DeviceSites | undefined;
  oddRows: OddRowListener | undefined;
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
  missedAllocations = 0;
  doubleAllocations = 0;

  /** Extremes since `markExtremes`, and the row after which the highest was reached. */
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
    return this.table.get(address);
  }

  flags(slot: number): number {
    return this.state[slot]! & ~CHAINED;
  }

  /** A block whose realloc was under way is no more. */
  protected abstract forgetMove(slot: number): void;
  /** A block died whose size is not known. */
  protected abstract forgetSize(): void;
  /** A block is about to die of its free. */
  protected abstract freed(slot: number): void;
  /** A block is about to die of which the device has not been told to have freed it: it did so unseen, before. */
  protected abstract superseded(slot: number): void;

  /** Applies ALLOC and FREE rows from `from` on. Returns the first row that is neither, or `to`. */
  protected applyCalls(rows: Rows, from: number, to: number, visitor: HeapVisitor | undefined): number {
    let i = from;
    for (;;) {
      i = visitor === undefined ? this.applyPlainCalls(rows, i, to, false) : this.showPlainCalls(rows, i, to, visitor);
      if (i === to || rows.op[i]! > FREE) return i;
      const time = rows.baseTime + rows.time[i]!;
      const address = rows.address[i]!;
      const slot = this.table.get(address);
      if (rows.op[i] === ALLOC) {
        // The loop tries again when all is as it wants it.
        this.row++;
        if (slot !== 0) this.replace(slot, time, visitor);
        this.row--;
        this.makeSlots();
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
        this.end(slot, time, CALL, rows.context[i]!, rows.site[i]!, visitor);
      }
      i++;
    }
  }

  /** As `applyPlainCalls`, a stretch at a time, each of which is then shown to the visitor. */
  private showPlainCalls(rows: Rows, from: number, to: number, visitor: HeapVisitor): number {
    const { touched } = this;
    for (let start = from; ;) {
      const { row, liveBytes, liveBlocks } = this;
      const end = this.applyPlainCalls(rows, start, Math.min(to, start + SHOWN_AT_ONCE), true);
      const after = { liveBytes: this.liveBytes, liveBlocks: this.liveBlocks };
      this.row = row;
      this.liveBytes = liveBytes;
      this.liveBlocks = liveBlocks;
      showCalls(visitor, this, rows, start, end, touched);
      this.row = row + end - start;
      this.liveBytes = after.liveBytes;
      this.liveBlocks = after.liveBlocks;
      for (let i = start; i < end; i++) {
        if (rows.op[i] === FREE) this.freeSlots[this.freeCount++] = touched[i - start]!;
      }
      if (end === to || end - start < SHOWN_AT_ONCE) return end;
      start = end;
    }
  }

  /**
   * As `applyCalls`, but returns also at an ALLOC that needs more room or has a block in its way, and at a FREE of none or of one that has flags.
   * Tells each row's slot in `touched`; with `isShown` no slot that a row frees is used again, or free when it returns.
   */
  private applyPlainCalls(rows: Rows, from: number, to: number, isShown: boolean): number {
    const { op, time, address, size, site, context, baseTime } = rows;
    const { top, directory, entries } = this.table;
    const { sites, counts } = this.totals;
    const { freeSlots, state, seen, snapshotOpen, snapshot, touched } = this;
    const { address: addresses, size: sizes, site: siteIds, context: contexts, born: births } = this;
    const isHashed = this.deviceSites !== undefined;
    const deviceSites = this.deviceSites?.column ?? NO_SITES;
    const rowsBefore = this.row - from;
    let { freeCount, hash, liveBytes, lowBytes, highBytes, highRow } = this;
    let newBlocks = 0;
    let newBytes = 0;

    let i = from;
    for (; i < to; i++) {
      const where = address[i]!;
      const entry = entryOf(top, directory, where);
      if (op[i] === ALLOC) {
        const siteId = site[i]!;
        if (entry < firstEntry || entries[entry] !== 0 || freeCount === 0 || siteId >= sites) break;
        const slot = freeSlots[--freeCount]!;
        const bytes = size[i]!;
        entries[entry] = slot;
        addresses[slot] = where;
        sizes[slot] = bytes;
        siteIds[slot] = siteId;
        contexts[slot] = context[i]!;
        births[slot] = baseTime + time[i]!;
        if (snapshotOpen) seen[slot] = snapshot;
        touched[(i - from) & SHOWN_MASK] = slot;
        if (isHashed) hash = (hash + blockHash(where, bytes, deviceSites[siteId]!)) | 0;
        const count = siteId * siteCounts;
        counts[count + ALLOCATIONS]! += 1;
        counts[count + ALLOCATED_BYTES]! += bytes;
        newBlocks++;
        newBytes += bytes;
        liveBytes += bytes;
        if (liveBytes > highBytes) {
          highBytes = liveBytes;
          highRow = rowsBefore + i + 1;
        }
      } else if (op[i] === FREE) {
        const slot = entries[entry]!;
        if (slot === 0 || state[slot] !== 0) break;
        const siteId = siteIds[slot]!;
        const bytes = sizes[slot]!;
        entries[entry] = 0;
        touched[(i - from) & SHOWN_MASK] = slot;
        if (!isShown) freeSlots[freeCount++] = slot;
        if (isHashed) hash = (hash - blockHash(where, bytes, deviceSites[siteId]!)) | 0;
        const count = siteId * siteCounts;
        counts[count + ENDED]! += 1;
        counts[count + ENDED_BYTES]! += bytes;
        liveBytes -= bytes;
        if (liveBytes < lowBytes) lowBytes = liveBytes;
      } else {
        break;
      }
    }

    const gone = i - from - newBlocks;
    this.row = rowsBefore + i;
    this.allocations += newBlocks;
    this.frees += gone;
    this.allocatedBytes += newBytes;
    this.liveBlocks += newBlocks - gone;
    this.liveBytes = liveBytes;
    this.freeCount = freeCount;
    this.hash = hash;
    this.lowBytes = lowBytes;
    this.highBytes = highBytes;
    this.highRow = highRow;
    return i;
  }

  /** A block that came about in another way than by an ALLOC row; `row` is counted already. Returns its slot. */
  protected insert(
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
    single.push(RowOp.ALLOC, time, address, size, site, context);
    this.row--;
    this.applyCalls(single, 0, 1, undefined);
    return this.table.get(address);
  }

  /** At the address of a new block there was another: its free was missed, or the heap handed out one block twice. */
  private replace(old: number, time: Microseconds, visitor: HeapVisitor | undefined): void {
    this.doubleAllocations++;
    this.oddRows?.replaced(old, time);
    this.superseded(old);
    this.end(old, time, Cause.INFERRED, 0, 0, visitor);
  }

  /** The death of any block, in whatever state it is. */
  protected end(
    slot: number,
    time: Microseconds,
    cause: (typeof Cause)[keyof typeof Cause],
    context: number,
    site: number,
    visitor: HeapVisitor | undefined,
  ): void {
    if (visitor?.died !== undefined) visitor.died(this, slot, time, cause, context, site);
    const address = this.address[slot]!;
    const size = this.size[slot]!;
    const state = this.state[slot]!;
    if (state & BlockFlag.MOVING) this.forgetMove(slot);
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
    this.frees++;
    this.liveBlocks--;
    this.liveBytes -= size;
    if (this.liveBytes < this.lowBytes) this.lowBytes = this.liveBytes;
  }
}
