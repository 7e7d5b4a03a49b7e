// Where a replay stands, and what it knows there, of a run some of whose rows are missing: a block of as many bytes as its row's number comes every 10 µs.
import { expect, test } from "vitest";
import { withFewKeyFrames } from "../../test/few-key-frames.ts";
import { recordRun, testBoot } from "../../test/heap-text.ts";
import { KeptStates } from "./kept-states.ts";
import { totalsOf } from "./live-totals.ts";
import { Replay, type Stop } from "./replay.ts";
import { Rows } from "./rows.ts";
import type { Run } from "./run.ts";

const CHUNK = 4;
const ROWS = 24;

/** In chunks of four rows, of which the first alone has a key frame. */
const whole = withFewKeyFrames(
  recordRun(
    (sink) => {
      sink.record({ kind: "boot", value: testBoot });
      for (let row = 1; row <= ROWS; row++) sink.alloc(10 * row, 0x3ffb_0000 + 64 * row, row, 1, 3, 0);
    },
    { chunkRows: CHUNK },
  ),
);

const bytesUpTo = (row: number): number => (row * (row + 1)) / 2;

interface Place {
  readonly row: number;
  readonly isDamaged: boolean;
  readonly bytes: readonly [number, number];
  readonly blocks: readonly [number, number];
}

async function placeAt(run: Run, stop: Stop): Promise<Place> {
  const { live, isDamaged, missingAhead } = await Replay.at(run, stop);
  const { bytes, blocks } = totalsOf(live, 0);
  expect(missingAhead).toBe(0);
  return {
    row: live.row,
    isDamaged,
    bytes: [bytes.lowest, bytes.highest],
    blocks: [blocks.lowest, blocks.highest],
  };
}

/** The three ways to say where to stop, behind a row. */
function stopsBehind(row: number): Stop[] {
  return [{ row }, { until: 10 * row }, { until: 10 * row + 9 }, { before: 10 * row + 1 }, { before: 10 * (row + 1) }];
}

function exactly(row: number, isDamaged: boolean): Place {
  const bytes = bytesUpTo(row);
  return { row, isDamaged, bytes: [bytes, bytes], blocks: [row, row] };
}

async function expectPlaces(run: Run, expected: (row: number) => Place): Promise<void> {
  for (let row = 0; row <= ROWS; row++) {
    for (const stop of stopsBehind(row))
      expect({ stop, place: await placeAt(run, stop) }).toEqual({ stop, place: expected(row) });
  }
}

test("every row of a whole run, however it is said where to stop", async () => {
  expect(whole.chunks.map(({ firstRow, rows, hasKeyFrame }) => [firstRow, rows, hasKeyFrame])).toEqual(
    [0, 4, 8, 12, 16, 20].map((row) => [row, CHUNK, row === 0]),
  );
  await expectPlaces(whole, (row) => exactly(row, false));
});

test("rows that cannot be read are as many events, up to the header at their end", async () => {
  const run: Run = { ...whole, rows: (chunk) => (chunk === 2 ? new Rows(0, 8, 90) : whole.rows(chunk)) };
  await expectPlaces(run, (row) => {
    if (row <= 8) return exactly(row, false);
    if (row < 12) return { row: 8, isDamaged: true, bytes: [1 + 2 + 3 + 4, Infinity], blocks: [4, 12] };
    return exactly(row, true);
  });
});

test("so are those of a chunk that is gone, up to the header at the end of the next", async () => {
  const run: Run = {
    ...whole,
    chunks: whole.chunks.filter((_, chunk) => chunk !== 2),
    rows: (chunk) => whole.rows(chunk < 2 ? chunk : chunk + 1),
    notes: (chunk) => whole.notes(chunk < 2 ? chunk : chunk + 1),
  };
  await expectPlaces(run, (row) => {
    if (row < 8) return exactly(row, false);
    const seen = Math.max(0, row - 12);
    const known = 1 + 2 + 3 + 4 + bytesUpTo(Math.max(12, row)) - bytesUpTo(12);
    const lost: Place = {
      row: seen > 0 ? row : 8,
      isDamaged: true,
      bytes: [known, Infinity],
      blocks: [4 + seen, 12 + seen],
    };
    return row < 16 ? lost : exactly(row, true);
  });
});

test("of a run whose first chunk is gone as many blocks may be there, until a header tells", async () => {
  const run: Run = {
    ...whole,
    chunks: whole.chunks.slice(1),
    rows: (chunk) => whole.rows(chunk + 1),
    notes: (chunk) => whole.notes(chunk + 1),
  };
  await expectPlaces(run, (row) => {
    const seen = Math.max(0, row - 4);
    const known = bytesUpTo(Math.max(4, row)) - bytesUpTo(4);
    const lost: Place = {
      row: seen > 0 ? row : 0,
      isDamaged: true,
      bytes: [known, Infinity],
      blocks: [seen, seen + 4],
    };
    return row < 8 ? lost : exactly(row, true);
  });
});

test("who goes back step by step leaves the state of each chunk on the way", async () => {
  const states = new KeptStates();
  const run: Run = { ...whole, states };
  const isKept = (): number[] => [0, 1, 2, 3, 4, 5].filter((chunk) => states.at(chunk) !== undefined);
  await Replay.at(run, { until: 10 * ROWS });
  expect(isKept()).toEqual([5]);
  await Replay.at(run, { until: 190 });
  expect(isKept()).toEqual([1, 5]);
});

test("within a gap the events that it has lost are missing ahead, however little can be read before it", async () => {
  const gap = { since: 1000, time: 9000, reason: "frames-lost", lostFrames: 1, lostEvents: 4 } as const;
  const withGap = (earlier: number): Run =>
    withFewKeyFrames(
      recordRun(
        (sink) => {
          for (let i = 0; i < 4; i++) sink.alloc(i < earlier ? 10 : 1000, 0x3ffb_0000 + 64 * i, 8, 1, 3, 0);
          sink.record({ kind: "gap", value: gap });
          sink.alloc(9000, 0x3ffb_1000, 8, 1, 3, 0);
        },
        { chunkRows: CHUNK },
      ),
    );
  const missing = async (run: Run, until: number): Promise<number> => (await Replay.at(run, { until })).missingAhead;
  // Behind rows of an earlier time, in its own chunk and in the one before; behind none; behind rows that cannot be read.
  for (const earlier of [0, 3, 4]) {
    const run = withGap(earlier);
    const damaged: Run = { ...run, rows: (chunk) => (chunk === 0 ? new Rows(0, 0, 0) : run.rows(chunk)) };
    expect(run.chunks.map(({ rows }) => rows)[0]).toBe(CHUNK);
    for (const one of [run, damaged])
      expect([await missing(one, 999), await missing(one, 5000), await missing(one, 9000)]).toEqual([0, 4, 0]);
  }
});
