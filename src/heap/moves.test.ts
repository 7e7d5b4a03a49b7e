import { expect, test } from "vitest";
import { TaskNumber } from "../wire/protocol.ts";
import { decodeKeyFrame, encodeKeyFrame } from "./key-frame.ts";
import type { LiveSet } from "./live-set.ts";
import { openModel } from "./model.ts";
import { moverOf, Moves, UNKNOWN_MOVER } from "./moves.ts";
import { RowOp } from "./rows.ts";
import { RunRecorder } from "./run-recorder.ts";
import { BlockFlag } from "./types.ts";
import { Teller } from "../wire/teller.ts";

const address = 0x3ffb_0000;

/** Two callers move a block of the same old address: the heap gave it out again before the first call returned. */
async function twoMoves(first: readonly [number, number], second: readonly [number, number]): Promise<number[]> {
  const run = new RunRecorder();
  const teller = new Teller(run);
  teller.alloc(1, address, 10, 0, ...first);
  teller.record({ kind: "reallocBegin", value: { time: 2, address, task: first[0], core: first[1] } });
  teller.alloc(3, address, 20, 0, ...second);
  teller.record({ kind: "reallocBegin", value: { time: 4, address, task: second[0], core: second[1] } });
  const moved = { oldAddress: address, address: address + 0x1000, size: 40, site: 0 };
  teller.record({ kind: "reallocEnd", value: { time: 5, ...moved, task: second[0], core: second[1] } });
  teller.flush();
  run.flush();
  const live = await (await openModel(run.run)).liveAt(Infinity);
  return [...live.size].sort((a, b) => a - b);
}

test("two reallocs of one old address are told apart by their tasks", async () => {
  expect(await twoMoves([3, 0], [4, 1])).toEqual([10, 40]);
  expect(await twoMoves([4, 1], [3, 0])).toEqual([10, 40]);
});

/** Two blocks of one address are being moved, of 10 and of 20 bytes; what a key frame keeps of that. */
function twoMovingRestored(): LiveSet | undefined {
  const run = new RunRecorder();
  const teller = new Teller(run);
  teller.alloc(1, address, 10, 0, 3, 0);
  teller.record({ kind: "reallocBegin", value: { time: 2, address, task: 3, core: 0 } });
  teller.alloc(3, address, 20, 0, 4, 1);
  teller.record({ kind: "reallocBegin", value: { time: 4, address, task: 4, core: 1 } });
  teller.flush();
  return decodeKeyFrame(encodeKeyFrame(run.state, 4), undefined, 100);
}

const sizesOf = (live: LiveSet | undefined): (number | undefined)[] =>
  [...(live?.blocks.slots() ?? [])].map((slot) => live?.blocks.size[slot]);

test("also after a key frame between begin and end", () => {
  const live = twoMovingRestored();
  live?.applyRare(RowOp.REALLOC_FROM, 5, address, 0, 0, (4 << 2) | 1);
  expect(sizesOf(live)).toEqual([10]);
});

test("after a key frame the older one is still the older one: it is what a snapshot says is gone, or a mover that nobody knows has moved", () => {
  const gone = twoMovingRestored();
  gone?.applyRare(RowOp.GONE, 5, address, 1, 0, 0);
  expect(sizesOf(gone)).toEqual([20]);
  const moved = twoMovingRestored();
  moved?.applyRare(RowOp.REALLOC_FROM, 5, address, 0, 0, 5 << 2);
  expect(sizesOf(moved)).toEqual([20]);
});

test("of two interrupts by their cores, of tasks that change cores by the task alone", async () => {
  expect(await twoMoves([TaskNumber.INTERRUPT, 0], [TaskNumber.INTERRUPT, 1])).toEqual([10, 40]);
  const run = new RunRecorder();
  const teller = new Teller(run);
  teller.alloc(1, address, 10, 0, 3, 0);
  teller.record({ kind: "reallocBegin", value: { time: 2, address, task: 3, core: 0 } });
  teller.record({ kind: "reallocFailed", value: { time: 3, address, size: 99, site: 0, task: 3, core: 1 } });
  teller.free(4, address, 0, 3, 1);
  teller.flush();
  run.flush();
  expect((await (await openModel(run.run)).liveAt(Infinity)).length).toBe(0);
});

test("of two of the same task the end of the older one was lost: it stays in doubt, and the newer one moves", async () => {
  const run = new RunRecorder();
  const teller = new Teller(run);
  const moved = { oldAddress: address, address: address + 0x1000, size: 40, site: 0, task: 3, core: 0 };
  teller.alloc(1, address, 10, 0, 3, 0);
  teller.record({ kind: "reallocBegin", value: { time: 2, address, task: 3, core: 0 } });
  teller.record({ kind: "gap", value: { reason: "frames-lost", time: 3, lostFrames: 1, lostEvents: 1 } });
  teller.alloc(4, address, 20, 0, 3, 0);
  teller.record({ kind: "reallocBegin", value: { time: 5, address, task: 3, core: 0 } });
  teller.record({ kind: "reallocEnd", value: { time: 6, ...moved } });
  teller.flush();
  run.flush();
  const { size, flags } = await (await openModel(run.run)).liveAt(Infinity);
  const certain = [...size].filter((_, row) => ((flags[row] ?? 0) & BlockFlag.UNCERTAIN) === 0);
  expect(certain).toEqual([40]);
});

test("who moves each of several blocks, whichever has arrived before", () => {
  for (const gone of [1, 2, 3]) {
    const moves = new Moves();
    const column = Uint32Array.of(0, 100, 200, 100);
    for (const [slot, mover] of [[1, 12], [2, 16], [3, 20]] as const) moves.add(slot, mover); // prettier-ignore
    for (const slot of [gone, 9]) moves.remove(slot);
    const left = [1, 2, 3].filter((slot) => slot !== gone);
    expect(moves.all()).toEqual(left);
    expect([1, 2, 3].map((slot) => moves.mover(slot))).toEqual(
      [12, 16, 20].map((mover, i) => (i + 1 === gone ? UNKNOWN_MOVER : mover)),
    );
    const of100 = left.filter((slot) => column[slot] === 100);
    expect([moves.find(100, column), moves.find(100, column, 20), moves.find(100, column, 12)]).toEqual([
      of100[0],
      of100.includes(3) ? 3 : of100[0],
      of100[0],
    ]);
    expect([moves.find(200, column), moves.find(300, column)]).toEqual([gone === 2 ? 0 : 2, 0]);
    moves.clear();
    expect([moves.all(), moves.mover(left[0] ?? 0), moves.find(100, column)]).toEqual([[], UNKNOWN_MOVER, 0]);
  }
});

test("a mover is a task on whichever core, and an interrupt on one", () => {
  const movers = (task: number): number[] => [0, 1, 2, 3].map((core) => moverOf(task * 4 + core));
  for (const task of [0, TaskNumber.OTHER, 3, 4, 16_383]) expect(movers(task)).toEqual(Array(4).fill(task * 4));
  expect(movers(TaskNumber.INTERRUPT)).toEqual([0, 1, 2, 3].map((core) => TaskNumber.INTERRUPT * 4 + core));
});
