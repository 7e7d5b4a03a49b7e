// What a device tells later bounds what was live at a moment at which events are missing, as long as it speaks of the same boot.
import { expect, test } from "vitest";
import { recordRun, testBoot } from "../../test/heap-text.ts";
import type { Region } from "../wire/records.ts";
import { openModel } from "./model.ts";

const start = 0x3ffb_0000;
const region: Region = {
  name: "DRAM",
  start,
  end: start + 4096,
  caps: 12,
  free: 3000,
  largestFree: 3000,
  minimumFree: 1000,
};

/** 150 bytes are known at 40 µs, and an unknown number of events is missing before; then the device tells its regions. */
async function mostLiveAt40(restartsFirst: boolean): Promise<number> {
  const model = await openModel(
    recordRun((sink) => {
      sink.record({ kind: "boot", value: testBoot });
      sink.alloc(10, start, 100, 1, 3, 0);
      sink.record({ kind: "gap", value: { reason: "frames-lost", time: 20, lostFrames: 1 } });
      sink.alloc(30, start + 256, 50, 1, 3, 0);
      sink.alloc(90, start + 512, 10, 1, 3, 0);
      if (restartsFirst) sink.record({ kind: "boot", value: { ...testBoot, bootId: testBoot.bootId + 1 } });
      sink.record({ kind: "regions", value: { time: 100, regions: [region] } });
    }),
  );
  return (await model.totalsAt(40)).bytes.highest;
}

test("more was never live than the regions were ever filled, as their next answer has it", async () => {
  expect(await mostLiveAt40(false)).toBe(4096 - 1000);
});

test("the next boot's answer says nothing of this one", async () => {
  expect(await mostLiveAt40(true)).toBe(Infinity);
});
