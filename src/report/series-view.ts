// The figures that a console log prints, over time, as the timeline draws them: a log tells no blocks, but what was free and in what pieces.
import { greatest, smallest } from "../base/values.ts";
import type { Microseconds } from "../base/units.ts";
import { type LogSeries, readSeries } from "../detect/log/read-series.ts";
import type { HeapModel } from "../heap/model-api.ts";
import type { Window } from "../heap/types.ts";
import type { FigureMemory, FigureQuantity } from "../wire/log-records.ts";
import type { Axis, MemoryCurves } from "./curves.ts";

/** A stretch of time, or of lines where the log tells no times. */
export interface SeriesBucketView {
  readonly from: number;
  readonly to: number;
  readonly readings: number;
  /** Bytes, or per cent; absent where nothing was read in it. */
  readonly least?: number;
  readonly most?: number;
  readonly last?: number;
}

export interface SeriesView {
  /** Of which start of the board, from 0. */
  readonly boot: number;
  /** The words beside the number. */
  readonly label: string;
  readonly quantity: FigureQuantity;
  readonly memory: FigureMemory;
  readonly unit: LogSeries["unit"];
  /** Of the first and the last reading. */
  readonly line: number;
  readonly lastLine: number;
  readonly readings: number;
  /** Readings of which the lowest and the highest are kept; 1: every reading is here. */
  readonly stretch: number;
  /** Whether the stretches are times, in microseconds, or line numbers. */
  readonly axis: Axis;
  readonly buckets: readonly SeriesBucketView[];
}

const ORDER: readonly LogSeries["quantity"][] = ["free", "largest", "minimum", "used", "fragmentation", "total"];

/** What is free first, most readings first. */
export function viewSeries(model: HeapModel, window: Window, count: number): readonly SeriesView[] {
  return [...readSeries(model.tables)]
    .sort((a, b) => ORDER.indexOf(a.quantity) - ORDER.indexOf(b.quantity) || b.readings - a.readings || a.line - b.line)
    .flatMap((series) => {
      const isTimed = series.times.length > 0;
      const places = isTimed ? series.times : series.lines;
      const isWhole = window.from <= model.span.from && window.to >= model.span.to;
      const rows = places.flatMap((at, i) =>
        !isTimed || isWhole || (at >= window.from && at <= window.to) ? [i] : [],
      );
      if (rows.length === 0) return [];
      const { boot, label, quantity, memory, unit, line, lastLine, readings, stretch } = series;
      return [{
        boot, label, quantity, memory, unit, line, lastLine, readings, stretch,
        axis: isTimed ? ("time" as const) : ("line" as const), buckets: bucketsOf(series, places, rows, count),
      }]; // prettier-ignore
    });
}

function bucketsOf(
  { values }: LogSeries,
  places: readonly number[],
  rows: readonly number[],
  count: number,
): SeriesBucketView[] {
  const first = places[rows[0] ?? 0] ?? 0;
  const last = places[rows.at(-1) ?? 0] ?? first;
  // No more stretches than there are readings: each is seen.
  const buckets = Math.max(1, Math.min(count, rows.length));
  const width = (last - first) / buckets;
  const found: { from: number; to: number; readings: number; least?: number; most?: number; last?: number }[] =
    Array.from({ length: buckets }, (_, i) => ({ from: first + i * width, to: first + (i + 1) * width, readings: 0 }));
  for (const row of rows) {
    const place = places[row] ?? 0;
    const bucket = found[width === 0 ? 0 : Math.min(buckets - 1, Math.floor((place - first) / width))];
    const value = values[row] ?? 0;
    if (bucket === undefined) continue;
    bucket.readings++;
    bucket.least = Math.min(bucket.least ?? value, value);
    bucket.most = Math.max(bucket.most ?? value, value);
    bucket.last = value;
  }
  return found;
}

/** Curves of a memory's figures at given places: what was last read before each, and the extremes since the one before. */
type FigureCurves = Pick<
  MemoryCurves,
  "axis" | "window" | "time" | "totalBytes" | "freeBytes" | "leastFreeBytes" | "mostFreeBytes" | "largestFreeBytes"
>;

/**
 * The figures of the memory of which most was read, from every start of the board; at the moments that are asked for, or, where no reading has a time,
 * over all lines.
 */
export function figureCurves(
  model: HeapModel,
  window: Window,
  time: Float64Array,
  samples: number,
): FigureCurves | undefined {
  const all = readSeries(model.tables).filter(({ unit }) => unit === "bytes");
  const isTimed = all.some(({ quantity, times }) => quantity === "free" && times.length > 0);
  const known = all.filter(({ times }) => times.length > 0 === isTimed);
  const readings = new Map<LogSeries["memory"], number>();
  for (const one of known) {
    if (one.quantity === "free") readings.set(one.memory, (readings.get(one.memory) ?? 0) + one.readings);
  }
  const [memory] = [...readings].sort(([, a], [, b]) => b - a)[0] ?? [];
  if (memory === undefined) return undefined;
  const of = (quantity: LogSeries["quantity"]): readonly LogSeries[] => {
    const best = new Map<number, LogSeries>();
    for (const one of known) {
      if (one.quantity !== quantity || one.memory !== memory) continue;
      if ((best.get(one.boot)?.readings ?? 0) < one.readings) best.set(one.boot, one);
    }
    return [...best.values()].sort((a, b) => a.boot - b.boot);
  };
  const acrossAll = (series: readonly LogSeries[]): Pick<FigureCurves, "time" | "window"> =>
    linesTo(greatest(series.map(({ lastLine }) => lastLine)), samples, smallest(series.map(({ line }) => line)));
  const placed = isTimed
    ? { axis: "time" as const, time, window }
    : { axis: "line" as const, ...acrossAll(of("free")) };
  const column = (): Float64Array => new Float64Array(placed.time.length).fill(NaN);
  const curves = {
    freeBytes: column(),
    leastFreeBytes: column(),
    mostFreeBytes: column(),
    largestFreeBytes: column(),
  };
  for (const { times, lines, values } of of("free")) {
    eachStretch(isTimed ? times : lines, values, placed.time, (sample, read, last) => {
      curves.freeBytes[sample] = last;
      curves.leastFreeBytes[sample] = Math.min(last, smallest(read));
      curves.mostFreeBytes[sample] = Math.max(last, greatest(read));
    });
  }
  for (const { times, lines, values } of of("largest")) {
    eachStretch(
      isTimed ? times : lines,
      values,
      placed.time,
      (sample, _, last) => (curves.largestFreeBytes[sample] = last),
    );
  }
  return { ...placed, ...curves, totalBytes: of("total").at(-1)?.values.at(-1) ?? 0 };
}

/** So many places over a log's lines. */
export function linesTo(last: number, samples: number, first = 1): Pick<FigureCurves, "time" | "window"> {
  const time = Float64Array.from({ length: samples }, (_, i) => first + ((last - first) * (i + 1)) / samples);
  return { time, window: { from: first, to: last } };
}

/** Between two moments nothing is made up: before the first reading and after the last one there is no value. */
function eachStretch(
  times: readonly number[],
  values: readonly number[],
  time: Float64Array,
  take: (sample: number, values: readonly number[], last: Microseconds) => void,
): void {
  let row = 0;
  for (let sample = 0; sample < time.length; sample++) {
    const until = time[sample] ?? 0;
    const from = row;
    while (row < times.length && (times[row] ?? 0) <= until) row++;
    const last = values[row - 1];
    if (last === undefined || (row === times.length && from === row)) continue;
    take(sample, values.slice(from, row).slice(-4096), last);
  }
}
