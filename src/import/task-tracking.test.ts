// What a listing of a task's blocks does to the blocks that are known.
import { expect, test } from "vitest";
import { Told } from "../../test/told.ts";
import { ReportBuilder } from "./import-report.ts";
import type { LiveBlock } from "./live-blocks.ts";
import { LogRun } from "./log-run.ts";
import { SeriesCollector } from "./log-series.ts";
import { OverviewReader } from "./log-text.ts";
import { TaskTrackingReader } from "./task-tracking-text.ts";

const AT = 0x3ffb_1000;

/** The blocks that are known after one is listed at `AT`, where these were: place behind `AT`, size, and what is known of each. */
function after(...before: readonly (readonly [offset: number, size: number])[]): readonly (readonly number[])[] {
  const run = new LogRun(new Told(false), new ReportBuilder("a.log", "log"), new OverviewReader().overview, 1);
  for (const [i, [offset, size]] of before.entries())
    run.live.add({ address: AT + offset, size, site: 5 + i, task: 0 });
  const reader = new TaskTrackingReader(run, new SeriesCollector());
  const lines = [
    "ALIVE: main, CURRENT MEMORY USAGE 64, PEAK MEMORY USAGE 64, TOTAL HEAP USED 1",
    "HEAP: DRAM, CAPS: 0x1800, SIZE: 1000, USAGE: CURRENT 64 (6%), PEAK 64 (6%), ALLOC COUNT: 1",
    `ALLOC 0x${AT.toString(16)}, SIZE 64`,
  ];
  expect(lines.map((text, i) => reader.line({ number: i + 1, text, tags: [] }))).toEqual([true, true, true]);
  reader.flush();
  return run.live.all.map(({ address, size, site }: LiveBlock) => [address - AT, size, site]);
}

test("what is listed keeps its place and site, where a block was known to begin there or up to twelve bytes behind", () => {
  const unknown = 0;
  expect(after()).toEqual([[0, 64, unknown]]);
  for (const offset of [0, 4, 12]) expect(after([offset, 52]), `${offset}`).toEqual([[offset, 52, 5]]);
  expect(after([13, 51])).toEqual([[0, 64, unknown]]);
  expect(after([-4, 68])).toEqual([[0, 64, unknown]]);
  // Of several in its place one at most can be it; what lies beside it stays.
  expect(after([-32, 32], [0, 16], [16, 16], [64, 8])).toEqual([
    [-32, 32, 5],
    [0, 16, 6],
    [64, 8, 8],
  ]);
});
