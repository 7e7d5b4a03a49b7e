// The lives of a place's blocks: those that a realloc elsewhere takes over have ended for the place, those that one of its own does go on.
import { expect, test } from "vitest";
import { testBoot } from "../../test/heap-text.ts";
import { exactly, likely } from "../base/quantity.ts";
import { openModel } from "../heap/model.ts";
import { RunRecorder } from "../heap/run-recorder.ts";
import { Method } from "../wire/protocol.ts";
import { Teller } from "../wire/teller.ts";
import { askedOf } from "./asked.ts";
import { viewLeak } from "./leak-view.ts";

const SECOND = 1e6;

test("blocks that end soon stand beside those that stay, however they end", async () => {
  const recorder = new RunRecorder();
  const sink = new Teller(recorder);
  sink.record({ kind: "boot", value: testBoot });
  for (const [id, line] of [
    [1, 10],
    [2, 20],
  ] as const)
    // prettier-ignore
    sink.record({ kind: "site", value: { id, method: Method.MALLOC, caps: 4, line, file: "main/a.c", function: "f" } });
  const move = (time: number, site: number): void => {
    sink.record({ kind: "reallocBegin", value: { time, address: 0x3ffb_0000, task: 3, core: 0 } });
    const at = { oldAddress: 0x3ffb_0000, address: 0x3ffb_0000, size: 64 };
    sink.record({ kind: "reallocEnd", value: { time, ...at, site, task: 3, core: 0 } });
  };
  for (let i = 0; i < 10; i++) {
    const time = i * SECOND;
    sink.alloc(time, 0x3ffb_1000 + 64 * i, 32, 1, 3, 0); // stays
    sink.alloc(time, 0x3ffb_0000, 32, 1, 3, 0);
    if (i % 2 === 0) move(time + 20, 1);
    if (i < 8) move(time + 40, 2);
    sink.free(time + 300, 0x3ffb_0000, 0, 3, 0);
  }
  sink.flush();
  recorder.flush();
  const model = await openModel(recorder.run);
  const leak = await viewLeak(askedOf(model), "a.c:10 f", model.span);
  const ended = leak.lifetimes
    .map(({ from, endedBlocks }) => [from, likely(endedBlocks)])
    .filter(([, lives]) => lives !== 0);
  // Eight are taken over by the other place after 40 µs; of the last two one is freed by way of a realloc of its own.
  expect(ended).toEqual([[32, 8], [256, 2]]); // prettier-ignore
  expect(leak.lifetimes.reduce((sum, { liveBlocks }) => sum + likely(liveBlocks), 0)).toBe(10);
  expect(leak).toMatchObject({ liveBlocks: exactly(10), allocations: exactly(25), frees: exactly(15) });
});
