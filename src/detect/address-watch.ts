/* eslint-disable @typescript-eslint/no-non-null-assertion -- a pass over every event, on typed arrays */
// Watches every address in one pass over the events: which live block covers it, and where blocks lie that were freed. Sees what the heap
// never does, a new block inside a live one or around it, and what a free of an unknown address hit.
import type { Address, Microseconds } from "../base/units.ts";
import { PageTable } from "../heap/page-table.ts";
import { RowOp, type Rows } from "../heap/rows.ts";
import { BlockFlag } from "../heap/types.ts";
import type { Anomaly } from "../heap/run-records.ts";
import { Cause, type CauseCode, type HeapVisitor, type LiveColumns } from "../heap/visitor.ts";
import type { FindingBlock } from "./finding.ts";

/** TLSF's smallest block with its header: no two blocks begin in the same stretch of so many bytes. */
const GRANULE_SHIFT = 4;
/** Bits of a word, words of a page. */
const WORD_SHIFT = 5;
const PAGE_SHIFT = 11;
const PAGE_WORDS = 1 << PAGE_SHIFT;
/**
 * So far below an address a block is looked for that reaches it, and so far above its beginning one that it covers. Of a block twice that is marked:
 * what lies behind would not be found, and an absurd size costs no more than this.
 */
const FARTHEST = 1 << 20;
/** More of one kind say nothing new. */
const KEPT = 100;

// Copies: an imported name is looked up at every use.
const { ALLOC } = RowOp;
const { CALL } = Cause;

/** A new block that shares memory with one that was live then. */
export interface Overlap {
  readonly time: Microseconds;
  readonly fresh: FindingBlock;
  readonly old: FindingBlock;
}

/** A free of an address that the device did not know. */
export interface UnknownFree {
  readonly anomaly: Anomaly;
  /** The live block that contains the address and does not begin there. */
  readonly inside?: FindingBlock;
  /** The block that was the last to begin there, and was freed before. */
  readonly before?: FreedBlock;
}

export interface FreedBlock extends FindingBlock {
  readonly freedAt: Microseconds;
  /** Whether a realloc moved it elsewhere. */
  readonly moved: boolean;
  /** 0 where not told. */
  readonly freeSite: number;
  readonly freeTask: number;
}

export class AddressWatch implements HeapVisitor {
  readonly overlaps: Overlap[] = [];
  readonly unknownFrees: UnknownFree[] = [];
  /**
   * A bit for each granule in which a block begins or that it fills; not for the one that it ends in, which may be the one in which the next
   * begins.
   */
  private pages: (Uint32Array | undefined)[] = [];
  /** The block at each address; of two, one of them on its way elsewhere, the other. */
  private readonly slots = new PageTable();
  private readonly anomalies: readonly Anomaly[];
  private nextAnomaly = 0;
  private nextTime: Microseconds = Infinity;
  /** The latest death at each address that an anomaly is about; only where no block began there since. */
  private readonly freed = new Map<Address, FreedBlock | undefined>();

  /** @param anomalies frees of unknown addresses, in the order of their times */
  constructor(anomalies: readonly Anomaly[]) {
    this.anomalies = anomalies;
    this.nextTime = anomalies[0]?.time ?? Infinity;
    for (const { address } of anomalies) this.freed.set(address, undefined);
  }

  begin(live: LiveColumns, slots: Iterable<number>): void {
    this.pages = [];
    this.slots.clear();
    for (const slot of slots) {
      const address = live.address[slot]!;
      this.mark(address, live.size[slot]!, true);
      if (!isMoving(live, slot) || this.slots.get(address) === 0) this.slots.exchange(address, slot);
    }
  }

  calls(live: LiveColumns, rows: Rows, from: number, to: number, slots: Int32Array): void {
    const { op, time, site, context, baseTime } = rows;
    for (let i = from; i < to; i++) {
      const slot = slots[i - from]!;
      if (op[i] === ALLOC) this.born(live, slot, baseTime + time[i]!, CALL);
      else this.died(live, slot, baseTime + time[i]!, CALL, context[i]!, site[i]!);
    }
  }

  born(live: LiveColumns, slot: number, time: Microseconds, cause: CauseCode): void {
    if (time > this.nextTime) this.settle(live, time);
    const address = live.address[slot]!;
    if (this.freed.size > 0 && this.freed.has(address)) this.freed.set(address, undefined);
    this.slots.exchange(address, slot);
    if (this.mark(address, live.size[slot]!, true) && cause !== Cause.INFERRED) this.meet(live, slot, time);
  }

  died(live: LiveColumns, slot: number, time: Microseconds, cause: CauseCode, context: number, site: number): void {
    if (time > this.nextTime) this.settle(live, time);
    const address = live.address[slot]!;
    this.mark(address, live.size[slot]!, false);
    const there = this.slots.exchange(address, 0);
    if (there !== slot) this.slots.exchange(address, there);
    if (this.freed.size === 0 || !this.freed.has(address)) return;
    const isCall = cause === Cause.CALL || cause === Cause.REALLOC;
    const how = { freedAt: time, moved: cause === Cause.REALLOC, freeSite: site, freeTask: context >>> 2 };
    this.freed.set(address, isCall && live.certain ? { ...blockOf(live, slot), ...how } : undefined);
  }

  gap(): void {
    // What was freed before may have been handed out again meanwhile.
    for (const address of this.freed.keys()) this.freed.set(address, undefined);
  }

  end(live: LiveColumns, _slots: Iterable<number>, time: Microseconds): void {
    this.settle(live, time + 1);
  }

  /** Returns whether any of the granules was marked before. */
  private mark(address: Address, size: number, isLive: boolean): boolean {
    const first = address >>> GRANULE_SHIFT;
    const end = Math.min(address + Math.min(size, 2 * FARTHEST), 2 ** 32);
    const last = Math.max(first, (Math.max(0, end - 1) >>> GRANULE_SHIFT) - 1);
    const lastWord = last >>> WORD_SHIFT;
    let before = 0;
    for (let word = first >>> WORD_SHIFT; word <= lastWord; word++) {
      const page = (this.pages[word >>> PAGE_SHIFT] ??= new Uint32Array(PAGE_WORDS));
      const at = word & (PAGE_WORDS - 1);
      const old = page[at]!;
      const from = word === first >>> WORD_SHIFT ? -1 << (first & 31) : -1;
      const mask = word === lastWord ? from & (-1 >>> (31 - (last & 31))) : from;
      before |= old & mask;
      page[at] = isLive ? old | mask : old & ~mask;
    }
    return before !== 0;
  }

  private isMarked(address: Address): boolean {
    const granule = address >>> GRANULE_SHIFT;
    const word = this.pages[granule >>> (WORD_SHIFT + PAGE_SHIFT)]?.[(granule >>> WORD_SHIFT) & (PAGE_WORDS - 1)] ?? 0;
    return ((word >>> (granule & 31)) & 1) === 1;
  }

  /** The new block shares granules with a live one. Notes it where that is no realloc under way and nothing is missing. */
  private meet(live: LiveColumns, slot: number, time: Microseconds): void {
    if (!live.certain || this.overlaps.length >= KEPT) return;
    const start = live.address[slot]!;
    const other =
      blockAround(live, this.slots, start) || blockBeginning(live, this.slots, start, start + live.size[slot]!);
    if (other !== 0) this.overlaps.push({ time, fresh: blockOf(live, slot), old: blockOf(live, other) });
  }

  /** Judges the anomalies before `time`: all events up to theirs, and at the same time, have been seen. */
  private settle(live: LiveColumns, time: Microseconds): void {
    for (; this.nextTime < time; this.nextTime = this.anomalies[++this.nextAnomaly]?.time ?? Infinity) {
      const anomaly = this.anomalies[this.nextAnomaly];
      if (anomaly === undefined) return;
      const inside = this.containing(live, anomaly);
      const before = this.freed.get(anomaly.address);
      this.unknownFrees.push({
        anomaly,
        ...(inside !== undefined && { inside }),
        ...(before !== undefined && before.freedAt <= anomaly.time - 1 && { before }),
      });
    }
  }

  /** A block that was born in the same microsecond may be what the heap made of the freed memory. */
  private containing(live: LiveColumns, { address, time }: Anomaly): FindingBlock | undefined {
    if (!this.isMarked(address)) return undefined;
    const slot = blockAround(live, this.slots, address);
    return slot === 0 || live.born[slot]! > time - 1 ? undefined : blockOf(live, slot);
  }
}

/** The live block that contains `address` and begins below it, proven and not on its way elsewhere; 0 where there is none. */
function blockAround(live: LiveColumns, slots: PageTable, address: Address): number {
  if (address === 0) return 0;
  const lowest = Math.max(0, address - FARTHEST);
  for (let start = ((address - 1) & ~3) >>> 0; start > lowest; start -= 4) {
    const slot = slots.get(start);
    if (slot !== 0 && !isMoving(live, slot)) return address < start + live.size[slot]! && isSure(live, slot) ? slot : 0;
  }
  return 0;
}

/** The first live block that begins behind `start` and before `end`. */
function blockBeginning(live: LiveColumns, slots: PageTable, start: Address, end: Address): number {
  const farthest = Math.min(end, start + FARTHEST);
  for (let address = ((start & ~3) >>> 0) + 4; address < farthest; address += 4) {
    const slot = slots.get(address);
    if (slot !== 0 && !isMoving(live, slot)) return slot;
  }
  return 0;
}

/** A realloc of the block is under way: its memory may be another's already. */
function isMoving(live: LiveColumns, slot: number): boolean {
  return (live.flags(slot) & BlockFlag.MOVING) !== 0;
}

function isSure(live: LiveColumns, slot: number): boolean {
  return (live.flags(slot) & BlockFlag.UNCERTAIN) === 0;
}

function blockOf(live: LiveColumns, slot: number): FindingBlock {
  return {
    address: live.address[slot]!,
    size: live.size[slot]!,
    site: live.site[slot]!,
    task: live.context[slot]! >>> 2,
    born: live.originOf(slot),
  };
}
