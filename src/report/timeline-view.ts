// Live bytes over a window, with what happened in it: marks, failures, faults, gaps, boots.
import { unknown, type Quantity } from "../base/quantity.ts";
import type { Microseconds } from "../base/units.ts";
import type { BlockFilter } from "../heap/filter.ts";
import type { HeapModel } from "../heap/model-api.ts";
import type { Window } from "../heap/types.ts";
import { viewTrouble, type TroubleView } from "./run-trouble.ts";
import { isBlind } from "./blind-run.ts";
import { happeningsOf, type Happening, type HappeningView } from "./happenings.ts";
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

export interface TimelineView extends TroubleView {
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
  const timeline = isBlind(model) ? undefined : await model.timeline(window, buckets, filter);
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
    happenings: happeningsOf(model.tables)
      .filter(({ time, to: end }) => end >= window.from && time <= window.to)
      .map(viewHappening),
  };
}

function viewHappening({ kind, time, to, text, count }: Happening): HappeningView {
  return {
    time,
    kind,
    ...((kind === "gap" || to > time) && { to }),
    text: kind === "mark" ? `mark ${text}` : text,
    ...(count > 1 && { count }),
  };
}
