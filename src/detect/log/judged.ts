// A series with the judgement on its trend, and how its figures are said.

import { lastValue, valueAt } from "../../base/values.ts";
import { formatBytes, formatCount, formatExactBytes } from "../../base/format.ts";
import { LVGL_POOL, SUMMED } from "../../wire/series-labels.ts";
import type { LogSeries } from "./read-series.ts";
import type { SeriesPoints, SeriesTrend } from "./trend.ts";

export interface Judged {
  readonly series: LogSeries;
  readonly trend: SeriesTrend;
}

/** Used memory counts downwards, as what is left does. */
export function pointsOf({ times, values, quantity, unit }: LogSeries): SeriesPoints {
  return {
    // A share moves in whole per cents.
    leastFall: unit === "percent" && quantity !== "fragmentation" ? 4 : 16,
    x: isTimed({ times }) ? times : values.map((_, i) => i),
    y: quantity === "used" || quantity === "fragmentation" ? values.map((value) => -value) : values,
  };
}

/** Whether its readings have times, and not all the same. */
export function isTimed({ times }: Pick<LogSeries, "times">): boolean {
  return times.length > 0 && spread(times) > 0;
}

/** From the first to the last, of which there is at least one. */
export function spread(times: readonly number[]): number {
  return lastValue(times) - valueAt(times, 0);
}

/** Its words do not say that it is free: “dynamic RAM 122412” may be anything. */
export function isGuess({ quantity, label }: LogSeries): boolean {
  return quantity === "free" && !/free|avail|left|remain/i.test(label);
}

/** Words for the memory of a series. */
export function memoryName(series: LogSeries): string {
  const { memory, quantity } = series;
  if (isOfLvgl(series) && /^(?:used|free|minimum)$/.test(quantity))
    return `what ${quantity === "minimum" ? "was least ever free" : `is ${quantity}`} of LVGL's pool`;
  const kind = isOfLvgl(series)
    ? "LVGL's pool"
    : { any: "heap", internal: "internal memory", dma: "DMA-capable memory", psram: "PSRAM" }[memory];
  if (quantity === "largest") return kind === "heap" ? "the largest free block" : `the largest free block of ${kind}`;
  if (quantity === "fragmentation") return "fragmentation";
  if (isSummed(series)) return `used ${kind}, as its changes add up,`;
  if (quantity === "used" && series.label.startsWith("task ")) return `what ${series.label} holds`;
  if (quantity === "used") return kind === "heap" ? "used heap" : `used ${kind}`;
  const what = quantity === "minimum" ? "the least ever free" : "free";
  return kind === "heap"
    ? `${what} heap`.replace("ever free heap", "that was ever free of the heap")
    : `${what} ${kind}`;
}

/** Rates, for people. */
export function format(value: number, unit: LogSeries["unit"]): string {
  return unit === "percent" ? `${formatCount(Math.round(value * 10) / 10)} %` : formatBytes(Math.round(value));
}

/** Readings, as they stand in the log. */
export function told(value: number, unit: LogSeries["unit"]): string {
  return unit === "percent" ? format(value, unit) : formatExactBytes(value);
}

/** It starts at nothing, and says nothing of how much there is. */
export function isSummed({ label }: LogSeries): boolean {
  return label.endsWith(SUMMED);
}

export function isOfLvgl({ label }: LogSeries): boolean {
  return label.startsWith(LVGL_POOL);
}

/** PSRAM is another heap than all that is internal, and LVGL's pool is none; each board has its own. */
export function isRelated(a: LogSeries, b: LogSeries): boolean {
  return a.board === b.board && (a.memory === "psram") === (b.memory === "psram") && isOfLvgl(a) === isOfLvgl(b);
}

export function firstOf({ series }: Judged): number {
  return valueAt(series.values, 0);
}

export function lastOf({ series }: Judged): number {
  return lastValue(series.values);
}

export function lineAt(series: LogSeries, row: number): number {
  return valueAt(series.lines, row);
}

export function timeSpan(series: LogSeries, from: number): number {
  return lastValue(series.times) - valueAt(series.times, from);
}

/** Of the least ever free. */
export const CAN_ONLY_FALL =
  "It is the least that was ever free, which can only fall: print what is free now as well, which tells loss from ever higher peaks";

const ALLOCATES =
  /\b(?:allocat(?:ed|ing)|reserv(?:ed|ing)) [^,;:|]{0,24}?\d+ ?(?:bytes?|[kKM]i?B|B)\b.*\b(?:free|left|avail)/i;

/** `Allocated 8 KB for bank 3, free heap: 96428`: each line tells what was taken right before it, and on purpose. */
export function isAnnounced({ quote }: LogSeries): boolean {
  return ALLOCATES.test(quote);
}
