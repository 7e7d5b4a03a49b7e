/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// What each site did in a window, gathered in one pass: the numbers that leak, waste and churn findings rest on. Of a
// sample they are estimates.

import type { BlockFilter } from "./filter.ts";
import { acceptsSlot } from "./blocks.ts";
import type { Sampling } from "./sampling.ts";
import { LIFETIME_BUCKETS, type SiteActivity, type Window } from "./types.ts";
import { Cause, type HeapVisitor, type LiveColumns } from "./visitor.ts";

const TASKS = 1 << 14;

/**
 * A visitor that fills `result`. Blocks that the filter refuses are not seen. An age in the filter is that at a block's death or at the end of the
 * window; where a block's age is still open (allocations, peaks) it counts as old.
 */
export function activityVisitor(
  sites: number,
  window: Window,
  filter: BlockFilter | undefined,
  weight: Sampling["weight"],
  temporaryWithin = 1,
): HeapVisitor & { readonly result: SiteActivity } {
  const column = (): Float64Array<ArrayBuffer> => new Float64Array(sites);
  const result = {
    window,
    sites,
    allocations: column(),
    allocatedBytes: column(),
    frees: column(),
    freedBytes: column(),
    liveBlocks: column(),
    liveBytes: column(),
    survivorBlocks: column(),
    survivorBytes: column(),
    peakBytes: column(),
    peakTime: column(),
    temporary: column(),
    temporaryBytes: column(),
    reallocs: column(),
    moves: column(),
    longestChain: column(),
    lifetimes: new Float64Array(sites * LIFETIME_BUCKETS),
    longestEnded: column(),
    longestOngoing: column(),
  };
  const bytes = column();
  /** Heap calls of each task so far; what it was at each block's birth. */
  const calls = new Uint32Array(TASKS);
  let callAtBirth = new Uint32Array(0);
  let movedFrom = 0;
  const refuses = (live: LiveColumns, slot: number, until: number): boolean =>
    filter !== undefined && !acceptsSlot(filter, live, slot, until);

  return {
    result,
    begin(live, slots, time) {
      callAtBirth = new Uint32Array(live.capacity);
      for (const slot of slots) {
        const size = live.size[slot]!;
        if (!refuses(live, slot, Infinity)) bytes[live.site[slot]!]! += size * weight(size);
      }
      result.peakBytes.set(bytes);
      result.peakTime.fill(time);
    },
    born(live, slot, time, cause) {
      const call = ++calls[live.context[slot]! >>> 2]!;
      if (callAtBirth.length < live.capacity) {
        const longer = new Uint32Array(live.capacity);
        longer.set(callAtBirth);
        callAtBirth = longer;
      }
      callAtBirth[slot] = call;
      if (refuses(live, slot, Infinity)) return;
      const site = live.site[slot]!;
      const blocks = weight(live.size[slot]!);
      const size = live.size[slot]! * blocks;
      result.allocations[site]! += blocks;
      result.allocatedBytes[site]! += size;
      const now = (bytes[site]! += size);
      if (now > result.peakBytes[site]!) {
        result.peakBytes[site] = now;
        result.peakTime[site] = time;
      }
      if (cause === Cause.REALLOC) {
        result.reallocs[site]! += blocks;
        if (movedFrom !== live.address[slot]!) result.moves[site]! += blocks;
        result.longestChain[site] = Math.max(result.longestChain[site]!, live.reallocs[slot]!);
      }
    },
    died(live, slot, time, cause, context) {
      const call = ++calls[context >>> 2]!;
      movedFrom = live.address[slot]!;
      const site = live.site[slot]!;
      const blocks = weight(live.size[slot]!);
      const size = live.size[slot]! * blocks;
      if (!refuses(live, slot, Infinity)) bytes[site]! -= size;
      if (refuses(live, slot, time)) return;
      result.frees[site]! += blocks;
      result.freedBytes[site]! += size;
      if (cause === Cause.REALLOC) {
        // The two halves of a realloc are one call, and the life goes on in the next block of the chain.
        calls[context >>> 2]! -= 1;
        return;
      }
      if (cause !== Cause.CALL) return;
      const life = time - live.originOf(slot);
      result.lifetimes[site * LIFETIME_BUCKETS + lifetimeBucket(life)]! += blocks;
      result.longestEnded[site] = Math.max(result.longestEnded[site]!, life);
      const sameTask = context >>> 2 === live.context[slot]! >>> 2;
      if (sameTask && live.born[slot]! >= window.from && call - callAtBirth[slot]! <= temporaryWithin) {
        result.temporary[site]! += blocks;
        result.temporaryBytes[site]! += size;
      }
    },
    end(live, slots, time) {
      for (const slot of slots) {
        if (refuses(live, slot, time)) continue;
        const site = live.site[slot]!;
        const blocks = weight(live.size[slot]!);
        const size = live.size[slot]! * blocks;
        result.liveBlocks[site]! += blocks;
        result.liveBytes[site]! += size;
        result.longestOngoing[site] = Math.max(result.longestOngoing[site]!, time - live.originOf(slot));
        if (live.born[slot]! < window.from) continue;
        result.survivorBlocks[site]! += blocks;
        result.survivorBytes[site]! += size;
      }
    },
  };
}

/** Bucket of a lifetime: floor(log2), see LIFETIME_BUCKETS. */
export function lifetimeBucket(life: number): number {
  return life < 2 ? 0 : Math.min(LIFETIME_BUCKETS - 1, Math.floor(Math.log2(life)));
}
