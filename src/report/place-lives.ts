/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loop on typed arrays */
// How long the blocks of one place live: until their free, or until a realloc elsewhere takes them over, which for the place is the same.
import type { Microseconds } from "../base/units.ts";
import { lifetimeBucket } from "../heap/activity.ts";
import type { HeapModel } from "../heap/model-api.ts";
import { RowOp, type Rows } from "../heap/rows.ts";
import { samplingOf } from "../heap/sampling.ts";
import { LIFETIME_BUCKETS, type Window } from "../heap/types.ts";
import { Cause, type CauseCode, type HeapVisitor, type LiveColumns } from "../heap/visitor.ts";

export interface PlaceLives {
  readonly allocations: number;
  readonly frees: number;
  /** Lives that ended in the window, by `lifetimeBucket`. */
  readonly ended: Float64Array;
}

/** @param sites which are the place, by id */
export async function livesOf(model: HeapModel, sites: Uint8Array, window: Window): Promise<PlaceLives> {
  const visitor = new LivesVisitor(sites, samplingOf(model.tables.boots).weight);
  await model.scan(window, [visitor]);
  const { allocations, frees, ended } = visitor;
  return { allocations: Math.round(allocations), frees: Math.round(frees), ended };
}

class LivesVisitor implements HeapVisitor {
  allocations = 0;
  frees = 0;
  readonly ended = new Float64Array(LIFETIME_BUCKETS);
  private readonly sites: Uint8Array;
  private readonly weight: (size: number) => number;
  /** The life of the block that is being moved, and how many it stands for. */
  private moved = { life: 0, blocks: 0 };

  constructor(sites: Uint8Array, weight: (size: number) => number) {
    this.sites = sites;
    this.weight = weight;
  }

  calls(live: LiveColumns, rows: Rows, from: number, to: number, slots: Int32Array): void {
    const { sites } = this;
    const { op, time, baseTime } = rows;
    for (let i = from; i < to; i++) {
      const slot = slots[i - from]!;
      if (sites[live.site[slot]!] !== 1) continue;
      if (op[i] === RowOp.ALLOC) this.born(live, slot, 0, Cause.CALL);
      else this.died(live, slot, baseTime + time[i]!, Cause.CALL);
    }
  }

  born(live: LiveColumns, slot: number, _time: Microseconds, cause: CauseCode): void {
    const isHere = this.sites[live.site[slot]!] === 1;
    const { life, blocks } = this.moved;
    if (cause === Cause.REALLOC && blocks > 0) {
      if (!isHere) this.ended[lifetimeBucket(life)]! += blocks;
      this.moved = { life: 0, blocks: 0 };
    }
    if (isHere) this.allocations += this.weight(live.size[slot]!);
  }

  died(live: LiveColumns, slot: number, time: Microseconds, cause: CauseCode): void {
    if (this.sites[live.site[slot]!] !== 1) return;
    const blocks = this.weight(live.size[slot]!);
    const life = time - live.originOf(slot);
    this.frees += blocks;
    if (cause === Cause.CALL) this.ended[lifetimeBucket(life)]! += blocks;
    else if (cause === Cause.REALLOC) this.moved = { life, blocks };
  }
}
