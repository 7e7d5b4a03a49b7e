// Live bytes over a window, with what happened in it: marks, failures, faults, gaps, boots.
import { formatBytes } from "../base/format.ts";
import type { Bytes, Microseconds } from "../base/units.ts";
import type { BlockFilter } from "../heap/filter.ts";
import type { HeapModel } from "../heap/model-api.ts";
import type { Window } from "../heap/types.ts";
import { formatCaps } from "../wire/caps.ts";

export interface TimelineBucket {
  /** End of the bucket. */
  readonly time: Microseconds;
  readonly minBytes: Bytes;
  readonly maxBytes: Bytes;
  readonly blocks: number;
  readonly allocations: number;
  readonly frees: number;
  readonly happenings: readonly string[];
}

export interface TimelineView {
  readonly window: Window;
  readonly buckets: readonly TimelineBucket[];
}

export async function viewTimeline(
  model: HeapModel,
  window: Window,
  buckets: number,
  filter?: BlockFilter,
): Promise<TimelineView> {
  const timeline = await model.timeline(window, buckets, filter);
  const happenings = happeningsOf(model);
  const rows: TimelineBucket[] = [];
  let from = -Infinity;
  for (let i = 0; i < timeline.length; i++) {
    const time = timeline.time[i] ?? 0;
    const to = i === timeline.length - 1 ? Infinity : time;
    rows.push({
      time,
      minBytes: Math.round(timeline.minBytes[i] ?? 0),
      maxBytes: Math.round(timeline.maxBytes[i] ?? 0),
      blocks: Math.round(timeline.lastBlocks[i] ?? 0),
      allocations: Math.round(timeline.allocations[i] ?? 0),
      frees: Math.round(timeline.frees[i] ?? 0),
      happenings: happenings
        .filter((one) => one.time >= window.from && one.time <= window.to && one.time > from && one.time <= to)
        .map(({ text }) => text),
    });
    from = time;
  }
  return { window, buckets: rows };
}

function happeningsOf({ tables }: HeapModel): readonly { readonly time: Microseconds; readonly text: string }[] {
  return [
    ...tables.boots.slice(1).map((boot) => ({ time: boot.startedAt, text: "restart" })),
    ...tables.marks.map((mark) => ({ time: mark.time, text: `mark ${mark.name}` })),
    ...tables.faults.map((fault) => ({ time: fault.time, text: "fault" })),
    ...tables.failures.map((failure) => ({
      time: failure.time,
      text: `failed: ${formatBytes(failure.size * (failure.count ?? 1))} ${formatCaps(failure.caps)}`,
    })),
    ...tables.gaps.map((gap) => ({ time: gap.time, text: "gap" })),
  ].sort((a, b) => a.time - b.time);
}
