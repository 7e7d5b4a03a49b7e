// What a garbage collector or a pool gives back again and again: beneath a sawtooth, that alone tells whether something is lost.

import { greatest, lastValue, smallest, valueAt } from "../../base/values.ts";
import { looksCollected, mayBeCollected } from "./interpreters.ts";
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

/** Ends the label of what falls, again and again, until nearly nothing is left. */
const FALLS_AGAIN = ", as it falls again and again";
/** So much is left at the end of a tooth, and so much is back at the next one's start, of the most that was free. */
const LEFT = 0.15;
const BACK = 0.8;
/** Readings of a tooth that falls evenly. */
const LONG_TOOTH = 8;

/** What falls evenly until nearly nothing is left and is then back at once, several times, as after restarts: its last fall. */
export function lastTooth(series: LogSeries): LogSeries | undefined {
  const { values, quantity, unit, stretch } = series;
  if (quantity !== "free" || unit !== "bytes" || stretch > 1 || values.length > MOST_READINGS) return undefined;
  if (mayBeCollected(series) || looksCollected(series)) return undefined;
  const most = greatest(values);
  const starts = values.flatMap((value, i) =>
    i > 0 && value > BACK * most && valueAt(values, i - 1) < LEFT * most ? [i] : [],
  );
  if (starts.length < 2) return undefined;
  const ends = [...starts, values.length];
  const teeth = [0, ...starts].map((from, i) => ({ from, to: valueAt(ends, i) }));
  const last = teeth.filter(({ from, to }) => to - from >= LONG_TOOTH).at(-1);
  const isEach = teeth.slice(0, -1).every(({ from, to }) => to - from >= LONG_TOOTH);
  if (last === undefined || !isEach) return undefined;
  const part = <T>(column: readonly T[]): readonly T[] => column.slice(last.from, last.to);
  const tooth: LogSeries = {
    ...series,
    label: `${series.label}${FALLS_AGAIN}`,
    readings: last.to - last.from,
    line: valueAt(series.lines, last.from),
    lastLine: valueAt(series.lines, last.to - 1),
    lines: part(series.lines),
    times: part(series.times),
    values: part(values),
    falls: teeth.length,
  };
  return trendOf(pointsOf(tooth)).verdict === "falling" ? tooth : undefined;
}

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
