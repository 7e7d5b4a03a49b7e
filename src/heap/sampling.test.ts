import { expect, test } from "vitest";
import { openModel } from "./model.ts";
import { recordRun, testBoot } from "../../test/heap-text.ts";
import { samplingOf, scaledTotals } from "./sampling.ts";
import type { BlockTable } from "./types.ts";

const NO_BLOCKS: BlockTable = {
  length: 0,
  address: new Uint32Array(2),
  size: new Uint32Array(0),
  site: new Uint32Array(2),
  task: new Uint16Array(2),
  core: new Uint8Array(2),
  born: new Float64Array(2),
  origin: new Float64Array(2),
  reallocs: new Uint16Array(2),
  flags: new Uint8Array(2),
};

/** Three blocks of 100 bytes and one of 4,000 stay, two of 100 are freed. */
async function totals(sample: { sampleInterval: number; sampleBytes?: number }): Promise<unknown> {
  const run = recordRun((sink) => {
    sink.record({ kind: "boot", value: { ...testBoot, ...sample } });
    for (let i = 0; i < 5; i++) sink.alloc(i, 0x3ffb0000 + i * 256, 100, 1, 3, 0);
    for (let i = 0; i < 2; i++) sink.free(10 + i, 0x3ffb0000 + i * 256, 0, 3, 0);
    sink.alloc(20, 0x3ffc0000, 4000, 1, 3, 0);
  });
  const { bytes, blocks, allocations, frees, allocatedBytes } = await (await openModel(run)).totalsAt(100);
  return { bytes: bytes.value, blocks: blocks.value, allocations, frees, allocatedBytes };
}

test("one in ten: everything counts ten times", async () => {
  const sampled = { bytes: 43_000, blocks: 40, allocations: 60, frees: 20, allocatedBytes: 45_000 };
  expect(await totals({ sampleInterval: 10 })).toEqual(sampled);
  expect(await totals({ sampleInterval: 1 })).toEqual({
    bytes: 4300,
    blocks: 4,
    allocations: 6,
    frees: 2,
    allocatedBytes: 4500,
  });
});

test("by bytes: small blocks count more than large ones, and bytes are right where blocks are", async () => {
  // p = 1 - exp(-size / 1000): 0.0952 of those of 100 bytes, 0.982 of those of 4,000.
  const few = 1 / (1 - Math.exp(-0.1));
  const most = 1 / (1 - Math.exp(-4));
  expect(await totals({ sampleInterval: 1, sampleBytes: 1000 })).toMatchObject({
    blocks: Math.round(3 * few + most),
    bytes: Math.round(300 * few + 4000 * most),
  });
});

test("the last boot that sampled decides, and says so", () => {
  expect(samplingOf([{ sampleInterval: 1 }]).sentence).toBeUndefined();
  const sampling = samplingOf([{ sampleInterval: 8 }, { sampleInterval: 4 }, { sampleInterval: 1 }]);
  expect(sampling.weight(1)).toBe(4);
  expect(sampling.sentence).toContain("one in 4 allocations");
  expect(samplingOf([{ sampleInterval: 1, sampleBytes: 1024 }]).sentence).toMatch(/one every 1\S* \S+ on average/);
});

/** Totals of a sample of one in four of which so many allocations of eight bytes each are over. */
async function whenNothingIsLive(
  allocations: number,
  sample: { sampleInterval: number; sampleBytes?: number },
): Promise<unknown> {
  const run = recordRun((sink) => {
    sink.record({ kind: "boot", value: { ...testBoot, ...sample } });
    for (let i = 0; i < allocations; i++) {
      sink.alloc(i, 0x3ffb0000, 8 * (i + 1), 1, 3, 0);
      sink.free(i, 0x3ffb0000, 0, 3, 0);
    }
  });
  const { bytes, blocks, allocations: count, frees, allocatedBytes } = await (await openModel(run)).totalsAt(100);
  return [bytes.value, blocks.value, count, frees, allocatedBytes];
}

test("where nothing is live, what was there counts as its average does", async () => {
  expect(await whenNothingIsLive(3, { sampleInterval: 4 })).toEqual([0, 0, 12, 12, 192]);
  expect(await whenNothingIsLive(0, { sampleInterval: 4 })).toEqual([0, 0, 0, 0, 0]);
  // 16 bytes on average: 1 / (1 - exp(-16 / 100)).
  const weight = 1 / (1 - Math.exp(-0.16));
  expect(await whenNothingIsLive(3, { sampleInterval: 1, sampleBytes: 100 })).toEqual([
    0,
    0,
    Math.round(3 * weight),
    Math.round(3 * weight),
    Math.round(48 * weight),
  ]);
});

test("a sample's bounds are scaled as its totals, and blocks of no bytes as those of one", () => {
  const { weight } = samplingOf([{ sampleInterval: 1, sampleBytes: 10 }]);
  expect(weight(0)).toBe(weight(1));
  expect(weight(5)).toBeCloseTo(1 / (1 - Math.exp(-0.5)), 10);
  const totalsOfSample = {
    time: 7,
    bytes: { value: 100, lowest: 50, highest: 200 },
    blocks: { value: 2, lowest: 1, highest: 3 },
    allocations: 5,
    frees: 3,
    allocatedBytes: 300,
    unknownFrees: 1,
    missedAllocations: 2,
    doubleAllocations: 3,
  };
  const live = { ...NO_BLOCKS, length: 2, size: Uint32Array.of(0, 100) };
  const byBlocks = Math.round(weight(0) + weight(100)) / 2;
  expect(scaledTotals(totalsOfSample, live, { weight })).toEqual({
    ...totalsOfSample,
    blocks: { value: Math.round(2 * byBlocks), lowest: Math.round(byBlocks), highest: Math.round(3 * byBlocks) },
    bytes: { value: 100, lowest: 50, highest: 200 },
    allocations: Math.round(5 * byBlocks),
    frees: Math.round(3 * byBlocks),
    allocatedBytes: 300,
  });
});
