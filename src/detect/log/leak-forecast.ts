// When what a leak takes will be gone: by its rate, from what is left.

import { HOUR } from "../../base/duration.ts";
import { formatNumberOf, formatTime } from "../../base/format.ts";
import { lastValue, valueAt } from "../../base/values.ts";
import type { Finding } from "../finding.ts";
import { isSummed, isTimed, pointsOf, told } from "./judged.ts";
import type { LogSeries } from "./read-series.ts";
import { COMES_BACK } from "./sawtooth.ts";
import type { FallingTrend } from "./trend.ts";

/** Later than this is no forecast but a guess. */
const HORIZON = 60 * 24 * HOUR;

/** The median drop, where all of them add up to the loss; else what the trend loses from one reading to the next. */
export function usualStep(series: LogSeries, trend: FallingTrend): number {
  const { x, y } = pointsOf(series);
  if (series.stretch > 1) return 0;
  const values = y.slice(trend.settling);
  const drops = values
    .slice(1)
    .map((value, i) => valueAt(values, i) - value)
    .sort((a, b) => a - b);
  const middle = valueAt(drops, drops.length >> 1);
  const apart = (lastValue(x) - valueAt(x, trend.settling)) / Math.max(1, drops.length);
  const mean = trend.rate.slope * apart;
  return middle > 0 && Math.abs(middle - mean) <= 0.25 * mean ? middle : mean;
}

export interface Exhaustion {
  readonly title?: string;
  readonly expected?: Finding["expected"];
  readonly expectedReadings?: number;
  readonly evidence: readonly string[];
}

/** What can still be lost; undefined where the log does not say how much there is in all. */
export function leftOf(series: LogSeries, totals: readonly LogSeries[]): number | undefined {
  const last = lastValue(series.values);
  if (series.quantity !== "used") return last;
  if (isSummed(series)) return undefined;
  if (series.unit === "percent") return 100 - last;
  const alike = totals.filter(({ unit, memory, boot }) => unit === series.unit && memory === series.memory && boot === series.boot); // prettier-ignore
  const total = (alike.find(({ label }) => label === series.label) ?? alike[0])?.values.at(-1);
  return total === undefined || total < last ? undefined : total - last;
}

export function exhaustionOf(series: LogSeries, trend: FallingTrend, left: number | undefined): Exhaustion {
  const { rate } = trend;
  if (left === undefined) return { evidence: [] };
  const timed = isTimed(series);
  const expected = left / rate.slope;
  const earliest = left / Math.max(rate.high, rate.slope);
  const latest = rate.low > 0 ? left / Math.min(rate.low, rate.slope) : Infinity;
  if (timed && expected > HORIZON) return { evidence: [] };
  const times = (value: number): string =>
    timed
      ? formatTime(value)
      : value < 1
        ? `less than one ${eachNoun(series)}`
        : formatNumberOf(Number(value.toPrecision(value < 100 ? 2 : 3)), eachNoun(series));
  const interval =
    latest === Infinity
      ? `; 90 % interval: at the earliest ${times(earliest)}, without an upper bound`
      : times(earliest) === times(latest)
        ? ""
        : `; 90 % interval: between ${times(earliest)} and ${times(latest)}`;
  const isSoon = !timed && expected < 1;
  const step = usualStep(series, trend);
  const more = Math.round(left / step);
  const isEach = timed && step > 0 && more > 0 && !series.label.endsWith(COMES_BACK);
  const alsoReadings = isEach ? ` (about ${formatNumberOf(more, "more reading")})` : "";
  return {
    title: isSoon ? times(expected) : `about ${times(expected)}`,
    ...(!timed && { expectedReadings: Number(expected.toPrecision(3)) }),
    ...(timed && {
      expected: {
        earliest: Math.round(earliest),
        likely: Math.round(expected),
        ...(latest < Infinity && { latest: Math.round(latest) }),
      },
    }),
    evidence: [
      `At this rate the last ${told(left, series.unit)} are gone ${isSoon ? "" : "about "}${times(expected)} after the last reading${alsoReadings}${interval}. ` +
        "Allocations fail before that, the large ones first",
    ],
  };
}

function eachNoun({ label }: LogSeries): string {
  if (label.endsWith(COMES_BACK)) return "such time";
  return /\b(?:before|after|at|on|during|when)\s+\S/.test(label) ? "such line" : "reading";
}
