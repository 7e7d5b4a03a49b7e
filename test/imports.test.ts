// Imported files in the engine: the model and the detectors answer for them as for a recording of our own probe.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { detect } from "../src/detect/run.ts";
import type { HeapModel } from "../src/heap/model-api.ts";
import { openModel } from "../src/heap/model.ts";
import { RunRecorder } from "../src/heap/run-recorder.ts";
import { importFile } from "../src/import/recognize.ts";
import { sharedData } from "./shared-data.ts";

async function modelOf(...paths: readonly string[]): Promise<HeapModel> {
  const recorder = new RunRecorder();
  await importFile(
    paths.map((name) => ({ name, bytes: readFileSync(name) })),
    recorder,
  );
  recorder.flush();
  return openModel(recorder.run);
}

const fixture = (name: string): string => new URL(`fixtures/import/${name}`, import.meta.url).pathname;
const systemview = sharedData("systemview");
const heaptrack = sharedData("heaptrack/heaptrack.david.18594.gz");

test.skipIf(systemview === undefined)("SystemView: 17,706 bytes in 45 blocks, by task", async () => {
  const model = await modelOf(`${systemview ?? ""}/heap_log0.svdat`, `${systemview ?? ""}/heap_log1.svdat`);
  const live = await model.liveAt(Infinity);
  expect(live.size.reduce((sum, size) => sum + size, 0)).toBe(17_706);
  expect(live.size).toHaveLength(45);
  expect((await model.liveAt(Infinity, model.filter("task:alloc0"))).size.length).toBeGreaterThan(0);
});

test.skipIf(heaptrack === undefined)("heaptrack: peak, what is left, temporaries, functions", async () => {
  const model = await modelOf(heaptrack ?? "");
  expect((await model.peak()).bytes).toBe(996_970);
  expect((await model.totalsAt(Infinity)).bytes.value).toBe(30_463);
  expect(model.group(await model.liveAt(Infinity), "function")[0]).toMatchObject({
    key: "g_malloc",
    blocks: 1,
    bytes: 16_384,
  });
});

test("a log with a trace and corruption messages leads with the faults and their blocks", async () => {
  const model = await modelOf(fixture("corruption-panic.txt"));
  const { findings } = await detect(model);
  const faults = findings.filter((finding) => finding.severity === "error");
  expect(faults.map(({ rule }) => rule)).toEqual(expect.arrayContaining(["overflow", "write-after-free"]));
  expect(faults.some((fault) => fault.evidence.join(" ").includes("0x3ffb9000"))).toBe(true);
});

test("a heap summary gives the regions as the device answers", async () => {
  const model = await modelOf(fixture("heap-info-dump.txt"));
  const regions = await model.regionsAt(Infinity);
  expect(regions.map(({ region }) => [region.name, region.start, region.free])).toEqual([
    ["DRAM", 0x3ffb0000, 640],
    ["D/IRAM", 0x3ffe0440, 15_000],
  ]);
  expect(regions.map(({ largestFree, liveBlocks }) => [largestFree, liveBlocks])).toEqual([
    [400, 3],
    [14_000, 0],
  ]);
});
