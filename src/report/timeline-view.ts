// Live bytes over a window, with what happened in it: marks, failures, faults, gaps, boots.
import { formatBytes } from "../base/format.ts";
import { unknown, type Quantity } from "../base/quantity.ts";
import type { Microseconds } from "../base/units.ts";
import type { BlockFilter } from "../heap/filter.ts";
import type { HeapModel } from "../heap/model-api.ts";
import type { Window } from "../heap/types.ts";
import { formatCaps } from "../wire/caps.ts";
import { viewTrouble, type RunView } from "./run-trouble.ts";
import { isBlind } from "./blind-run.ts";
import type { SeriesView } from "./series-view.ts";
import { gapSpan } from "../heap/gap-span.ts";
import { doubtfulSpans, windowDoubt, type LiveView } from "./doubt.ts";

/** A stretch of time; the live bytes and blocks are those at its end. */
export interface BucketView extends LiveView {
  readonly from: Microseconds;
  readonly to: Microseconds;
  readonly minimumLiveBytes: Quantity;
  readonly maximumLiveBytes: Quantity;
  readonly allocations: Quantity;
  readonly allocatedBytes: Quantity;
  readonly frees: Quantity;
}

/** Something that happened at a moment. */
export interface HappeningView {
  readonly time: Microseconds;
  readonly kind: "restart" | "mark" | "fault" | "failure" | "gap";
  /** Where it ends, for a gap. */
  readonly to?: Microseconds;
  readonly text: string;
}

export interface TimelineView extends RunView {
  readonly window: Window;
  readonly filter?: string;
  /** Empty for a log that tells of no single blocks. */
  readonly buckets: readonly BucketView[];
  /** The figures that a log prints. */
  readonly series: readonly SeriesView[];
  /** Within the window, in the order of time. */
  readonly happenings: readonly HappeningView[];
}

export async function viewTimeline(
  model: HeapModel,
  window: Window,
  buckets: number,
  filter?: BlockFilter,
): Promise<TimelineView> {
  const series =
    model.tables.series.length === 0 ? [] : (await import("./series-view.ts")).viewSeries(model, window, buckets);
  const timeline = (await isBlind(model)) ? undefined : await model.timeline(window, buckets, filter);
  const spans = await doubtfulSpans(model);
  const holes = model.tables.gaps.filter(({ lostEvents }) => lostEvents !== 0).map(gapSpan);
  const rows: BucketView[] = [];
  let from = window.from;
  for (let i = 0; timeline !== undefined && i < timeline.length; i++) {
    const to = timeline.time[i] ?? window.to;
    const doubt = windowDoubt(model, spans, { from, to });
    // Nothing is known of what lived within a gap: a hole, and not a line that goes on.
    const isHole = holes.some((hole) => hole.from <= from && hole.to >= to);
    const { count, countBytes } = doubt;
    const about = isHole ? () => unknown : doubt.about;
    rows.push({
      from,
      to,
      minimumLiveBytes: about(timeline.minBytes[i] ?? 0),
      maximumLiveBytes: about(timeline.maxBytes[i] ?? 0),
      liveBytes: about(timeline.lastBytes[i] ?? 0),
      liveBlocks: about(timeline.lastBlocks[i] ?? 0),
      allocations: count(timeline.allocations[i] ?? 0),
      allocatedBytes: countBytes(timeline.allocatedBytes[i] ?? 0),
      frees: count(timeline.frees[i] ?? 0),
    });
    from = to;
  }
  return {
    ...viewTrouble(model),
    window,
    ...(filter !== undefined && { filter: filter.query }),
    buckets: rows,
    series,
    happenings: viewHappenings(model).filter(({ time, to = time }) => to >= window.from && time <= window.to),
  };
}

/** Accidents of a log by their kinds. */
const REFUSED: ReadonlySet<string> = new Set(["failed-allocation"]);
const TOLD_OTHERWISE: ReadonlySet<string> = new Set(["restart", "heap-trace", "leak-check"]);

function viewHappenings({ tables }: HeapModel): readonly HappeningView[] {
  return [
    ...tables.boots.slice(1).map((boot) => ({ time: boot.startedAt, kind: "restart" as const, text: "restart" })),
    ...tables.marks.map((mark) => ({ time: mark.time, kind: "mark" as const, text: `mark ${mark.name}` })),
    ...tables.faults.map((fault) => ({ time: fault.time, kind: "fault" as const, text: "fault" })),
    ...tables.failures.map((failure) => ({
      time: failure.time,
      kind: "failure" as const,
      text: `failed: ${formatBytes(failure.size * (failure.count ?? 1))} ${formatCaps(failure.caps)}`,
    })),
    ...tables.incidents
      .filter(({ kind }) => !TOLD_OTHERWISE.has(kind))
      .map(({ time, kind, size }) => ({
        time,
        kind: REFUSED.has(kind) ? ("failure" as const) : ("fault" as const),
        text: REFUSED.has(kind)
          ? `failed${size === undefined ? "" : `: ${formatBytes(size)}`}`
          : kind.replaceAll("-", " "),
      })),
    ...tables.gaps.map((gap) => ({ time: gapSpan(gap).from, to: gap.time, kind: "gap" as const, text: "gap" })),
  ].sort((a, b) => a.time - b.time);
}
