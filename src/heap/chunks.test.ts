// What chunks hold of a run: times across boots and pauses, totals at regular moments.
import { expect, test } from "vitest";
import { testBoot } from "../../test/heap-text.ts";
import { Teller } from "../wire/teller.ts";
import { openModel } from "./model.ts";
import { RunRecorder } from "./run-recorder.ts";
import { CHUNK_MICROSECONDS } from "./rows.ts";

const start = 0x3ffb_0000;

function recorded(play: (teller: Teller) => void, chunkRows?: number): RunRecorder {
  const recorder = new RunRecorder(chunkRows === undefined ? {} : { chunkRows });
  const teller = new Teller(recorder);
  teller.record({ kind: "boot", value: testBoot });
  play(teller);
  teller.flush();
  recorder.flush();
  return recorder;
}

/** When each live block was born, in the order of addresses. */
function births({ state }: RunRecorder): number[] {
  return [...state.slotsByAddress()].map((slot) => state.blocks.born[slot] ?? NaN);
}

test("times of a second boot follow on those of the first, each in its place", () => {
  const run = recorded((teller) => {
    teller.alloc(1000, start, 8, 1, 0, 0);
    teller.record({ kind: "boot", value: { ...testBoot, bootId: testBoot.bootId + 1 } });
    for (const time of [10, 20, 35]) teller.alloc(time, start + 16 * time, 8, 1, 0, 0);
  });
  expect(births(run)).toEqual([1010, 1020, 1035]);
});

test("events farther apart than a chunk's times reach are in different chunks, those that just fit are not", () => {
  for (const [pause, chunks] of [
    [CHUNK_MICROSECONDS, 1],
    [CHUNK_MICROSECONDS + 1, 2],
  ] as const) {
    const run = recorded((teller) => {
      teller.alloc(5, start, 8, 1, 0, 0);
      teller.alloc(5 + pause, start + 16, 8, 1, 0, 0);
      teller.alloc(5 + pause, start + 32, 8, 1, 0, 0);
    });
    expect(births(run)).toEqual([5, 5 + pause, 5 + pause]);
    expect(run.run.chunks.length).toBe(chunks);
  }
});

test("site series of a long run are its stored totals, from the first to the last", async () => {
  const run = recorded((teller) => {
    for (let i = 0; i < 60_000; i++) teller.alloc(i * 1000, start + 16 * i, 10, 1, 0, 0);
  }, 4096);
  const model = await openModel(run.run);
  const stored = run.run.chunks.filter((chunk) => chunk.hasTotals).map((chunk) => chunk.startTime);
  expect(stored.length).toBeGreaterThan(4);
  const { samples, sites, time, bytes } = await model.siteSeries(undefined, 3);
  const middle = Math.floor((stored.length - 1) / 2);
  expect([...time]).toEqual([stored[0], stored[middle], stored.at(-1)]);
  // A block every millisecond; the totals are those before the chunk's first event.
  const held = Array.from({ length: samples }, (_, i) => bytes[i * sites + 1] ?? 0);
  expect(held).toEqual([0, 1, 2].map((i) => ((time[i] ?? 0) / 1000) * 10));
  expect((await model.siteSeries(undefined, stored.length)).samples).toBe(stored.length);
  const dense = await model.siteSeries(undefined, 2 * stored.length);
  expect(dense.time.at(-1)).toBe(model.span.to);
});
