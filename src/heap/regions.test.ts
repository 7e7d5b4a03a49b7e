import { expect, test } from "vitest";
import { recordRun, testBoot } from "../../test/heap-text.ts";
import type { Teller } from "../wire/teller.ts";
import type { Region } from "../wire/records.ts";
import { openModel } from "./model.ts";
import { sumOfCaps, takenBytes } from "./regions.ts";

const start = 0x3ffb_0000;
/** What TLSF's tables and the heap's own record take in a region of this size. */
const metadata = 744;
const end = start + 20_000;
/** Three blocks behind the heap's own tables: 104, 24 and 404 bytes with their headers. */
const blocks = [
  { address: start + metadata + 4, size: 98 },
  { address: start + metadata + 108, size: 20 },
  { address: start + metadata + 132, size: 400 },
];
const occupied = 104 + 24 + 404;

function region(free: number, largestFree: number): Region {
  return { name: "DRAM", start, end, caps: 12, free, largestFree, minimumFree: free - 1000 };
}

function playBlocks(sink: Teller, report: Region): void {
  sink.record({ kind: "boot", value: testBoot });
  blocks.forEach(({ address, size }, i) => sink.alloc(i, address, size, 1, 0, 0));
  sink.record({ kind: "regions", value: { time: 100, regions: [report] } });
  sink.free(200, blocks[1]?.address ?? 0, 0, 0, 0);
  sink.alloc(300, start + 5000, 1000, 1, 0, 0);
}

const free = end - start - metadata - occupied;

test("where device and blocks agree, holes are exact and carried on", async () => {
  const model = await openModel(recordRun((sink) => playBlocks(sink, region(free, free - 300))));
  const [then] = await model.regionsAt(100);
  expect(then).toMatchObject({ exact: true, free, freeBlocks: 1, liveBlocks: 3, occupied, minimumFree: free - 1000 });
  const [later] = await model.regionsAt(200);
  expect(later?.holes).toEqual([
    { start: start + metadata + 108, bytes: 20 },
    { start: start + metadata + 108 + 24 + 404, bytes: free - 4 },
  ]);
  expect(later).toMatchObject({ exact: true, free: free + 24, largestFree: free - 4, freeBlocks: 2 });
  const [last] = await model.regionsAt(300);
  expect(last).toMatchObject({ free: free + 24 - 1028, freeBlocks: 3, liveBlocks: 3 });
});

test("where blocks exist that were never seen, it is an estimate and says so", async () => {
  const model = await openModel(recordRun((sink) => playBlocks(sink, region(free - 8000, 6000))));
  const [then] = await model.regionsAt(100);
  expect(then).toMatchObject({ exact: false, free: free - 8000, largestFree: 6000 });
});

test("before the device's first answer nothing is claimed", async () => {
  const model = await openModel(recordRun((sink) => playBlocks(sink, region(free, free))));
  expect(await model.regionsAt(50)).toEqual([]);
  expect((await model.regionReports()).map((report) => report.time)).toEqual([100]);
});

test("blocks are grouped by region", async () => {
  const model = await openModel(recordRun((sink) => playBlocks(sink, region(free, free))));
  const live = await model.liveAt(100);
  expect(model.group(live, "region").map((group) => [group.key, group.blocks])).toEqual([["DRAM 0x3ffb0000", 3]]);
  expect((await model.liveAt(100, model.filter("region:dram size>50"))).length).toBe(2);
});

test("the minimum counts what happened between the device's answers", async () => {
  const model = await openModel(
    recordRun((sink) => {
      playBlocks(sink, region(free, free - 300));
      sink.alloc(400, start + 8000, 5000, 1, 0, 0);
      sink.free(500, start + 8000, 0, 0, 0);
    }),
  );
  const [before] = await model.regionsAt(350);
  expect(before?.minimumFree).toBe(free + 24 - 1028);
  const [after] = await model.regionsAt(600);
  expect(after?.free).toBe(before?.free);
  expect(after?.minimumFree).toBe(free + 24 - 1028 - 5124);
});

test("capabilities sum the regions that have them, as heap_caps_get_info does", async () => {
  const dram = { ...region(free, free - 300), caps: 0b1100 };
  const other = {
    start: 0x3f80_0000,
    end: 0x3f80_4000,
    caps: 0b0100,
    free: 8000,
    largestFree: 3000,
    minimumFree: 7000,
  };
  const model = await openModel(
    recordRun((sink) => {
      sink.record({ kind: "boot", value: testBoot });
      blocks.forEach(({ address, size }, i) => sink.alloc(i, address, size, 1, 0, 0));
      sink.record({ kind: "regions", value: { time: 150, regions: [dram, other] } });
    }),
  );
  const all = await model.capsAt(150);
  expect(all.map(({ caps, regions }) => [caps, regions])).toEqual([
    [0b0100, 2],
    [0b1000, 1],
  ]);
  expect(all[0]).toMatchObject({
    total: 20_000 + 0x4000,
    free: free + 8000,
    used: 20_000 + 0x4000 - free - 8000,
    largestFree: free - 4,
    minimumFree: free - 1000 + 7000,
    exact: false,
  });
  expect(sumOfCaps(await model.regionsAt(150), 0b1_0100)).toBeUndefined();
});

test("what a block takes is measured by the block behind it, where nothing fits between them", async () => {
  const at = start + metadata + 4;
  // 20 bytes with 40 to the next: rounded up by a leftover too small for a block of its own. The second is followed by a hole.
  const model = await openModel(
    recordRun((sink) => {
      sink.record({ kind: "boot", value: testBoot });
      [at, at + 40, at + 400].forEach((address) => sink.alloc(1, address, 26, 1, 0, 0));
    }),
  );
  const live = await model.liveAt(1);
  expect([0, 1, 2].map((row) => takenBytes(live, row, 0))).toEqual([
    { bytes: 40, measured: true },
    { bytes: 32, measured: false },
    { bytes: 32, measured: false },
  ]);
  expect(takenBytes(live, 0, 16)).toEqual({ bytes: 48, measured: false });
});
