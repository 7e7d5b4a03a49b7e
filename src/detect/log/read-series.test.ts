// Readings joined to columns: which belong together, in which order, and in which unit.
import { expect, test } from "vitest";
import type { RunReadings, RunSeries } from "../../heap/run-records.ts";
import { readSeries } from "./read-series.ts";

const named = (id: number, more: Partial<RunSeries> = {}): RunSeries => ({
  ...{ id, boot: 0, label: "Free heap", quote: `line of ${id}`, line: 10 * id, quantity: "free", memory: "any" },
  ...{ unit: "bytes", scale: 1000, timed: true, readings: 4 },
  ...more,
});

/** A reading in each of these lines, of ten times as many bytes, a second after the line's number. */
const read = (series: number, lines: readonly number[], more: Partial<RunReadings> = {}): RunReadings => ({
  ...{ series, boot: 0, stretch: 1, lines: [...lines] },
  times: lines.map((line) => line * 1e6),
  values: lines.map((line) => line * 10),
  ...more,
});

const columns = (series: readonly RunSeries[], readings: readonly RunReadings[]): unknown =>
  readSeries({ series, readings }).map((one) => [one.label, one.lines, one.values, one.times]);

test("what was told in several pieces is one series, of its boot, with what is known of it", () => {
  const series = [named(1, { companion: "connected", companionLine: 7 }), named(1, { boot: 1, label: "Free" }), named(2)];
  const readings = [read(1, [10, 20], { stretch: 3 }), read(1, [15], { boot: 1 }), read(1, [30], { stretch: 2 }), read(3, [9])];
  const rest = { quantity: "free", memory: "any", unit: "bytes", readings: 4, quote: "line of 1", line: 10 };
  expect(readSeries({ series, readings })).toEqual([
    { ...rest, boot: 0, label: "Free heap", lastLine: 30, stretch: 3, lines: [10, 20, 30], times: [10e6, 20e6, 30e6], values: [100, 200, 300], companion: "connected", companionLine: 7 },
    { ...rest, boot: 1, label: "Free", lastLine: 15, stretch: 1, lines: [15], times: [15e6], values: [150] },
  ]);
}); // prettier-ignore

test("numbers are in bytes, and have times where the log tells them all", () => {
  const one = [read(1, [1, 2])];
  expect(columns([named(1, { scale: 1024 * 1000 })], one)).toEqual([["Free heap", [1, 2], [10240, 20480], [1e6, 2e6]]]);
  expect(columns([named(1, { scale: 1 })], one)).toEqual([["Free heap", [1, 2], [0.01, 0.02], [1e6, 2e6]]]);
  expect(columns([named(1, { timed: false })], one)).toEqual([["Free heap", [1, 2], [10, 20], []]]);
  expect(columns([named(1)], [read(1, [1, 2], { times: [5] })])).toEqual([["Free heap", [1, 2], [10, 20], []]]);
});

test("wordings that came up to three times are one where they differ in case, marks and numbers only", () => {
  const rare = (id: number, label: string, more: Partial<RunSeries> = {}): RunSeries => named(id, { label, readings: 1, ...more }); // prettier-ignore
  const readings = [read(1, [50]), read(2, [20, 40]), read(3, [30])];
  const merged = (second: RunSeries, third: RunSeries): unknown => columns([rare(1, "Free heap 1:"), second, third], readings); // prettier-ignore
  const apart = [
    ["Free heap 1:", [50], [500], [50e6]],
    ["free  HEAP", [20, 40], [200, 400], [20e6, 40e6]],
    ["Free: heap", [30], [300], [30e6]],
  ];
  const [second, third] = [rare(2, "free  HEAP", { readings: 2, line: 5 }), rare(3, "Free: heap", { readings: 3 })];
  expect(merged(second, third)).toEqual([["free  HEAP", [20, 30, 40, 50], [200, 300, 400, 500], [20e6, 30e6, 40e6, 50e6]]]);
  expect(readSeries({ series: [rare(1, "Free heap 1:"), second, third], readings })).toMatchObject([
    { readings: 6, line: 5, lastLine: 50, quote: "line of 2" },
  ]);
  // What came more often stands for itself, before the others.
  expect(merged(second, { ...third, readings: 4 })).toEqual([apart[2], ["free  HEAP", [20, 40, 50], [200, 400, 500], [20e6, 40e6, 50e6]]]);
  expect(merged({ ...second, readings: 4 }, { ...third, readings: 4 })).toEqual(apart);
  const others: readonly Partial<RunSeries>[] = [{ label: "Fre heap" }, { label: "freeheap" }, { quantity: "used" }, { memory: "psram" }, { unit: "percent" }];
  for (const other of others)
    expect(merged({ ...second, ...other }, { ...third, label: "x" })).toEqual([apart[0], [other.label ?? "free  HEAP", ...(apart[1]?.slice(1) ?? [])], ["x", ...(apart[2]?.slice(1) ?? [])]]);
  expect(merged({ ...second, timed: false }, third)).toEqual([["free  HEAP", [20, 30, 40, 50], [200, 300, 400, 500], []]]);
  expect(columns([rare(1, "größe 1"), rare(2, "größe 2"), rare(3, "grÖße 3")], readings)).toHaveLength(1);
  expect(columns([rare(1, "größe"), rare(2, "grüße"), rare(3, "gr e")], readings)).toHaveLength(3);
}); // prettier-ignore

test("wordings of two boots are never one", () => {
  const series = [named(1, { readings: 1 }), named(1, { readings: 1, boot: 1 })];
  expect(columns(series, [read(1, [10]), read(1, [20], { boot: 1 })])).toEqual([
    ["Free heap", [10], [100], [10e6]],
    ["Free heap", [20], [200], [20e6]],
  ]);
});

test("lines that came once each and differ in one word are one series, with the line of each reading", () => {
  const names = ["nvs", "wifi", "tls", "ble"];
  const series = names.map((name, i) => named(i + 1, { label: `${name} free`, quote: `[${name}] free ${10 * (i + 1)}`, readings: 1 })); // prettier-ignore
  const readings = names.map((_, i) => read(i + 1, [10 * (i + 1)]));
  const quotes = series.map(({ quote }) => quote);
  expect(readSeries({ series, readings })).toMatchObject([{ quotes, lines: [10, 20, 30, 40], values: [100, 200, 300, 400] }]); // prettier-ignore
  // Three may be chance, and so may two words that differ.
  expect(readSeries({ series: series.slice(1), readings })).toHaveLength(3);
  const others = series.map((one, i) => ({ ...one, quote: `${one.quote} at ${names.at(-i) ?? ""}` }));
  expect(readSeries({ series: others, readings })).toHaveLength(4);
});
