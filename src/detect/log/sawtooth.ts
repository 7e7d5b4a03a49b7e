// What a garbage collector or a pool gives back again and again: beneath a sawtooth, that alone tells whether something is lost.

import { greatest, lastValue, smallest, valueAt } from "../../base/values.ts";
import { pointsOf } from "./judged.ts";
import type { LogSeries } from "./read-series.ts";
import { trendOf } from "./trend.ts";

/** Ends the label of such readings. */
export const COMES_BACK = ", where it comes back";
/** Longer ones are judged by their stretches. */
const MOST_READINGS = 1 << 16;
/** Fewer recoveries show no trend. */
const FEWEST = 4;
/** A tooth has more readings than one that dips. */
const TOOTH = 3;
/** Less is what recoveries differ by. */
const LEAST_SHARE = 0.01;

/** The readings to which a series came back by more than half of its range, where these sink for good; else undefined. */
export function sinkingPeaks(series: LogSeries): LogSeries | undefined {
  if (series.stretch > 1 || series.unit === "percent" || series.values.length > MOST_READINGS) return undefined;
  const { y } = pointsOf(series);
  const range = greatest(y) - smallest(y);
  const rows = y.flatMap((value, i) => (i > 0 && value - valueAt(y, i - 1) > range / 2 ? [i] : []));
  if (rows.length < FEWEST || y.length < TOOTH * rows.length) return undefined;
  const peaks: LogSeries = {
    ...series,
    label: `${series.label}${COMES_BACK}`,
    readings: rows.length,
    lastLine: valueAt(series.lines, lastValue(rows)),
    lines: rows.map((row) => valueAt(series.lines, row)),
    times: series.times.length === 0 ? [] : rows.map((row) => valueAt(series.times, row)),
    values: rows.map((row) => valueAt(series.values, row)),
  };
  const trend = trendOf(pointsOf(peaks));
  const isWorthAWord = trend.first - trend.last > LEAST_SHARE * Math.abs(trend.first);
  return trend.verdict === "falling" && isWorthAWord ? peaks : undefined;
}
