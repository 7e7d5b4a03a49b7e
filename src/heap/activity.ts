/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// What each site, or each group by another key, did in a window, gathered in one pass: the numbers that leak, waste and churn findings rest
// on. Of a sample they are estimates.

import type { Microseconds } from "../base/units.ts";
import type { BlockFilter } from "./filter.ts";
import type { Grouping } from "./group.ts";
import { acceptsSlot } from "./blocks.ts";
import { RowOp, type Rows } from "./rows.ts";
import type { Sampling } from "./sampling.ts";
import { LIFETIME_BUCKETS, type Activity, type Window } from "./types.ts";
import { Cause, type CauseCode, type HeapVisitor, type LiveColumns } from "./visitor.ts";

const TASKS = 1 << 14;
/** Below this Math.clz32 takes a number as it is; from the other on a lifetime belongs into the last bucket. */
const HALF = 2 ** 31;
const LONGEST = 2 ** (LIFETIME_BUCKETS - 1);

// Copies: an imported name is looked up at every use.
const { ALLOC } = RowOp;
const { CALL, REALLOC } = Cause;

/** What is counted at every event, side by side: [group * COUNTS + one of these]. */
const Count = {
  ALLOCATIONS: 0,
  ALLOCATED_BYTES: 1,
  FREES: 2,
  FREED_BYTES: 3,
  /** Live now. */
  BYTES: 4,
  PEAK_BYTES: 5,
  PEAK_TIME: 6,
  TEMPORARY: 7,
  TEMPORARY_BYTES: 8,
  LONGEST_ENDED: 9,
} as const;
const COUNTS = 10;

/**
 * A visitor that fills `result` (once it has seen the end). Blocks that the filter refuses are not seen. An age in the filter is that at a block's
 * death or at the end of the window, so a filtered allocation is counted when that is known; peaks and reallocs take every block for old.
 */
export class ActivityVisitor implements HeapVisitor {
  readonly result: Activity;
  private readonly groups: number;
  private readonly counts: Float64Array;
  private readonly lifetimes: Float64Array;
  private readonly window: Window;
  private readonly filter: BlockFilter | undefined;
  private readonly weight: Sampling["weight"];
  private readonly temporaryWithin: number;
  private readonly groupOf: Grouping["groupOf"] | undefined;
  /** Heap calls of each task so far; what it was at each block's birth, 0 where that was before the window. */
  private readonly heapCalls = new Uint32Array(TASKS);
  private callAtBirth = new Uint32Array(0);
  private movedFrom = 0;

  constructor(
    groups: number,
    window: Window,
    filter: BlockFilter | undefined,
    weight: Sampling["weight"],
    temporaryWithin = 1,
    groupOf?: Grouping["groupOf"],
  ) {
    const column = (): Float64Array<ArrayBuffer> => new Float64Array(groups);
    this.result = {
      window,
      allocations: column(),
      allocatedBytes: column(),
      frees: column(),
      freedBytes: column(),
      liveBlocks: column(),
      liveBytes: column(),
      survivorBytes: column(),
      peakBytes: column(),
      peakTime: column(),
      temporaryAllocations: column(),
      temporaryBytes: column(),
      reallocs: column(),
      moves: column(),
      longestChain: column(),
      lifetimes: new Float64Array(groups * LIFETIME_BUCKETS),
      longestEnded: column(),
      longestOngoing: column(),
    };
    this.groups = groups;
    this.lifetimes = this.result.lifetimes;
    this.counts = new Float64Array(groups * COUNTS);
    this.window = window;
    this.filter = filter;
    this.weight = weight;
    this.temporaryWithin = temporaryWithin;
    this.groupOf = groupOf;
  }

  begin(live: LiveColumns, slots: Iterable<number>, time: Microseconds): void {
    const { counts } = this;
    this.callAtBirth = new Uint32Array(live.capacity);
    for (const slot of slots) {
      const size = live.size[slot]!;
      if (!this.refuses(live, slot, Infinity))
        counts[this.group(live, slot) * COUNTS + Count.BYTES]! += size * this.weight(size);
    }
    for (let at = 0; at < counts.length; at += COUNTS) {
      counts[at + Count.PEAK_BYTES] = counts[at + Count.BYTES]!;
      counts[at + Count.PEAK_TIME] = time;
    }
  }

  calls(live: LiveColumns, rows: Rows, from: number, to: number, slots: Int32Array): void {
    const { op, time, context, baseTime } = rows;
    for (let i = from; i < to; i++) {
      const slot = slots[i - from]!;
      if (op[i] === ALLOC) this.born(live, slot, baseTime + time[i]!, CALL);
      else this.died(live, slot, baseTime + time[i]!, CALL, context[i]!);
    }
  }

  born(live: LiveColumns, slot: number, time: Microseconds, cause: CauseCode): void {
    const call = ++this.heapCalls[live.context[slot]! >>> 2]!;
    if (slot >= this.callAtBirth.length) this.grow(live.capacity);
    this.callAtBirth[slot] = call;
    if (this.filter !== undefined && this.refuses(live, slot, Infinity)) return;
    const { counts } = this;
    const at = this.group(live, slot) * COUNTS;
    const blocks = this.weight(live.size[slot]!);
    const size = live.size[slot]! * blocks;
    if (this.filter === undefined) {
      counts[at + Count.ALLOCATIONS]! += blocks;
      counts[at + Count.ALLOCATED_BYTES]! += size;
    }
    const now = (counts[at + Count.BYTES]! += size);
    if (now > counts[at + Count.PEAK_BYTES]!) {
      counts[at + Count.PEAK_BYTES] = now;
      counts[at + Count.PEAK_TIME] = time;
    }
    if (cause === REALLOC) this.noteRealloc(live, slot, blocks);
  }

  died(live: LiveColumns, slot: number, time: Microseconds, cause: CauseCode, context: number): void {
    // The two halves of a realloc are one call, which its birth counts; of other deaths than by a call nobody is the caller.
    const call = cause === CALL ? ++this.heapCalls[context >>> 2]! : 0;
    if (cause === REALLOC) this.movedFrom = live.address[slot]!;
    const { counts } = this;
    const group = this.group(live, slot);
    const at = group * COUNTS;
    const blocks = this.weight(live.size[slot]!);
    const size = live.size[slot]! * blocks;
    if (this.filter === undefined || !this.refuses(live, slot, Infinity)) counts[at + Count.BYTES]! -= size;
    if (this.filter !== undefined) {
      if (this.refuses(live, slot, time)) return;
      if (this.callAtBirth[slot]! > 0) {
        counts[at + Count.ALLOCATIONS]! += blocks;
        counts[at + Count.ALLOCATED_BYTES]! += size;
      }
    }
    counts[at + Count.FREES]! += blocks;
    counts[at + Count.FREED_BYTES]! += size;
    // After a realloc the life goes on in the next block of the chain.
    if (cause !== CALL) return;
    const life = time - live.originOf(slot);
    this.lifetimes[group * LIFETIME_BUCKETS + lifetimeBucket(life)]! += blocks;
    if (life > counts[at + Count.LONGEST_ENDED]!) counts[at + Count.LONGEST_ENDED] = life;
    if (context >>> 2 !== live.context[slot]! >>> 2 || live.born[slot]! < this.window.from) return;
    if (call - this.callAtBirth[slot]! > this.temporaryWithin) return;
    counts[at + Count.TEMPORARY]! += blocks;
    counts[at + Count.TEMPORARY_BYTES]! += size;
  }

  end(live: LiveColumns, slots: Iterable<number>, time: Microseconds): void {
    const { result, window, counts, groups } = this;
    for (let group = 0, at = 0; group < groups; group++, at += COUNTS) {
      result.allocations[group] = counts[at + Count.ALLOCATIONS]!;
      result.allocatedBytes[group] = counts[at + Count.ALLOCATED_BYTES]!;
      result.frees[group] = counts[at + Count.FREES]!;
      result.freedBytes[group] = counts[at + Count.FREED_BYTES]!;
      result.peakBytes[group] = counts[at + Count.PEAK_BYTES]!;
      result.peakTime[group] = counts[at + Count.PEAK_TIME]!;
      result.temporaryAllocations[group] = counts[at + Count.TEMPORARY]!;
      result.temporaryBytes[group] = counts[at + Count.TEMPORARY_BYTES]!;
      result.longestEnded[group] = counts[at + Count.LONGEST_ENDED]!;
    }
    for (const slot of slots) {
      if (this.refuses(live, slot, time)) continue;
      const group = this.group(live, slot);
      const blocks = this.weight(live.size[slot]!);
      const size = live.size[slot]! * blocks;
      result.liveBlocks[group]! += blocks;
      result.liveBytes[group]! += size;
      if (this.filter !== undefined && this.callAtBirth[slot]! > 0) {
        result.allocations[group]! += blocks;
        result.allocatedBytes[group]! += size;
      }
      result.longestOngoing[group] = Math.max(result.longestOngoing[group]!, time - live.originOf(slot));
      if (live.born[slot]! < window.from) continue;
      result.survivorBytes[group]! += size;
    }
  }

  private group(live: LiveColumns, slot: number): number {
    if (this.groupOf === undefined) return live.site[slot]!;
    return this.groupOf(live.address[slot]!, live.size[slot]!, live.site[slot]!, live.context[slot]!, live.born[slot]!);
  }

  private refuses(live: LiveColumns, slot: number, until: Microseconds): boolean {
    return this.filter !== undefined && !acceptsSlot(this.filter, live, slot, until);
  }

  private grow(capacity: number): void {
    const longer = new Uint32Array(capacity);
    longer.set(this.callAtBirth);
    this.callAtBirth = longer;
  }

  private noteRealloc(live: LiveColumns, slot: number, blocks: number): void {
    const { reallocs, moves, longestChain } = this.result;
    const group = this.group(live, slot);
    reallocs[group]! += blocks;
    if (this.movedFrom !== live.address[slot]!) moves[group]! += blocks;
    longestChain[group] = Math.max(longestChain[group]!, live.reallocs[slot]!);
  }
}

/** Bucket of a lifetime: floor(log2), see LIFETIME_BUCKETS. */
export function lifetimeBucket(life: number): number {
  if (life < 2) return 0;
  if (life < HALF) return 31 - Math.clz32(life);
  return life < LONGEST ? 62 - Math.clz32(life / HALF) : LIFETIME_BUCKETS - 1;
}
