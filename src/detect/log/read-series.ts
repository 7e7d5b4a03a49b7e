// The series of a run as detectors and views see them: readings joined to columns, in bytes, boot by boot; series of one wording that only ever
// came once or twice each are one.

import type { Microseconds } from "../../base/units.ts";
import type { RunSeries } from "../../heap/run-records.ts";
import type { RunTables } from "../../heap/types.ts";

export interface LogSeries {
  readonly boot: number;
  readonly label: string;
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
  readonly companion?: string;
  readonly companionLine?: number;
}

/** Wordings with fewer readings tell nothing by themselves. */
const FEW = 3;

export function readSeries({ series, readings }: Pick<RunTables, "series" | "readings">): readonly LogSeries[] {
  const columns = new Map<string, { times: number[]; lines: number[]; values: number[]; stretch: number }>();
  for (const batch of readings) {
    const key = `${batch.boot} ${batch.series}`;
    const column = columns.get(key) ?? { times: [], lines: [], values: [], stretch: 1 };
    columns.set(key, column);
    column.stretch = Math.max(column.stretch, batch.stretch);
    for (const time of batch.times) column.times.push(time);
    for (const line of batch.lines) column.lines.push(line);
    for (const value of batch.values) column.values.push(value);
  }
  const all = series.flatMap((one) => {
    const column = columns.get(`${one.boot} ${one.id}`);
    if (column === undefined || column.lines.length === 0) return [];
    const { boot, label, quote, line, quantity, memory, unit, scale, timed } = one;
    const { times, lines, values, stretch } = column;
    const isTimed = timed && times.length === lines.length;
    return {
      boot, label, quote, line, lastLine: lines.at(-1) ?? line, quantity, memory, unit, readings: one.readings, stretch,
      times: isTimed ? times : [], lines, values: values.map((value) => (value * scale) / 1000),
      ...(one.companion !== undefined && { companion: one.companion }),
      ...(one.companionLine !== undefined && { companionLine: one.companionLine }),
    }; // prettier-ignore
  });
  return joined(all);
}

/** "Free Heap: N" once in each of ten functions is one series of ten readings. */
function joined(all: readonly LogSeries[]): readonly LogSeries[] {
  const groups = new Map<string, LogSeries[]>();
  for (const one of all) {
    const key = [one.boot, words(one.label), one.quantity, one.memory, one.unit].join("|");
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].flatMap((group) => {
    const small = group.filter(({ readings }) => readings < FEW + 1);
    if (small.length < 2) return group;
    return [...group.filter((one) => !small.includes(one)), merged(small)];
  });
}

/** The wording without case and marks. */
function words(label: string): string {
  return label
    .toLowerCase()
    .replace(/[^a-zà-ÿ]+/g, " ")
    .trim();
}

function merged(group: readonly LogSeries[]): LogSeries {
  const [first] = group as readonly [LogSeries, ...LogSeries[]];
  const rows = group
    .flatMap(({ times, lines, values }) => lines.map((line, i) => ({ line, time: times[i], value: values[i] ?? 0 })))
    .sort((a, b) => a.line - b.line);
  const timed = rows.every(({ time }) => time !== undefined);
  return {
    ...first,
    line: rows[0]?.line ?? first.line,
    lastLine: rows.at(-1)?.line ?? first.lastLine,
    readings: group.reduce((sum, { readings }) => sum + readings, 0),
    times: timed ? rows.map(({ time }) => time ?? 0) : [],
    lines: rows.map(({ line }) => line),
    values: rows.map(({ value }) => value),
  };
}
