// A run that is looked about in answers as one that is read from its key frames each time.
import fc from "fast-check";
import { expect, test } from "vitest";
import { withFewKeyFrames } from "../../test/few-key-frames.ts";
import { LOSSY, ReferenceDevice, steps } from "../../test/random-run.ts";
import { anyShare } from "../../test/share.ts";
import { KeptStates } from "./kept-states.ts";
import { LiveSet } from "./live-set.ts";
import { openModel } from "./model.ts";
import { watchTaken } from "./taken-watch.ts";
import { CHUNK_ROWS, RowOp } from "./rows.ts";
import { RunRecorder } from "./run-recorder.ts";
import type { Run } from "./run.ts";

test("whatever moments are looked at, in whatever order", async () => {
  let reused = 0;
  const property = fc.asyncProperty(
    fc.array(steps([...LOSSY, "boot", "regions"]), { minLength: 8, maxLength: 12 }),
    fc.array(anyShare, { minLength: 3, maxLength: 12 }),
    async (history, places) => {
      const recorder = new RunRecorder({ chunkRows: 3 });
      new ReferenceDevice(recorder).play(history.flat());
      recorder.flush();
      const states = new KeptStates();
      const sparse = withFewKeyFrames(recorder.run);
      const looked: Run = { ...sparse, states };
      const [plain, quick] = [await openModel(sparse), await openModel(looked)];
      for (const place of places) {
        const time = plain.span.from + place * (plain.span.to - plain.span.from);
        expect(await quick.momentAt(time)).toEqual(await plain.momentAt(time));
        expect(await quick.momentAt(time)).toEqual({
          totals: await plain.totalsAt(time),
          blocks: await plain.liveAt(time),
          regions: await plain.regionsAt(time),
        });
      }
      if (sparse.chunks.some((_, chunk) => states.at(chunk) !== undefined)) reused++;
    },
  );
  await fc.assert(property, { numRuns: 25 });
  expect(reused).toBeGreaterThan(10);
});

const at = 0x3ffb_0000;

/** With one block of so many bytes, and room for as many blocks. */
function liveSet(size: number, room = 0): LiveSet {
  const live = new LiveSet();
  live.blocks.reserve(room);
  live.applyRare(RowOp.FOUND, 1, at, size, 1, 0);
  return live;
}

test("the place that was left last is taken once, in its chunk and not before its moment", () => {
  const states = new KeptStates();
  const place = { chunk: 2, index: 1, until: 50, live: liveSet(10) };
  states.leave(place);
  expect([states.resume(2, 49), states.resume(1, 60), states.resume(3, 60), states.resumeWatch(40, 60)]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(states.resume(2, 50)).toBe(place);
  expect(states.resume(2, 50)).toBeUndefined();
  const watched = { reportedAt: 40, regions: [], taken: watchTaken([], 0) };
  states.leave({ ...place, watched });
  expect([states.resumeWatch(41, 60), states.resumeWatch(40, 49)]).toEqual([undefined, undefined]);
  expect(states.resumeWatch(40, 50)).toEqual({ ...place, watched });
  expect(states.resumeWatch(40, 50)).toBeUndefined();
});

test("a live set that nobody needs any more is made empty for the next, three at most", () => {
  const states = new KeptStates();
  const lives = [1, 2, 3, 4, 5].map((size) => liveSet(size));
  // Each one that is left gives the one before it back.
  for (const live of lives) states.leave({ chunk: 0, index: 0, until: 0, live });
  const empty = [0, 1, 2, 3].map(() => states.empty());
  expect(empty.map((live) => lives.indexOf(live))).toEqual([2, 1, 0, -1]);
  for (const live of empty) {
    expect([live.liveBlocks, live.liveBytes, live.slotAt(at), live.row, live.allocations]).toEqual([0, 0, 0, 0, 0]);
    expect(live.totals.sample(0)).toEqual(new LiveSet().totals.sample(0));
  }
});

test("rows to read into are used again, as many as are needed at once", () => {
  const states = new KeptStates();
  const rows = [0, 1, 2, 3].map(() => states.takeRows());
  expect([new Set(rows).size, rows[0]?.capacity, rows[0]?.length]).toEqual([4, CHUNK_ROWS, 0]);
  for (const one of rows) states.giveRows(one);
  expect([0, 1, 2, 3].map(() => rows.indexOf(states.takeRows()))).toEqual([2, 1, 0, -1]);
});

test("a state is kept where none is near before it, and again where a seek ends there twice", () => {
  const keptAt = (ends: readonly (readonly [number, boolean])[]): number[] => {
    const states = new KeptStates();
    for (const [chunk, isEnd] of ends) states.keep(chunk, liveSet(10), isEnd);
    return Array.from({ length: 20 }, (_, chunk) => chunk).filter((chunk) => states.at(chunk) !== undefined);
  };
  const steps = [3, 4, 5, 6, 7, 8].map((chunk) => [chunk, false] as const);
  expect(keptAt(steps)).toEqual([3, 8]);
  expect(
    keptAt([
      [3, false],
      [7, true],
    ]),
  ).toEqual([3]);
  expect(
    keptAt([
      [3, false],
      [7, true],
      [7, true],
    ]),
  ).toEqual([3, 7]);
  expect(
    keptAt([
      [3, false],
      [7, true],
      [7, false],
    ]),
  ).toEqual([3]);
  expect(
    keptAt([
      [3, false],
      [7, true],
      [6, true],
      [7, true],
    ]),
  ).toEqual([3]);
  // One behind it is not near before it.
  expect(
    keptAt([
      [9, false],
      [8, false],
    ]),
  ).toEqual([8, 9]);
});

test("somebody goes back who left a state a little behind", () => {
  const states = new KeptStates();
  states.keep(40, liveSet(10), false);
  expect([9, 10, 39, 40, 41].map((chunk) => states.isBefore(chunk))).toEqual([false, true, true, false, false]);
});

test("what is taken is a copy, and what was kept stays", () => {
  const states = new KeptStates();
  const live = liveSet(10);
  states.keep(3, live, false);
  live.applyRare(RowOp.GONE, 2, at, 0, 0, 0);
  const first = states.at(3);
  expect(first?.liveBytes).toBe(10);
  first?.applyRare(RowOp.FOUND, 3, at + 256, 20, 2, 0);
  expect([first?.liveBytes, states.at(3)?.liveBytes, states.at(2)]).toEqual([30, 10, undefined]);
});

test("with more than 64 MB the one that was used longest ago goes", () => {
  // 41 bytes a slot and some; a table of pages.
  const [large, small] = [1_000_000, 10];
  const keptOf = (rooms: readonly number[], used?: number): number[] => {
    const states = new KeptStates();
    rooms.forEach((room, i) => {
      if (i === rooms.length - 1 && used !== undefined) states.at(used);
      states.keep(10 * i, liveSet(10, room), false);
    });
    return rooms.map((_, i) => 10 * i).filter((chunk) => states.at(chunk) !== undefined);
  };
  expect(keptOf([large, small])).toEqual([0, 10]);
  expect(keptOf([large, small, large])).toEqual([10, 20]);
  expect(keptOf([small, large, large])).toEqual([20]);
  expect(keptOf([small, large, large], 0)).toEqual([0, 20]);
});
