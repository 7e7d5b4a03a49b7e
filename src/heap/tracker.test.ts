import fc from "fast-check";
import { expect, test } from "vitest";
import { testBoot } from "../../test/heap-text.ts";
import { quietHeartbeat } from "../../test/quiet-heartbeat.ts";
import { LOSSLESS, LOSSY, ReferenceDevice, steps, type ReferenceBlock, type Step } from "../../test/random-run.ts";
import type { LiveSet } from "./live-set.ts";
import { Teller } from "../wire/teller.ts";
import { RunRecorder } from "./run-recorder.ts";
import { combined } from "./combined-visitor.ts";
import { totalsOf } from "./live-totals.ts";
import { Replay, scanWindow } from "./replay.ts";
import { BlockFlag } from "./types.ts";
import { Cause, type LiveColumns } from "./visitor.ts";

function blocksOf(live: LiveSet): ReferenceBlock[] {
  return [...live.slotsByAddress()]
    .map((slot) => ({
      address: live.blocks.address[slot] ?? 0,
      size: live.blocks.size[slot] ?? 0,
      site: live.blocks.site[slot] ?? 0,
      task: (live.blocks.context[slot] ?? 0) >>> 2,
    }))
    .sort((a, b) => a.address - b.address || a.size - b.size);
}

test("without loss the live set is the device's, and every heartbeat proves it", () => {
  fc.assert(
    fc.property(steps(LOSSLESS), (run) => {
      const tracker = new RunRecorder();
      const device = new ReferenceDevice(tracker);
      for (const step of run) {
        device.step(step);
        if (step.action === "beat") expect(tracker.lastHeartbeat?.verdict).toBe("verified");
      }
      expect(blocksOf(tracker.state)).toEqual(device.live);
      expect(tracker.tables.anomalies).toEqual([]);
    }),
  );
});

test("after any loss the next whole snapshot makes the live set exact, and a heartbeat proves it", () => {
  fc.assert(
    fc.property(steps(LOSSY), (run) => {
      const tracker = new RunRecorder();
      const device = new ReferenceDevice(tracker);
      device.play(run);
      device.snapshot();
      expect(blocksOf(tracker.state)).toEqual(
        device.live.map((block) => ({ ...block, task: expect.any(Number) as number })),
      );
      expect(tracker.lastHeartbeat?.verdict).toBe("verified");
      expect(tracker.state.blocks.certain).toBe(true);
    }),
  );
});

test("of blocks that are being moved from one address a snapshot takes away the one that is gone", () => {
  const of = (pick: number, action: Step["action"]): Step => ({ action, pick, size: 0, wait: 0 });
  const tracker = new RunRecorder();
  const device = new ReferenceDevice(tracker);
  // The end of the first move is lost; its old address is given out again, and what lies there is moved too.
  device.play([
    of(0, "alloc"), of(10, "alloc"), of(1, "begin"), of(1, "lose"), of(0, "end"),
    of(0, "begin"), of(9, "end"), of(1, "begin"), of(9, "end"), of(1, "begin"),
  ]); // prettier-ignore
  device.snapshot();
  tracker.flush();
  expect(blocksOf(tracker.state)).toEqual(
    device.live.map((block) => ({ ...block, task: expect.any(Number) as number })),
  );
  expect(tracker.lastHeartbeat?.verdict).toBe("verified");
});

test("what comes and goes after the device has told its totals leaves them as exact as they were", () => {
  const tracker = new RunRecorder();
  const sink = new Teller(tracker);
  sink.record({ kind: "boot", value: testBoot });
  sink.alloc(10, 0x3ffb_0000, 100, 1, 3, 0);
  sink.record({ kind: "gap", value: { reason: "frames-lost", time: 20, lostFrames: 1, lostEvents: 4 } });
  sink.record({ kind: "heartbeat", value: { ...quietHeartbeat, time: 30, liveBytes: 160, liveBlocks: 3 } });
  const told = { value: 160, lowest: 160, highest: 160 };
  const bytes = (): unknown => {
    sink.flush();
    return totalsOf(tracker.state, 100).bytes;
  };
  expect(bytes()).toMatchObject(told);
  sink.alloc(40, 0x3ffb_0100, 50, 1, 3, 0);
  expect(bytes()).toMatchObject({ value: 210, lowest: 210, highest: 210 });
  const mover = { task: 3, core: 0 };
  sink.record({ kind: "reallocBegin", value: { time: 45, address: 0x3ffb_0100, ...mover } });
  const moved = { oldAddress: 0x3ffb_0100, address: 0x3ffb_0200, size: 70, site: 1 };
  sink.record({ kind: "reallocEnd", value: { time: 46, ...moved, ...mover } });
  expect(bytes()).toMatchObject({ value: 230, lowest: 230, highest: 230 });
  sink.free(50, 0x3ffb_0200, 1, 3, 0);
  expect(bytes()).toMatchObject(told);
  // One from before the gap may have been freed unseen, and another taken its place: of what size nobody knows.
  sink.free(60, 0x3ffb_0000, 1, 3, 0);
  expect(bytes()).toMatchObject({ lowest: 0, highest: 160 });
});

test("a replay from any key frame ends where the run was", async () => {
  await fc.assert(
    fc.asyncProperty(steps([...LOSSY, "boot"]), async (run) => {
      const tracker = new RunRecorder({ chunkRows: 8 });
      const device = new ReferenceDevice(tracker);
      const states: { readonly row: number; readonly blocks: ReferenceBlock[]; readonly totals: unknown }[] = [];
      for (const step of run) {
        device.step(step);
        const totals = totalsOf(tracker.state, 0);
        states.push({ row: tracker.state.row, blocks: blocksOf(tracker.state), totals });
      }
      tracker.flush();
      for (const state of states) {
        const { live } = await Replay.at(tracker.run, { row: state.row });
        expect(blocksOf(live)).toEqual(state.blocks);
        expect(totalsOf(live, 0)).toEqual(state.totals);
      }
    }),
    { numRuns: 50 },
  );
});

test("a visitor finds everything as it was at each row, and one of many rows sees the same blocks", async () => {
  await fc.assert(
    fc.asyncProperty(steps([...LOSSY, "boot"]), async (run) => {
      const tracker = new RunRecorder({ chunkRows: 64 });
      new ReferenceDevice(tracker).play(run);
      tracker.flush();
      const addresses = new Set(tracker.run.chunks.flatMap((_, i) => [...tracker.run.rows(i).address]));
      const sizesAt = ({ size }: LiveColumns, slotAt: (address: number) => number): unknown =>
        [...addresses].map((address) => size[slotAt(address)]);
      // What a visitor knows of addresses: where blocks were born and have not died. Of two, one is on its way elsewhere.
      const index = new Map<number, Set<number>>();
      const enter = (live: LiveColumns, slot: number): void => {
        const address = live.address[slot] ?? 0;
        index.set(address, (index.get(address) ?? new Set()).add(slot));
      };
      const indexed = (live: LiveColumns): unknown => {
        const slots = [...index.values()].flatMap((set) => [...set]);
        const bytes = slots.reduce((sum, slot) => sum + (live.size[slot] ?? 0), 0);
        const sizes = sizesAt(live, (address) =>
          [...(index.get(address) ?? [])].reduce((a, b) => ((live.flags(b) & BlockFlag.MOVING) === 0 ? b : a), 0),
        );
        return [bytes, slots.length, sizes];
      };
      const seen: { readonly row: number; readonly state: unknown }[] = [];
      const [single, many]: number[][] = [[], []];
      await scanWindow(
        tracker.run,
        { from: 0, to: Infinity },
        combined([
          {
            calls(live, rows, from, to, slots) {
              for (let i = from; i < to; i++) many?.push(live.address[slots[i - from] ?? 0] ?? 0, rows.address[i] ?? 0);
            },
          },
          {
            begin(live, slots) {
              for (const slot of slots) enter(live, slot);
            },
            born(live, slot, _time, cause, row) {
              enter(live, slot);
              if (cause !== Cause.CALL) return;
              seen.push({ row, state: indexed(live) });
              single?.push(live.address[slot] ?? 0, live.address[slot] ?? 0);
            },
            died(live, slot, _time, cause, _context, _site, row) {
              if (cause === Cause.CALL) seen.push({ row: row - 1, state: indexed(live) });
              index.get(live.address[slot] ?? 0)?.delete(slot);
              if (cause !== Cause.CALL) return;
              if (live.flags(slot) === 0 && live.reallocs[slot] === 0)
                single?.push(live.address[slot] ?? 0, live.address[slot] ?? 0);
            },
          },
        ]),
      );
      expect(many).toEqual(single);
      for (const { row, state: then } of seen) {
        const { live } = await Replay.at(tracker.run, { row });
        const sizes = sizesAt(live.blocks, (address) => live.slotAt(address));
        expect(then).toEqual([live.liveBytes, live.liveBlocks, sizes]);
      }
    }),
    { numRuns: 30 },
  );
});

test("sites and tasks of two boots are kept apart", () => {
  const tracker = new RunRecorder();
  const teller = new Teller(tracker);
  const device = new ReferenceDevice(teller);
  teller.record({ kind: "site", value: { id: 1, method: 1, caps: 0, file: "old.c" } });
  teller.record({ kind: "task", value: { id: 3, name: "old", handle: 16 } });
  teller.alloc(1000, 0x3ffb0000, 8, 1, 3, 0);
  device.step({ action: "boot", pick: 0, size: 0, wait: 0 });
  teller.record({ kind: "site", value: { id: 1, method: 1, caps: 0, file: "new.c" } });
  teller.record({ kind: "task", value: { id: 3, name: "new", handle: 16 } });
  teller.alloc(10, 0x3ffb0000, 16, 1, 3, 0);
  teller.flush();
  expect(tracker.state.liveBytes).toBe(16);
  expect(tracker.time).toBe(1010);
  const [slot = 0] = tracker.state.blocks.slots();
  const site = tracker.tables.sites[tracker.state.blocks.site[slot] ?? 0];
  const task = tracker.tables.tasks[(tracker.state.blocks.context[slot] ?? 0) >>> 2];
  expect([site?.file, site?.deviceId, site?.boot, task?.name]).toEqual(["new.c", 1, 1, "new"]);
  expect(tracker.tables.sites[1]?.file).toBe("old.c");
});

test("the HELLO of a boot that was announced without it voids nothing", () => {
  const tracker = new RunRecorder();
  const teller = new Teller(tracker);
  const unknown = { protocolVersion: 1, configuration: 0, tableCapacity: 0, sampleInterval: 1, stackDepth: 0 };
  teller.record({ kind: "boot", value: { ...unknown, bootId: 0x42, provisional: true } });
  teller.alloc(5, 0x3ffb0000, 8, 1, 3, 0);
  teller.record({ kind: "boot", value: { ...unknown, bootId: 0x11111142, tableCapacity: 64, continues: true } });
  teller.flush();
  expect(tracker.state.liveBytes).toBe(8);
  expect(tracker.tables.boots.map((boot) => [boot.bootId, boot.tableCapacity])).toEqual([[0x11111142, 64]]);
});

test("a task number that passes to another task gives a second task", () => {
  const tracker = new RunRecorder();
  const teller = new Teller(tracker);
  teller.record({ kind: "task", value: { id: 5, name: "worker", handle: 0x100 } });
  teller.alloc(1, 0x3ffb0000, 8, 1, 5, 0);
  teller.record({ kind: "task", value: { id: 5, name: "worker", handle: 0x200 } });
  teller.alloc(2, 0x3ffb0010, 8, 1, 5, 0);
  teller.flush();
  const tasks = [...tracker.state.blocks.slots()].map(
    (slot) => tracker.tables.tasks[(tracker.state.blocks.context[slot] ?? 0) >>> 2],
  );
  expect(tasks.map((task) => [task?.handle, task?.deleted])).toEqual([
    [0x100, true],
    [0x200, undefined],
  ]);
});

test("an allocation at a live address and frees of nothing are listed", () => {
  const tracker = new RunRecorder();
  const teller = new Teller(tracker);
  teller.alloc(1, 0x3ffb0000, 8, 1, 0, 0);
  teller.alloc(2, 0x3ffb0000, 16, 2, 0, 0);
  teller.record({ kind: "unknownFree", value: { time: 3, address: 0x3ffb0100, site: 0, task: 0, core: 0 } });
  teller.free(4, 0x3ffb0200, 0, 0, 0);
  teller.flush();
  expect(tracker.tables.anomalies.map((anomaly) => anomaly.kind)).toEqual([
    "double-allocation",
    "unknown-free",
    "missed-allocation",
  ]);
  const totals = totalsOf(tracker.state, 4);
  expect([totals.doubleAllocations, totals.unknownFrees, totals.missedAllocations]).toEqual([1, 1, 1]);
});

test("events that come after an answer on regions keep their own times", async () => {
  const tracker = new RunRecorder();
  const teller = new Teller(tracker);
  const region = { start: 0x3ffb_0000, end: 0x3ffc_0000, caps: 4, free: 100, largestFree: 100 };
  teller.alloc(1000, 0x3ffb0000, 8, 1, 3, 0);
  teller.record({ kind: "regions", value: { time: 5000, regions: [region] } });
  teller.alloc(3000, 0x3ffb0010, 16, 1, 3, 0);
  teller.flush();
  tracker.flush();
  expect(tracker.time).toBe(3000);
  expect((await Replay.at(tracker.run, { until: 3000 })).live.liveBytes).toBe(24);
  expect((await Replay.at(tracker.run, { until: 2999 })).live.liveBytes).toBe(8);
  expect(tracker.lastRegions?.time).toBe(5000);
});

test("within a gap every block is uncertain, from the last event before it on", async () => {
  const tracker = new RunRecorder();
  const teller = new Teller(tracker);
  teller.alloc(1000, 0x3ffb0000, 8, 1, 3, 0);
  const gap = { since: 1000, time: 9000, reason: "frames-lost", lostFrames: 1, lostEvents: 4 } as const;
  teller.record({ kind: "gap", value: gap });
  teller.alloc(9000, 0x3ffb0010, 16, 1, 3, 0);
  teller.flush();
  tracker.flush();
  const { live } = await Replay.at(tracker.run, { until: 5000 });
  expect(totalsOf(live, 5000).blocks).toEqual({ value: 1, lowest: 0, highest: 5 });
});
