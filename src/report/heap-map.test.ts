import { expect, test } from "vitest";
import { recordRun, testBoot } from "../../test/heap-text.ts";
import { makeNames } from "../detect/names.ts";
import { openModel } from "../heap/model.ts";
import { viewHeapMap, type HeapMapView } from "./heap-map.ts";

/** A region of 64 KiB with one block in it, of which the device says that so much is free. */
async function mapOf(free: number): Promise<HeapMapView> {
  const region = { start: 0x3ffb_0000, end: 0x3ffc_0000, caps: 4, free, largestFree: free };
  const run = recordRun((sink) => {
    sink.record({ kind: "boot", value: testBoot });
    sink.alloc(1000, 0x3ffb_0004, 1024, 1, 3, 0);
    sink.record({ kind: "regions", value: { time: 2000, regions: [region] } });
  });
  const model = await openModel(run);
  return viewHeapMap(model, makeNames(model.tables), { time: 2000 }, 64);
}

test("where the device uses memory that the stream does not show, no hole is drawn but what may be used", async () => {
  const [region] = (await mapOf(20)).regions;
  expect(region?.cells[0]).toMatchObject({ mayBeUsed: false });
  expect(region?.cells.slice(2).every(({ mayBeUsed, inLargestFree }) => mayBeUsed && !inLargestFree)).toBe(true);
});

test("where both agree, the largest hole is what it is", async () => {
  const [region] = (await mapOf(0x1_0000 - 1028 - 4)).regions;
  expect(region?.cells.slice(2).every(({ mayBeUsed, inLargestFree }) => !mayBeUsed && inLargestFree)).toBe(true);
});
