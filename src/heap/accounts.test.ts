// What is known of chunks whose rows cannot be read, at the limits of what it holds for.
import { expect, test } from "vitest";
import { assertDefined } from "../base/assert.ts";
import { recordRun, testBoot } from "../../test/heap-text.ts";
import { quietHeartbeat } from "../../test/quiet-heartbeat.ts";
import { blockHash } from "../wire/protocol.ts";
import type { Gap } from "../wire/records.ts";
import { accountsIn, type Extremes, extremesIn, lossBefore, lossWithin, mayMissGaps } from "./accounts.ts";
import { DamagedPart, type Damage } from "./damage.ts";
import { type Note, noteBit } from "./notes.ts";
import type { Anomaly, RunBoot } from "./run-records.ts";
import type { Run } from "./run.ts";

/** Chunks of two rows at 10 and 20, 110 and 120, 210 and 220 µs; a block comes with each row, and in the second a heartbeat lies between them. */
const hash = [0, 1, 2].reduce((sum, row) => (sum + blockHash(0x3ffb_0000 + 64 * row, 1 + row, 1)) >>> 0, 0);
const whole = recordRun(
  (sink) => {
    sink.record({ kind: "boot", value: testBoot });
    for (let row = 0; row < 6; row++) {
      const time = 100 * Math.floor(row / 2) + 10 * (1 + (row % 2));
      sink.alloc(time, 0x3ffb_0000 + 64 * row, 1 + row, 1, 3, 0);
      if (row === 2)
        sink.record({ kind: "heartbeat", value: { ...quietHeartbeat, time: 115, liveBlocks: 3, liveBytes: 6, hash } });
    }
  },
  { chunkRows: 2 },
);

interface Tables {
  readonly gaps?: readonly Gap[];
  readonly anomalies?: readonly Anomaly[];
  readonly damage?: readonly Damage[];
  readonly boots?: readonly RunBoot[];
}

/** With other tables, key frames of none but the first chunk, and heartbeats that prove or do not. */
function runWith(tables: Tables, verdict: "verified" | "uncertain" = "uncertain"): Run {
  return {
    tables: { ...whole.tables, anomalies: [], ...tables },
    mostSites: whole.mostSites,
    chunks: whole.chunks.slice(0, 3).map((chunk, i) => ({ ...chunk, hasKeyFrame: i === 0 })),
    rows: (chunk) => whole.rows(chunk),
    keyFrame: (chunk) => whole.keyFrame(chunk),
    totals: (chunk) => whole.totals(chunk),
    notes: (chunk) =>
      whole
        .notes(chunk)
        .map((note) => (note.kind === "heartbeat" ? { ...note, value: { ...note.value, verdict } } : note)),
    text: (chunk) => whole.text(chunk),
  };
}

const gap = (since: number, time: number, more: Partial<Gap> = {}): Gap => ({
  since,
  time,
  reason: "frames-lost",
  lostFrames: 1,
  ...more,
});
const damage = (part: DamagedPart, span: Pick<Damage, "from" | "to"> = {}, isLost = true): Damage => ({
  part,
  isLost,
  rows: 0,
  ...span,
});
const diverged = (time: number): Anomaly => ({
  kind: "diverged",
  time,
  address: 0,
  site: 0,
  task: 0,
  explainedByGap: false,
});

test("accounts are the key frame, heartbeats and the header, each behind its row", async () => {
  const run = runWith({});
  expect(run.chunks.map(({ startTime, endTime, rows }) => [startTime, endTime, rows])).toEqual([
    [0, 20, 2],
    [110, 120, 2],
    [210, 220, 2],
  ]);
  expect(await accountsIn(run, 0)).toEqual([
    { row: 0, time: 0, bytes: 0, blocks: 0 },
    { row: 2, time: 20, bytes: 3, blocks: 2 },
  ]);
  expect(await accountsIn(run, 1)).toEqual([
    { row: 3, time: 115, bytes: 6, blocks: 3 },
    { row: 4, time: 120, bytes: 10, blocks: 4 },
  ]);
  expect(await accountsIn(run, 9)).toEqual([]);
});

test("heartbeats are taken from chunks that say that they have some, up to the rows that they have", async () => {
  const run = runWith({});
  const asked: number[] = [];
  const heartbeat = (row: number): Note => ({
    kind: "heartbeat",
    row,
    value: { ...quietHeartbeat, verdict: "uncertain", time: 115, liveBlocks: row, liveBytes: 6 },
  });
  const notes = (chunk: number): Note[] => {
    asked.push(chunk);
    return [
      { kind: "mark", row: 1, value: { time: 112, name: "here", task: 3, core: 0 } },
      ...[1, 2, 3].map(heartbeat),
    ];
  };
  const rows = await Promise.all([0, 1, 2].map((chunk) => accountsIn({ ...run, notes }, chunk)));
  expect(rows[1]?.map(({ row, blocks }) => [row, blocks])).toEqual([
    [3, 1],
    [4, 2],
    [4, 4],
  ]);
  expect(asked).toEqual([1]);
});

/** Whether the header of each chunk is believed. */
async function believed(tables: Tables, verdict: "verified" | "uncertain" = "uncertain"): Promise<boolean[]> {
  const run = runWith(tables, verdict);
  const ends = [0, 1, 2].map(async (chunk) =>
    (await accountsIn(run, chunk)).some(({ row }) => row === 2 * (chunk + 1)),
  );
  return Promise.all(ends);
}

test("a header is believed up to a loss on the line, and again behind a heartbeat that proves it", async () => {
  expect(await believed({})).toEqual([true, true, true]);
  expect(await believed({ gaps: [gap(20, 30)] })).toEqual([false, false, false]);
  expect(await believed({ gaps: [gap(21, 30)] })).toEqual([true, false, false]);
  expect(await believed({ gaps: [gap(21, 30)] }, "verified")).toEqual([true, true, true]);
  expect(await believed({ gaps: [gap(21, 114)] }, "verified")).toEqual([true, true, true]);
  expect(await believed({ gaps: [gap(21, 115)] }, "verified")).toEqual([true, false, false]);
  expect(await believed({ gaps: [gap(130, 140)] }, "verified")).toEqual([true, true, false]);
  // Of several the last one counts.
  expect(await believed({ gaps: [gap(21, 118), gap(22, 30)] }, "verified")).toEqual([true, false, false]);
  // Frames without events, and damage of the file, took nothing from the recorder.
  expect(
    await believed({ gaps: [gap(0, 500, { lostEvents: 0 }), gap(0, 500, { reason: "recording-damaged" })] }),
  ).toEqual([true, true, true]);
  expect(await believed({ anomalies: [diverged(50)] })).toEqual([true, false, false]);
  expect(await believed({ anomalies: [{ ...diverged(5), kind: "unknown-free" }] })).toEqual([true, true, true]);
});

test("what proves the recorder right is looked for from there back to where it was wrong, and no further", async () => {
  /** Chunks whose notes were read, if each had heartbeats that prove, at times of its own. */
  const readFor = async (
    chunk: number,
    lost: Gap,
    proves: readonly number[],
    without = -1,
  ): Promise<[boolean, number[]]> => {
    const run = runWith({ gaps: [lost] }, "verified");
    const asked: number[] = [];
    const value = { ...quietHeartbeat, verdict: "verified" as const, liveBlocks: 3, liveBytes: 6 };
    const isExact = await extremesIn(
      {
        ...run,
        chunks: run.chunks.map((one, i) => ({
          ...one,
          noteKinds: i === without ? noteBit("mark") : noteBit("heartbeat"),
          endTime: one.startTime + 10,
        })),
        notes: (index) => {
          asked.push(index);
          return proves.map((time) => ({ kind: "heartbeat", row: 0, value: { ...value, time } }));
        },
      },
      chunk,
    );
    return [isExact !== undefined, asked];
  };
  expect(await readFor(2, gap(-9, -5), [205])).toEqual([true, [2]]);
  expect(await readFor(2, gap(-9, -5), [210])).toEqual([true, [2]]);
  expect(await readFor(2, gap(-9, -5), [211])).toEqual([false, [2, 1, 0]]);
  expect(await readFor(2, gap(-9, -5), [211], 1)).toEqual([false, [2, 0]]);
  expect(await readFor(0, gap(-9, -5), [-1])).toEqual([true, [0]]);
  expect(await readFor(2, gap(15, 119), [])).toEqual([false, [2, 1]]);
  expect(await readFor(2, gap(15, 120), [])).toEqual([false, [2]]);
});

test("where tables are lost, gaps may be", async () => {
  for (const part of [DamagedPart.TABLES, DamagedPart.CHUNKS, DamagedPart.NONSENSE]) {
    expect([part, await believed({ damage: [damage(part, { from: 30, to: 40 })] })]).toEqual([
      part,
      [true, false, false],
    ]);
    expect(await believed({ damage: [damage(part, { from: 30, to: 40 }, false)] })).toEqual([true, true, true]);
  }
  for (const part of [DamagedPart.EVENTS, DamagedPart.NOTES, DamagedPart.TEXT])
    expect(await believed({ damage: [damage(part, { from: 30, to: 40 })] })).toEqual([true, true, true]);
  // Of an unknown time is what is missing behind the last chunk; anything else may be anywhere.
  expect(await believed({ damage: [damage(DamagedPart.CHUNKS)] })).toEqual([true, true, true]);
  expect(await believed({ damage: [damage(DamagedPart.TABLES)] }, "verified")).toEqual([false, false, false]);
  expect(await believed({ damage: [damage(DamagedPart.TABLES, { to: 50 })] }, "verified")).toEqual([false, true, true]);
});

test("in a lost chunk the totals are between its header's extremes, if the recorder knew them", async () => {
  const within = { bytes: { lowest: 3, highest: 10 }, blocks: { lowest: 2, highest: 4 } };
  const extremes = async (tables: Tables, verdict: "verified" | "uncertain" = "uncertain"): Promise<unknown> =>
    extremesIn(runWith(tables, verdict), 1);
  expect(await extremes({})).toEqual(within);
  expect(await extremesIn(runWith({}), 9)).toBeUndefined();
  const turned = (lastBlocks: number, allocations: number, frees: number): Promise<Extremes | undefined> => {
    const run = runWith({});
    return extremesIn({ ...run, chunks: run.chunks.map((one) => ({ ...one, lastBlocks, allocations, frees })) }, 1);
  };
  expect((await turned(5, 3, 4))?.blocks).toEqual({ lowest: 2, highest: 9 });
  expect((await turned(5, 7, 0))?.blocks).toEqual({ lowest: 0, highest: 5 });
  const [start = NaN, end = NaN] = [whole.chunks[1]?.startTime, whole.chunks[1]?.endTime];
  expect(await extremes({ gaps: [gap(end, end + 5)] })).toBeUndefined();
  expect(await extremes({ gaps: [gap(end + 1, end + 5)] })).toEqual(within);
  expect(await extremes({ anomalies: [diverged(start - 1)] }, "verified")).toBeUndefined();
  const boots = [0, start].map((startedAt) => ({ ...testBoot, startedAt }));
  expect(await extremes({ boots })).toBeUndefined();
  expect(await extremes({ boots: [...boots.slice(0, 1), { ...testBoot, startedAt: end + 1 }] })).toEqual(within);
});

test("what missing rows may have been: so many events, those that the line lost too, or anything where restarts or gaps may be missing", () => {
  const of = (tables: Tables): unknown => {
    const run = runWith(tables);
    const chunk = assertDefined(run.chunks[1], "chunk");
    return lossWithin(run, { ...chunk, startTime: 100, endTime: 120, rows: 7 });
  };
  const loss = (events: number, mayRestart = false): unknown => ({ events, mayRestart });
  expect(of({})).toEqual(loss(7));
  expect([gap(120, 130), gap(90, 100)].map((one) => of({ gaps: [{ ...one, lostEvents: 5 }] }))).toEqual([
    loss(12),
    loss(12),
  ]);
  expect([gap(121, 130), gap(90, 99)].map((one) => of({ gaps: [{ ...one, lostEvents: 5 }] }))).toEqual([
    loss(7),
    loss(7),
  ]);
  expect(of({ gaps: [gap(90, 130), { ...gap(90, 130), lostEvents: 2 }] })).toEqual(loss(Infinity));
  expect([100, 120].map((time) => of({ anomalies: [diverged(time)] }))).toEqual([
    loss(Infinity, true),
    loss(Infinity, true),
  ]);
  expect([99, 121].map((time) => of({ anomalies: [diverged(time)] }))).toEqual([loss(7), loss(7)]);
  expect(of({ damage: [damage(DamagedPart.TABLES, { from: 120, to: 130 })] })).toEqual(loss(Infinity, true));
  expect(of({ damage: [damage(DamagedPart.TABLES, { from: 121, to: 130 })] })).toEqual(loss(7));
  const boots = (startedAt: number): Tables => ({
    boots: [
      { ...testBoot, startedAt: 110 },
      { ...testBoot, startedAt },
    ],
  });
  expect([100, 120, 99, 121].map((startedAt) => of(boots(startedAt)))).toEqual([
    loss(7, true),
    loss(7, true),
    loss(7),
    loss(7),
  ]);
  // Of chunks that are missing: from the one before to the one behind.
  const before = (chunk: number, time: number): unknown =>
    lossBefore(runWith({ anomalies: [diverged(time)] }), chunk, 3);
  const [, second] = whole.chunks;
  const start = second?.startTime ?? NaN;
  expect([19, 20, start, start + 1].map((time) => before(1, time))).toEqual([
    loss(3),
    loss(Infinity, true),
    loss(Infinity, true),
    ...[loss(3)],
  ]);
  expect([before(0, -5), before(0, 1), before(3, 1e9), before(3, 219)]).toEqual([
    loss(Infinity, true),
    loss(3),
    loss(Infinity, true),
    loss(3),
  ]);
});

test("gaps may be missing around a chunk: from the beginning of the one before to that of the one behind", () => {
  const may = (chunk: number, from: number, to: number): boolean =>
    mayMissGaps(runWith({ damage: [damage(DamagedPart.TABLES, { from, to })] }), chunk);
  const starts = whole.chunks.map(({ startTime }) => startTime);
  const [first = NaN, , third = NaN] = starts;
  expect([may(1, third, 900), may(1, third + 1, 900), may(1, -9, first), may(1, -9, first - 1)]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  expect([may(0, -90, -80), may(2, 900, 901)]).toEqual([true, true]);
});
