// The series of a run as detectors and views see them: readings joined to columns, in bytes, boot by boot; series of one wording that only ever
// came once or twice each are one.

import { lastValue, valueAt } from "../../base/values.ts";
import type { Microseconds } from "../../base/units.ts";
import type { RunReadings, RunSeries } from "../../heap/run-records.ts";
import type { RunTables } from "../../heap/types.ts";

export interface LogSeries {
  /** Of which start, of its board where several print into the log. */
  readonly boot: number;
  readonly label: string;
  /** Of several that print into the log. */
  readonly board?: string;
  readonly quote: string;
  /** Of the first and the last reading. */
  readonly line: number;
  readonly lastLine: number;
  readonly quantity: RunSeries["quantity"];
  readonly memory: RunSeries["memory"];
  readonly unit: RunSeries["unit"];
  /** How many the log holds. */
  readonly readings: number;
  /** Readings that each pair of points stands for; 1: every reading is here. */
  readonly stretch: number;
  /** Run time of each point; empty where the log does not say. */
  readonly times: readonly Microseconds[];
  readonly lines: readonly number[];
  /** Bytes, or per cent. */
  readonly values: readonly number[];
  /** Of one that falls again and again, how often; the readings are the last time's. */
  readonly falls?: number;
  readonly companion?: string;
  readonly companionLine?: number;
  /** Of one that is told in ever other words, the line of each reading. */
  readonly quotes?: readonly string[];
}

/** Wordings with fewer readings tell nothing by themselves. */
const FEW = 3;

export function readSeries({ series, readings }: Pick<RunTables, "series" | "readings">): readonly LogSeries[] {
  const batches = new Map<string, RunReadings[]>();
  for (const batch of readings) {
    const key = `${batch.boot} ${batch.series}`;
    const known = batches.get(key);
    if (known === undefined) batches.set(key, [batch]);
    else known.push(batch);
  }
  const all = series.flatMap((one) => {
    const own = batches.get(`${one.boot} ${one.id}`) ?? [];
    const lines = column(own, "lines");
    if (lines.length === 0) return [];
    const { boot, label, quote, line, quantity, memory, unit, scale, timed } = one;
    const times = timed ? column(own, "times") : [];
    const values = column(own, "values", scale, 1000);
    const stretch = own.reduce((most, batch) => Math.max(most, batch.stretch), 1);
    return {
      boot: boot + (one.start ?? 0), label, quote, line, lastLine: lines.at(-1) ?? line, quantity, memory, unit, readings: one.readings, stretch,
      times: times.length === lines.length ? times : [], lines, values,
      ...(one.board !== undefined && { board: one.board }),
      ...(one.companion !== undefined && { companion: one.companion }),
      ...(one.companionLine !== undefined && { companionLine: one.companionLine }),
    }; // prettier-ignore
  });
  return joined(all);
}

/** A million readings: of exactly their size, because an array that grows holds half as much again. */
function column(batches: readonly RunReadings[], name: "times" | "lines" | "values", scale = 1, parts = 1): number[] {
  const numbers = new Array<number>(batches.reduce((sum, batch) => sum + batch[name].length, 0));
  let at = 0;
  for (const batch of batches) for (const number of batch[name]) numbers[at++] = (number * scale) / parts;
  return numbers;
}

/** What a line tells the figure of: "Free heap after connect: N", "after connect: heap N". */
const OCCASION =
  /(?<=\w )(?:after|before)\b.*$|^\W*(?:after|before|post|pre)\b.*?(?=\b(?:free|min|largest|heap|mem(?:ory)?|d?ram|internal|psram)\b)/i;

/** "Free Heap: N" once in each of ten functions is one series of ten readings. */
function joined(all: readonly LogSeries[]): readonly LogSeries[] {
  const groups = new Map<string, LogSeries[]>();
  for (const one of all) {
    const label = one.readings === 1 ? one.label.replace(OCCASION, "") : one.label;
    const key = [one.boot, one.board, words(label), one.quantity, one.memory, one.unit].join("|");
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return ofPlaces(
    [...groups.values()].flatMap((group) => {
      const small = group.filter(({ readings }) => readings < FEW + 1);
      if (small.length < 2) return group;
      return [...group.filter((one) => !small.includes(one)), merged(small)];
    }),
  );
}

/** So many lines of one pattern are no chance. */
const FEWEST_PLACES = 4;
/** Wordings that come once are looked at for others like them. */
const MOST_PLACES = 64;

/** "[wifi] free: N", "[ble] free: N": lines that came once each, and are the same but for one word, are one series. */
function ofPlaces(all: readonly LogSeries[]): readonly LogSeries[] {
  const once = all.filter(({ readings }) => readings === 1);
  if (once.length < FEWEST_PLACES || once.length > MOST_PLACES) return all;
  const groups = new Map<string, LogSeries[]>();
  for (const one of once) {
    const { boot, board, quote, quantity, memory, unit } = one;
    const told = quote.replace(/\d[\d.,]*/g, "#").split(/\s+/);
    for (const [i, word] of told.entries()) {
      if (!/[a-z]/i.test(word)) continue;
      const key = [boot, board, quantity, memory, unit, ...told.with(i, "*")].join("|");
      groups.set(key, [...(groups.get(key) ?? []), one]);
    }
  }
  const [most = []] = [...groups.values()].sort((a, b) => b.length - a.length);
  if (most.length < FEWEST_PLACES) return all;
  return [...all.filter((one) => !most.includes(one)), merged(most)];
}

/** The wording without case and marks. */
function words(label: string): string {
  return label
    .toLowerCase()
    .replace(/[^a-zà-ÿ]+/g, " ")
    .trim();
}

function merged(group: readonly LogSeries[]): LogSeries {
  const [first] = [...group].sort((a, b) => a.line - b.line) as [LogSeries, ...LogSeries[]];
  const rows = group
    .flatMap(({ times, lines, values, quote }) =>
      lines.map((line, i) => ({ line, time: times[i], value: valueAt(values, i), quote })),
    )
    .sort((a, b) => a.line - b.line);
  const times = rows.flatMap(({ time }) => time ?? []);
  const isToldOnceEach = group.every(({ readings }) => readings === 1);
  return {
    ...first,
    ...(isToldOnceEach && { quotes: rows.map(({ quote }) => quote) }),
    lastLine: lastValue(rows).line,
    readings: group.reduce((sum, { readings }) => sum + readings, 0),
    times: times.length === rows.length ? times : [],
    lines: rows.map(({ line }) => line),
    values: rows.map(({ value }) => value),
  };
}
