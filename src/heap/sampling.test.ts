import { expect, test } from "vitest";
import { openModel } from "./model.ts";
import { recordRun, testBoot } from "../../test/heap-text.ts";
import { samplingOf } from "./sampling.ts";

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
