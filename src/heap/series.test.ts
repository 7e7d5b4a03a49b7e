// Series of runs with more rows than are read one by one.
import { expect, test } from "vitest";
import { recordRun, testBoot } from "../../test/heap-text.ts";
import type { BlockFilter } from "./filter.ts";
import { openModel } from "./model.ts";
import type { ChunkSummary, MemoryRun, Run } from "./run.ts";
import type { Timeline, Window } from "./types.ts";

const start = 0x3ffb_0000;
const all: BlockFilter = { query: "all", hasAge: false, remarks: [], accepts: () => true };

test("a window of one moment has it in every bucket", async () => {
  const model = await openModel(
    recordRun((sink) => {
      sink.record({ kind: "boot", value: testBoot });
      sink.alloc(5, start, 10, 1, 3, 0);
      sink.alloc(5, start + 64, 20, 1, 3, 0);
      sink.free(5, start, 0, 3, 0);
    }),
  );
  const { minBytes, maxBytes, lastBytes, lastBlocks, time, ...counts } = await model.timeline({ from: 5, to: 5 }, 3);
  expect([minBytes, maxBytes, lastBytes, lastBlocks, time].map((column) => [...column])).toEqual([
    [0, 20, 20],
    [30, 20, 20],
    [20, 20, 20],
    [1, 1, 1],
    [5, 5, 5],
  ]);
  expect(counts).toEqual({
    length: 3,
    allocations: Float64Array.of(2, 0, 0),
    frees: Float64Array.of(1, 0, 0),
    allocatedBytes: Float64Array.of(30, 0, 0),
  });
});

/** As many rows are read one by one, from one more on summaries. */
const ROWS_READ = 2_000_000;
const ROWS = ROWS_READ + 60_000;
const region = { name: "DRAM", start, end: start + 0x1_0000, caps: 12, free: 60_000, largestFree: 60_000 };

/** A row every microsecond, with a pause of as long in the middle: three blocks come and go, and now and then one stays. */
function longRun(): MemoryRun {
  return recordRun((sink) => {
    sink.record({ kind: "boot", value: testBoot });
    sink.record({ kind: "regions", value: { time: 0, regions: [region] } });
    for (let i = 0; i < ROWS; i++) {
      const time = i < ROWS / 2 ? i : i + ROWS;
      const turn = i % 7;
      if (turn < 3) sink.alloc(time, start + 64 * turn, 1 + (i >>> 12), 1, 3, 0);
      else if (turn < 6) sink.free(time, start + 64 * (turn - 3), 0, 3, 0);
      else if (i % 70_000 === 6) sink.alloc(time, start + 0x4000 + (i >>> 7), 100, 2, 3, 0);
      else sink.free(time, 0x4000_0000, 0, 3, 0);
    }
  });
}

const run = longRun();

/** What the chunks' summaries tell, each in the bucket in which it ends. */
function coarse(window: Window, buckets: number): Timeline {
  const chunks = run.chunks.filter(({ startTime, endTime }) => endTime >= window.from && startTime <= window.to);
  const length = Math.min(buckets, chunks.length);
  const width = (window.to - window.from) / length;
  const bucketOf = (time: number): number => Math.min(length - 1, Math.floor((time - window.from) / width));
  const column = (of: (ended: readonly ChunkSummary[], last: ChunkSummary | undefined) => number): Float64Array =>
    Float64Array.from({ length }, (_, bucket) => {
      const last = run.chunks.findLast(
        ({ startTime, endTime }) => startTime <= window.to && bucketOf(endTime) <= bucket,
      );
      return of(
        chunks.filter(({ endTime }) => bucketOf(endTime) === bucket),
        last,
      );
    });
  const sum = (key: "allocations" | "frees" | "allocatedBytes"): Float64Array =>
    column((ended) => ended.reduce((total, chunk) => total + chunk[key], 0));
  const extreme = (of: (...values: number[]) => number, key: "minBytes" | "maxBytes"): Float64Array =>
    column((ended, last) => (ended.length === 0 ? (last?.lastBytes ?? 0) : of(...ended.map((chunk) => chunk[key]))));
  return {
    length,
    time: Float64Array.from({ length }, (_, bucket) => window.from + width * (bucket + 1)),
    minBytes: extreme(Math.min, "minBytes"),
    maxBytes: extreme(Math.max, "maxBytes"),
    lastBytes: column((_, last) => last?.lastBytes ?? 0),
    lastBlocks: column((_, last) => last?.lastBlocks ?? 0),
    allocations: sum("allocations"),
    frees: sum("frees"),
    allocatedBytes: sum("allocatedBytes"),
  };
}

test("the timeline of a long window is that of its chunks, and no finer", async () => {
  const model = await openModel(run);
  const { span } = model;
  for (const window of [span, { ...span, from: 40_000 }, { ...span, to: span.to + 10_000_000 }]) {
    for (const buckets of [7, 100, 1000])
      expect(await model.timeline(window, buckets)).toEqual(coarse(window, buckets));
  }
  const fine = await model.timeline(span, 100, all);
  expect(fine).not.toEqual(coarse(span, 100));
  expect(fine.lastBytes.at(-1)).toBe(coarse(span, 100).lastBytes.at(-1));
});

test("a window of fewer rows is read row by row, and a sample's of any length", async () => {
  const model = await openModel(run);
  const rowsOf = (window: Window): number =>
    run.chunks
      .filter(({ startTime, endTime }) => endTime >= window.from && startTime <= window.to)
      .reduce((sum, chunk) => sum + chunk.rows, 0);
  // Chunk by chunk from the end.
  const first = run.chunks.findIndex(({ startTime }) => rowsOf({ from: startTime, to: model.span.to }) <= ROWS_READ);
  const short = { from: (run.chunks[first]?.startTime ?? 0) + 1, to: model.span.to };
  expect(await model.timeline(short, 30)).toEqual(await model.timeline(short, 30, all));
  const long = { ...short, from: run.chunks[first - 1]?.endTime ?? 0 };
  expect(await model.timeline(long, 30)).toEqual(coarse(long, 30));
  const boots = run.tables.boots.map((boot) => ({ ...boot, sampleInterval: 3 }));
  const sampled = Object.create(run, { tables: { value: { ...run.tables, boots } } }) as Run;
  const { lastBlocks } = await (await openModel(sampled)).timeline(undefined, 1);
  expect(lastBlocks[0]).toBe(3 * (run.chunks.at(-1)?.lastBlocks ?? 0));
});

test("the regions of a long window are read moment by moment, and nothing is claimed of the time between", async () => {
  const model = await openModel(run);
  const { samples, regions, time, isPass, ...columns } = await model.regionSeries(undefined, 3);
  expect([samples, regions, isPass, [...time]]).toEqual([
    3,
    [region],
    false,
    [1, 2, 3].map((part) => (model.span.to * part) / 3),
  ]);
  for (const [i, at] of time.entries()) {
    const [state] = await model.regionsAt(at);
    const free = state?.free ?? NaN;
    const { largestFree } = state ?? {};
    expect(Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column[i]]))).toEqual({
      free,
      minFree: free,
      maxFree: free,
      largestFree,
      exact: state?.exact === true ? 1 : 0,
    });
  }
  const short = await model.regionSeries({ from: model.span.to / 2, to: model.span.to }, 3);
  expect(short.isPass).toBe(true);
});
