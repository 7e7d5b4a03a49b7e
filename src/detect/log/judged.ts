// A series with the judgement on its trend, and how its figures are said.

import { formatBytes, formatCount } from "../../base/format.ts";
import type { LogSeries } from "./read-series.ts";
import type { SeriesPoints, SeriesTrend } from "./trend.ts";

export interface Judged {
  readonly series: LogSeries;
  readonly trend: SeriesTrend;
}

/** @param isSaid the log has other things to say, beside which two readings are nothing */

/** Used memory counts downwards, as what is left does. */
export function pointsOf({ times, values, quantity, unit }: LogSeries): SeriesPoints {
  return {
    // A share moves in whole per cents.
    leastFall: unit === "percent" && quantity !== "fragmentation" ? 4 : 16,
    x: times.length === values.length && spread(times) > 0 ? times : values.map((_, i) => i),
    y: quantity === "used" || quantity === "fragmentation" ? values.map((value) => -value) : values,
  };
}

export function spread(times: readonly number[]): number {
  return (times.at(-1) ?? 0) - (times[0] ?? 0);
}

/** Words for the memory of a series. */
export function memoryName({ memory, quantity }: LogSeries): string {
  const kind = { any: "heap", internal: "internal memory", dma: "DMA-capable memory", psram: "PSRAM" }[memory];
  if (quantity === "used") return kind === "heap" ? "used heap" : `used ${kind}`;
  const what = quantity === "minimum" ? "the least ever free" : "free";
  return kind === "heap"
    ? `${what} heap`.replace("ever free heap", "that was ever free of the heap")
    : `${what} ${kind}`;
}

/** Rates, for people. */

/** Rates, for people. */
export function format(value: number, unit: LogSeries["unit"]): string {
  return unit === "percent" ? `${formatCount(Math.round(value * 10) / 10)} %` : formatBytes(Math.round(value));
}

/** Readings, as they stand in the log. */

/** Readings, as they stand in the log. */
export function told(value: number, unit: LogSeries["unit"]): string {
  return unit === "percent" ? format(value, unit) : exactly(value);
}

/** Free memory that falls for good; what is used and grows where nothing tells what is free. */

export function isRelated(a: LogSeries, b: LogSeries): boolean {
  return (a.memory === "psram") === (b.memory === "psram");
}

export function firstOf({ series }: Judged): number {
  return series.values[0] ?? 0;
}

export function lastOf({ series }: Judged): number {
  return series.values.at(-1) ?? 0;
}

/** A figure that people compare with what they see in the log: all digits. */
export function exactly(bytes: number): string {
  return `${formatCount(Math.round(bytes))} B`;
}

export function lineAt(series: LogSeries, row: number): number {
  return series.lines[row] ?? series.line;
}

export function timeSpan(series: LogSeries, from: number): number {
  return (series.times.at(-1) ?? 0) - (series.times[from] ?? 0);
}
