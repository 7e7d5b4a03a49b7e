// Durations as people write them: in options, in queries, in the texts of tests.
import type { Microseconds } from "./units.ts";

export const HOUR: Microseconds = 3600e6;

const microsecondsPer: Readonly<Record<string, number>> = {
  us: 1,
  µs: 1,
  ms: 1e3,
  s: 1e6,
  m: 60e6,
  min: 60e6,
  h: HOUR,
  d: 24 * HOUR,
};

/** `12.5s`, `3m`, `1h30m`, `200ms`; undefined where it is none. A number alone is seconds. */
export function parseDuration(text: string): Microseconds | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1e6;
  if (!/^(\d+(\.\d+)?(us|µs|ms|min|s|m|h|d))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(us|µs|ms|min|s|m|h|d)/g)) {
    sum += Number(number) * (microsecondsPer[unit ?? ""] ?? 0);
  }
  return sum;
}
