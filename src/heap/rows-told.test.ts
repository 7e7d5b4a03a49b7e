// What a tracker writes of each thing it is told: every column of every row, and the notes beside them.
import { expect, test } from "vitest";
import { testBoot } from "../../test/heap-text.ts";
import { quietHeartbeat } from "../../test/quiet-heartbeat.ts";
import { blockHash } from "../wire/protocol.ts";
import { Teller } from "../wire/teller.ts";
import { RowOp } from "./rows.ts";
import { RunRecorder } from "./run-recorder.ts";
import type { TrackerOptions } from "./tracker.ts";

const names = Object.keys(RowOp);
const nameOf = (op: number | undefined): string => names[op ?? -1] ?? "?";

/** [operation, time, address, size, site, context] of each row. */
function rowsOf(play: (teller: Teller) => void, options: TrackerOptions = {}): unknown[] {
  const recorder = recorderOf(play, options);
  return recorder.run.chunks.flatMap((_, chunk) => {
    const rows = recorder.run.rows(chunk);
    return Array.from({ length: rows.length }, (_, i) => [
      nameOf(rows.op[i]),
      rows.baseTime + (rows.time[i] ?? NaN),
      rows.address[i],
      rows.size[i],
      rows.site[i],
      rows.context[i],
    ]);
  });
}

function recorderOf(play: (teller: Teller) => void, options: TrackerOptions = {}): RunRecorder {
  const recorder = new RunRecorder(options);
  const teller = new Teller(recorder);
  teller.record({ kind: "boot", value: testBoot });
  play(teller);
  teller.flush();
  recorder.flush();
  return recorder;
}

const row = (op: keyof typeof RowOp, time: number, ...rest: number[]): unknown => [
  nameOf(RowOp[op]),
  time,
  ...[0, 1, 2, 3].map((i) => rest[i] ?? 0),
];

const at = 0x3ffb_0000;
const by = { task: 3, core: 1 };
const context = 13;

test("calls, reallocs and restarts", () => {
  const told = rowsOf((teller) => {
    teller.alloc(1, at, 100, 7, 3, 1);
    teller.free(2, at, 8, 3, 1);
    teller.record({ kind: "unknownFree", value: { time: 3, address: at, site: 9, ...by } });
    teller.alloc(4, at, 50, 7, 3, 1);
    teller.record({ kind: "reallocBegin", value: { time: 5, address: at, ...by } });
    teller.record({ kind: "reallocFailed", value: { time: 6, address: at, size: 70, site: 7, ...by } });
    teller.record({ kind: "reallocBegin", value: { time: 7, address: at, ...by } });
    const moved = { oldAddress: at, address: at + 64, size: 80, site: 10 };
    teller.record({ kind: "reallocEnd", value: { time: 8, ...moved, ...by } });
    teller.record({ kind: "boot", value: { ...testBoot, bootId: 2 } });
  });
  expect(told).toEqual([
    row("ALLOC", 1, at, 100, 7, context),
    row("FREE", 2, at, 0, 8, context),
    row("FREE_UNKNOWN", 3, at, 0, 9, context),
    row("ALLOC", 4, at, 50, 7, context),
    row("REALLOC_BEGIN", 5, at, 0, 0, context),
    row("REALLOC_FAILED", 6, at, 70, 7, context),
    row("REALLOC_BEGIN", 7, at, 0, 0, context),
    row("REALLOC_FROM", 8, at, 0, 0, context),
    row("REALLOC_END", 8, at + 64, 80, 10, context),
    row("RESET", 8),
  ]);
});

const gap = { reason: "frames-lost", lostFrames: 1 } as const;

test("gaps have the events that are missing, 0 where that is not known; without events they are no row", () => {
  const told = rowsOf((teller) => {
    teller.alloc(1, at, 100, 7, 3, 1);
    teller.record({ kind: "gap", value: { ...gap, time: 2 } });
    teller.record({ kind: "gap", value: { ...gap, time: 3, lostEvents: 0 } });
    teller.record({ kind: "gap", value: { ...gap, time: 4, lostEvents: 5 } });
    teller.record({ kind: "gap", value: { ...gap, time: 5, lostEvents: 2 ** 31 } });
    teller.record({ kind: "gap", value: { ...gap, time: 6, lostEvents: 6, reason: "attached-late" } });
    // One that lies in the past, or has a beginning, moves no clock.
    teller.record({ kind: "gap", value: { ...gap, time: 9, since: 6, lostEvents: 7 } });
  });
  expect(told).toEqual([
    row("ALLOC", 1, at, 100, 7, context),
    row("GAP", 2),
    row("GAP", 4, 0, 5),
    row("GAP", 5, 0, 2 ** 31 - 1),
    row("GAP", 6),
    row("GAP", 6, 0, 7),
  ]);
});

const beat = (time: number, liveBytes: number, liveBlocks: number, hash: number): Parameters<Teller["record"]>[0] => ({
  kind: "heartbeat",
  value: { ...quietHeartbeat, time, liveBytes, liveBlocks, hash },
});

test("heartbeats prove what is live, tell totals, or show that history is missing", () => {
  const [one, two] = [blockHash(at, 100, 7), blockHash(at + 256, 20, 8)];
  const play = (teller: Teller): void => {
    teller.alloc(1, at, 100, 7, 3, 1);
    teller.record(beat(2, 100, 1, one));
    teller.record({ kind: "gap", value: { ...gap, time: 3, lostEvents: 5 } });
    teller.record(beat(4, 160, 3, 99));
    teller.alloc(5, at + 256, 20, 8, 3, 1);
    // The device has the new one alone.
    teller.record(beat(6, 20, 1, two));
    teller.record(beat(7, 21, 1, two));
    teller.record(beat(8, 20, 2, two));
    teller.record(beat(9, 20, 1, two + 1));
    teller.record(beat(10, 20, 1, two));
  };
  expect(rowsOf(play)).toEqual([
    row("ALLOC", 1, at, 100, 7, context),
    row("GAP", 3, 0, 5),
    row("DEVICE_TOTALS", 4, 160, 3),
    row("ALLOC", 5, at + 256, 20, 8, context),
    row("GONE", 6, at),
    row("SYNC", 6),
    row("GAP", 7),
    row("DEVICE_TOTALS", 7, 21, 1),
    row("DEVICE_TOTALS", 8, 20, 2),
    row("DEVICE_TOTALS", 9, 20, 1),
    row("SYNC", 10),
  ]);
  const recorder = recorderOf(play);
  const notes = recorder.run.notes(0).filter(({ kind }) => kind === "heartbeat" || kind === "anomaly");
  expect(notes.map(({ kind, row: before, value }) => [kind, before, "verdict" in value ? value.verdict : ""])).toEqual([
    ["heartbeat", 1, "verified"],
    ["heartbeat", 2, "uncertain"],
    ["heartbeat", 5, "verified"],
    ["heartbeat", 6, "diverged"],
    ["anomaly", 6, ""],
    ["heartbeat", 8, "uncertain"],
    ["heartbeat", 9, "uncertain"],
    ["heartbeat", 10, "verified"],
  ]);
  expect(recorder.tables.anomalies).toEqual([
    { kind: "diverged", time: 7, address: 0, site: 0, task: 0, explainedByGap: false },
  ]);
});

test("a whole snapshot finds what was not seen and takes away what is gone; one with a record too few does not", () => {
  const snapshot = (teller: Teller, time: number, records: number, isMoving: boolean): void => {
    const live = { size: 20, site: 8, task: 3 };
    teller.record({ kind: "snapshotBegin", value: { time } });
    teller.record({ kind: "live", value: { ...live, address: at + 256, moving: false } });
    teller.record({ kind: "live", value: { ...live, address: at + 512, moving: isMoving } });
    teller.record({ kind: "snapshotEnd", value: { time: time + 1, records } });
  };
  const play = (records: number, isMoving: boolean) => (teller: Teller) => {
    teller.alloc(1, at, 100, 7, 3, 1);
    teller.alloc(1, at + 256, 20, 8, 3, 1);
    teller.alloc(1, at + 768, 30, 8, 3, 1);
    teller.record({ kind: "reallocBegin", value: { time: 2, address: at + 768, ...by } });
    teller.record({ kind: "gap", value: { ...gap, time: 3, lostEvents: 5 } });
    snapshot(teller, 4, records, isMoving);
  };
  const before = [
    row("ALLOC", 1, at, 100, 7, context),
    row("ALLOC", 1, at + 256, 20, 8, context),
    row("ALLOC", 1, at + 768, 30, 8, context),
    row("REALLOC_BEGIN", 2, at + 768, 0, 0, context),
    row("GAP", 3, 0, 5),
    row("FOUND", 4, at + 256, 20, 8, 12),
    row("FOUND", 4, at + 512, 20, 8, 12),
  ];
  expect(rowsOf(play(3, false))).toEqual(before);
  expect(rowsOf(play(1, false))).toEqual(before);
  const found = rowsOf(play(2, true));
  expect(found.slice(0, 8)).toEqual([...before, row("REALLOC_BEGIN", 4, at + 512, 0, 0, 12)]);
  expect(new Set(found.slice(8))).toEqual(new Set([row("GONE", 5, at), row("GONE", 5, at + 768, 1), row("SYNC", 5)]));
  expect(found.at(-1)).toEqual(row("SYNC", 5));
});

test("a block that a snapshot shows on its way is the older one where a newer has its address", () => {
  const live = { address: at, size: 20, site: 8, task: 3 };
  const told = rowsOf((teller) => {
    teller.record({ kind: "gap", value: { ...gap, time: 1, lostEvents: 5 } });
    teller.record({ kind: "snapshotBegin", value: { time: 2 } });
    teller.alloc(3, at, 50, 7, 4, 1);
    teller.record({ kind: "live", value: { ...live, moving: true } });
    teller.record({ kind: "snapshotEnd", value: { time: 4, records: 1 } });
  });
  expect(told).toEqual([
    row("GAP", 1, 0, 5),
    row("ALLOC", 3, at, 50, 7, 17),
    row("FOUND", 3, at, 20, 8, 12),
    row("REALLOC_BEGIN", 3, at, 0, 0, 12),
    row("FOUND", 3, at, 50, 7, 17),
    row("SYNC", 4),
  ]);
  // One that stood there, and of whose move nothing was seen.
  const moved = rowsOf((teller) => {
    teller.alloc(1, at, 20, 8, 3, 1);
    teller.record({ kind: "snapshotBegin", value: { time: 2 } });
    teller.record({ kind: "live", value: { ...live, moving: true } });
    teller.record({ kind: "snapshotEnd", value: { time: 4, records: 1 } });
  });
  expect(moved).toEqual([row("ALLOC", 1, at, 20, 8, context), row("REALLOC_BEGIN", 2, at, 0, 0, 12)]);
  // One that is said to stand there again has not moved.
  const stayed = rowsOf((teller) => {
    teller.alloc(1, at, 20, 8, 3, 1);
    teller.record({ kind: "reallocBegin", value: { time: 2, address: at, ...by } });
    teller.record({ kind: "snapshotBegin", value: { time: 3 } });
    teller.record({ kind: "live", value: { ...live, moving: false } });
    teller.record({ kind: "snapshotEnd", value: { time: 4, records: 1 } });
  });
  expect(stayed.slice(2)).toEqual([row("REALLOC_FAILED", 3, at, 0, 0, 12)]);
});

test("what a snapshot shows while all is known is an anomaly, of the block that it is about", () => {
  const recorder = recorderOf((teller) => {
    teller.alloc(1, at, 100, 7, 3, 1);
    teller.record({ kind: "snapshotBegin", value: { time: 2 } });
    teller.record({ kind: "live", value: { address: at + 64, size: 20, site: 8, task: 4, moving: false } });
    teller.record({ kind: "snapshotEnd", value: { time: 3, records: 1 } });
  });
  const diverged = { kind: "diverged", explainedByGap: false };
  expect(recorder.tables.anomalies).toEqual([
    { ...diverged, time: 2, address: at + 64, site: 8, task: 4 },
    { ...diverged, time: 3, address: at, site: 7, task: 3 },
  ]);
});

test("of a kind of anomaly a thousand are listed, and more are counted", () => {
  const recorder = recorderOf((teller) => {
    for (let i = 0; i < 1001; i++) teller.free(i, at, 7, 3, 1);
    teller.record({ kind: "gap", value: { ...gap, time: 2000 } });
    teller.record({ kind: "unknownFree", value: { time: 2000, address: at, site: 7, ...by } });
  });
  const { anomalies } = recorder.tables;
  expect(anomalies.length).toBe(1001);
  const missed = { kind: "missed-allocation", address: at, site: 7, task: 3, explainedByGap: false };
  expect([anomalies[0], anomalies[999]]).toEqual([
    { ...missed, time: 0 },
    { ...missed, time: 999 },
  ]);
  expect(anomalies[1000]).toMatchObject({ kind: "unknown-free", explainedByGap: true });
  expect(recorder.state.missedAllocations).toBe(1001);
});

test("faults and failures are told once a boot; their times may lie before the last event", () => {
  const fault = { number: 1, kind: 1, time: 4, pointer: at, blockAddress: at, blockSize: 8 } as const;
  const failure = { number: 1, reason: 1, time: 3, size: 9, caps: 4, regions: [] } as const;
  const { tables } = recorderOf((teller) => {
    teller.alloc(10, at, 100, 7, 3, 1);
    for (let i = 0; i < 2; i++) {
      teller.record({ kind: "fault", value: fault });
      teller.record({ kind: "failure", value: failure });
    }
    teller.record({ kind: "boot", value: { ...testBoot, bootId: 2 } });
    teller.record({ kind: "fault", value: fault });
    teller.record({ kind: "failure", value: failure });
  });
  expect(tables.faults).toEqual([fault, { ...fault, time: 14 }]);
  expect(tables.failures).toEqual([failure, { ...failure, time: 13 }]);
});

test("a boot that is told again replaces itself where more is known of it", () => {
  const recorder = recorderOf((teller) => {
    teller.record({ kind: "boot", value: testBoot });
    teller.alloc(10, at, 100, 7, 3, 1);
    teller.record({ kind: "boot", value: { ...testBoot, appName: "app" } });
    teller.record({ kind: "boot", value: { ...testBoot, bootId: 9, continues: true } });
  });
  expect(recorder.tables.boots).toEqual([{ ...testBoot, bootId: 9, continues: true, startedAt: 0 }]);
  expect(recorder.run.notes(0).map(({ kind, row: before }) => [kind, before])).toEqual([
    ["boot", 0],
    ["site", 0],
    ["boot", 1],
    ["boot", 1],
  ]);
  expect(recorder.state.liveBlocks).toBe(1);
});

test("a new boot begins after all that was told of the one before; text has the time of the last event", () => {
  const recorder = recorderOf((teller) => {
    teller.alloc(10, at, 100, 7, 3, 1);
    teller.record({ kind: "regions", value: { time: 500, regions: [] } });
    teller.text(new TextEncoder().encode("a"));
    teller.record({ kind: "boot", value: { ...testBoot, bootId: 2 } });
    teller.alloc(5, at, 100, 7, 3, 1);
    teller.text(new TextEncoder().encode("b"));
    teller.record({ kind: "series", value: series });
    const readings = { series: 1, stretch: 1, times: [6, 70], lines: [1, 2], values: [3, 4] };
    teller.record({ kind: "readings", value: readings });
    teller.text(new TextEncoder().encode("c"));
  });
  expect(recorder.tables.boots.map(({ startedAt }) => startedAt)).toEqual([0, 500]);
  expect(recorder.run.text(0).map(({ row: before, time }) => [before, time])).toEqual([
    [1, 10],
    [3, 505],
    [3, 570],
  ]);
  expect(recorder.tables.series).toEqual([{ ...series, boot: 1 }]);
  expect(recorder.tables.readings[0]?.times).toEqual([506, 570]);
});

const series = {
  id: 1,
  label: "free",
  quote: "free 7",
  line: 1,
  quantity: "free",
  memory: "any",
  unit: "bytes",
  scale: 1,
  readings: 2,
  timed: true,
} as const;

test("a run that was joined late begins where it was joined", () => {
  const { run } = recorderOf((teller) => {
    teller.record({ kind: "gap", value: { ...gap, time: 700, lostEvents: 6, reason: "attached-late" } });
    teller.alloc(710, at, 100, 7, 3, 1);
  });
  expect(run.chunks.map(({ rows, startTime, endTime }) => [rows, startTime, endTime])).toEqual([
    [0, 0, 0],
    [2, 700, 710],
  ]);
});
