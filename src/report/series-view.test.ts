// The timeline of a log: its figures in stretches, by time or by line, and as the curves that the page draws; never "0 B" where nothing is known.
import { expect, test } from "vitest";
import { RunRecorder } from "../heap/run-recorder.ts";
import { openModel } from "../heap/model.ts";
import type { HeapModel } from "../heap/model-api.ts";
import { importFile } from "../import/recognize.ts";
import { memoryCurves } from "./memory-curves.ts";
import { viewTimeline } from "./timeline-view.ts";

async function modelOf(log: string): Promise<HeapModel> {
  const recorder = new RunRecorder();
  await importFile([{ name: "a.log", bytes: new TextEncoder().encode(log) }], recorder);
  recorder.flush();
  return openModel(recorder.run);
}

const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join("\n");

test("a log with times: each figure in stretches of time, accidents where they happened", async () => {
  const log = `${lines(10, (i) => `I (${1000 * (i + 1)}) mem: free heap ${100_000 - 1000 * i}, largest ${60_000 - 100 * i}`)}\nE (10500) app: malloc failed (4096 bytes)`;
  const model = await modelOf(log);
  const { buckets, series, happenings } = await viewTimeline(model, model.span, 5);
  expect(buckets).toEqual([]);
  expect(series.map(({ quantity, axis, readings }) => [quantity, axis, readings])).toEqual([
    ["free", "time", 10],
    ["largest", "time", 10],
  ]);
  const [free] = series;
  expect(free?.buckets.map(({ least, most, readings }) => [least, most, readings])).toEqual([
    [99_000, 100_000, 2],
    [97_000, 98_000, 2],
    [95_000, 96_000, 2],
    [93_000, 94_000, 2],
    [91_000, 92_000, 2],
  ]);
  expect(happenings).toMatchObject([{ kind: "failure", text: "failed: 4,096 B" }]);
});

test("a log without times goes by its lines", async () => {
  const model = await modelOf(lines(8, (i) => `chatter\nFree heap: ${50_000 - i}`));
  const { series } = await viewTimeline(model, model.span, 4);
  expect(series[0]).toMatchObject({ axis: "line", line: 2, lastLine: 16 });
  expect(series[0]?.buckets[0]).toMatchObject({ from: 2, least: 49_999, most: 50_000 });
});

test("the page's curves are the log's figures, with nothing made up before the first and after the last", async () => {
  const model = await modelOf(
    lines(20, (i) => `I (${1000 * (i + 1)}) mem: free heap ${100_000 - 1000 * i}, largest ${60_000 - 100 * i}`),
  );
  const curves = await memoryCurves(model, model.span, 10);
  const told = [...curves.freeBytes].filter((value) => !Number.isNaN(value));
  expect(told.length).toBeGreaterThan(5);
  expect(told.at(-1)).toBe(81_000);
  expect(told.every((value, i) => i === 0 || value < (told[i - 1] ?? 0))).toBe(true);
  expect([...curves.largestFreeBytes].filter((value) => !Number.isNaN(value)).at(-1)).toBe(58_100);
  expect([...curves.usedBytes].every((value) => Number.isNaN(value))).toBe(true);
});

test("without times the curves go over the lines, and accidents stand at theirs", async () => {
  const model = await modelOf(
    `${lines(8, (i) => `chatter\nFree heap: ${50_000 - i}`)}\nE app: malloc failed (4096 bytes)`,
  );
  const curves = await memoryCurves(model, model.span, 30);
  expect(curves).toMatchObject({ axis: "line", window: { from: 2, to: 16 } });
  expect([...curves.freeBytes].at(-1)).toBe(49_993);
  expect(curves.happenings).toMatchObject([{ kind: "failure", time: 17 }]);
});

test("a log that tells accidents alone has its lines", async () => {
  const model = await modelOf(`${"chatter\n".repeat(4)}E app: malloc failed (4096 bytes)`);
  const curves = await memoryCurves(model, model.span, 10);
  expect(curves).toMatchObject({ axis: "line", window: { from: 1, to: 5 }, happenings: [{ time: 5 }] });
  expect([...curves.freeBytes].every(Number.isNaN)).toBe(true);
});

test("the figures of every start of the board are drawn", async () => {
  const part = (from: number): string => lines(6, (i) => `I (${1000 * (i + 1)}) mem: free heap ${from - 1000 * i}`);
  const model = await modelOf(
    `${part(100_000)}\nrst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\nI (29) boot: ESP-IDF v5.1\n${part(80_000)}`,
  );
  const curves = await memoryCurves(model, model.span, 40);
  expect(curves.axis).toBe("time");
  expect(Math.max(...[...curves.freeBytes].filter((value) => !Number.isNaN(value)))).toBe(100_000);
  expect([...curves.freeBytes].filter((value) => !Number.isNaN(value)).at(-1)).toBe(75_000);
  expect(curves.happenings).toMatchObject([{ kind: "restart" }]);
});

test("what happened together is one, with how often: starts and accidents that are not told one by one too", async () => {
  const start = (i: number): string =>
    `rst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\nI (${1000 + (i % 7)}) mem: free heap ${100_000 - i}\nE (1500) app: malloc failed (4096 bytes)\n`;
  const model = await modelOf(lines(700, start));
  const { happenings } = await memoryCurves(model, model.span, 40);
  const sum = (of: string): number =>
    happenings.filter(({ kind }) => kind === of).reduce((all, { count }) => all + count, 0);
  expect({ restarts: sum("restart"), failures: sum("failure") }).toEqual({ restarts: 699, failures: 700 });
});
