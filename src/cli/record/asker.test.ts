import { expect, test } from "vitest";
import { testBoot } from "../../../test/heap-text.ts";
import { RunRecorder } from "../../heap/run-recorder.ts";
import { Teller } from "../../wire/teller.ts";
import { makeAsker } from "./asker.ts";

/** A line on which frames are lost in some seconds. Says in which seconds the device was asked. */
function secondsAsked(lossy: (second: number) => boolean, seconds: number, every?: number): number[] {
  const run = new RunRecorder();
  const teller = new Teller(run);
  const asked: number[] = [];
  let second = 0;
  const source = { write: async (): Promise<void> => void asked.push(second) };
  const asker = makeAsker(source, every, () => second * 1000);
  asker.tick(run.tables);
  teller.record({ kind: "boot", value: testBoot });
  for (second = 1; second <= seconds; second++) {
    if (lossy(second)) {
      const gap = { reason: "frames-lost", time: second * 1e6, lostFrames: 1, lostEvents: 3 } as const;
      teller.record({ kind: "gap", value: gap });
    }
    asker.tick(run.tables);
  }
  return asked;
}

test("after a loss a snapshot is asked for soon, and while losses go on each time after twice as long, up to a limit", () => {
  expect(secondsAsked(() => true, 80)).toEqual([3, 8, 17, 34, 51, 68]);
});

test("after a calm stretch soon again", () => {
  expect(secondsAsked((second) => second === 1 || second === 40 || second === 41, 60)).toEqual([3, 40, 43]);
});

test("without a loss only where that is wanted, and nothing before the device has said who it is", () => {
  expect(secondsAsked(() => false, 60)).toEqual([]);
  expect(secondsAsked(() => false, 9, 3e6)).toEqual([4, 8]);
  const silent = makeAsker({ write: () => Promise.reject(new Error("nobody was there to ask")) }, 1, () => 1e9);
  expect(() => silent.tick(new RunRecorder().tables)).not.toThrow();
});
