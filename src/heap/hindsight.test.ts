// What a device tells later bounds what was live at a moment at which events are missing, as long as it speaks of the same boot.
import { expect, test } from "vitest";
import { recordRun, testBoot } from "../../test/heap-text.ts";
import { quietHeartbeat } from "../../test/quiet-heartbeat.ts";
import type { Teller } from "../wire/teller.ts";
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

/** What was live at most, and at least, of a run with a gap of so many events at 20 µs; bytes, then blocks. */
async function boundsAt(time: number, play: (sink: Teller) => void, lostEvents?: number): Promise<unknown> {
  const model = await openModel(
    recordRun((sink) => {
      sink.record({ kind: "boot", value: testBoot });
      sink.alloc(10, start, 100, 1, 3, 0);
      const missing = lostEvents === undefined ? {} : { lostEvents };
      sink.record({ kind: "gap", value: { reason: "frames-lost", time: 20, lostFrames: 1, ...missing } });
      sink.alloc(30, start + 256, 50, 1, 3, 0);
      play(sink);
    }),
  );
  const { bytes, blocks } = await model.totalsAt(time);
  return [bytes.lowest, bytes.highest, blocks.lowest, blocks.highest];
}

const beat = (time: number, liveBytes: number, liveBlocks: number, peakBytes = 0): Parameters<Teller["record"]>[0] => ({
  kind: "heartbeat",
  value: { ...quietHeartbeat, time, liveBytes, liveBlocks, peakBytes },
});

test("the next heartbeat's totals, less what came and went until then, are those of the moment", async () => {
  const comesAndGoes = (sink: Teller): void => {
    sink.alloc(40, start + 512, 7, 1, 3, 0);
    sink.alloc(45, start + 768, 8, 1, 3, 0);
    sink.free(50, start + 512, 0, 3, 0);
    sink.record(beat(60, 200, 4));
  };
  expect(await boundsAt(35, comesAndGoes, 3)).toEqual([192, 192, 3, 3]);
  expect(await boundsAt(40, comesAndGoes, 3)).toEqual([199, 199, 4, 4]);
  expect(await boundsAt(60, comesAndGoes, 3)).toEqual([200, 200, 4, 4]);
  expect(await boundsAt(35, comesAndGoes)).toEqual([192, 192, 3, 3]);
  // A block of a size that nobody knows went in between: it was live, and the rest is as large as before at most.
  const unknown = (sink: Teller): void => {
    sink.free(40, start + 512, 0, 3, 0);
    sink.record(beat(60, 60, 2));
  };
  expect(await boundsAt(35, unknown, 3)).toEqual([60, Infinity, 3, 3]);
  // The next boot's say nothing of this one.
  const restarts = (sink: Teller): void => {
    sink.record({ kind: "boot", value: { ...testBoot, bootId: 2 } });
    sink.record(beat(5, 0, 0));
  };
  expect(await boundsAt(25, restarts, 3)).toEqual([0, Infinity, 0, 4]);
  // What proves all, proves the moment too.
  const proven = (sink: Teller): void => {
    sink.record({ kind: "snapshotBegin", value: { time: 40 } });
    sink.record({ kind: "live", value: { address: start + 256, size: 50, site: 1, task: 3, moving: false } });
    sink.record({ kind: "snapshotEnd", value: { time: 41, records: 1 } });
  };
  expect(await boundsAt(35, proven, 3)).toEqual([50, 50, 1, 1]);
});

test("a block that another one takes the place of was freed unseen: what the device had told holds without that", async () => {
  const replaced = (sink: Teller): void => {
    sink.record(beat(35, 150, 2));
    sink.alloc(40, start + 256, 20, 1, 3, 0);
  };
  expect(await boundsAt(37, replaced, 3)).toEqual([150, 150, 2, 2]);
  expect(await boundsAt(45, replaced, 3)).toEqual([170, 170, 3, 3]);
});

test("more was never live than the next heartbeat's peak; one without a peak, or of less than is live, says nothing", async () => {
  const peak = (peakBytes: number) => (sink: Teller) => {
    sink.free(40, start + 512, 0, 3, 0);
    sink.record(beat(60, 60, 2, peakBytes));
  };
  expect(await boundsAt(35, peak(170), 3)).toEqual([60, 170, 3, 3]);
  expect(await boundsAt(35, peak(59), 3)).toEqual([60, Infinity, 3, 3]);
  expect(await boundsAt(35, peak(60), 3)).toEqual([60, 60, 3, 3]);
  expect(await boundsAt(35, peak(0), 3)).toEqual([60, Infinity, 3, 3]);
});

test("regions bound the number of blocks too, as long as all that is known lies in them", async () => {
  const told = (regions: readonly Region[]) => (sink: Teller) => {
    sink.record({ kind: "regions", value: { time: 100, regions } });
    sink.alloc(100, start + 1024, 4000, 1, 3, 0);
    sink.alloc(130, start + 1024, 4, 1, 3, 0);
  };
  const used = 4096 - 1000;
  expect(await boundsAt(35, told([region]))).toEqual([50, used, 1, used / 8]);
  const other = { ...region, start: start + 4096, end: start + 6000, minimumFree: 1900 };
  expect(await boundsAt(35, told([region, other]))).toEqual([50, used + 4, 1, Math.floor((used + 4) / 8)]);
  expect(await boundsAt(35, told([other]))).toEqual([50, Infinity, 1, Infinity]);
  expect(await boundsAt(35, told([{ ...region, end: start + 256 }]))).toEqual([50, Infinity, 1, Infinity]);
  const { minimumFree: _, ...unsaid } = region;
  expect(await boundsAt(35, told([unsaid]))).toEqual([50, 4096, 1, 512]);
  // Behind the last answer all regions may have been full. What was allocated at the very moment of an answer may have come after it.
  const wide = { ...region, end: start + 8192, minimumFree: 8000 };
  expect(await boundsAt(120, told([wide]))).toEqual([4050, 8192, 2, 1024]);
  expect(await boundsAt(100, told([wide]))).toEqual([4050, 8192, 2, 1024]);
});
