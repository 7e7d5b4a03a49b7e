import { expect, test } from "vitest";
import { testBoot } from "../../test/heap-text.ts";
import { openModel } from "../heap/model.ts";
import { RunRecorder } from "../heap/run-recorder.ts";
import { Teller } from "../wire/teller.ts";
import { memoryCurves } from "./memory-curves.ts";

test("where events are missing the curves have a hole, and nowhere else", async () => {
  const recorder = new RunRecorder();
  const sink = new Teller(recorder);
  sink.record({ kind: "boot", value: testBoot });
  for (let i = 0; i < 100; i++) {
    sink.alloc(i * 1e6, 0x3ffb_0000 + i * 64, 32, 1, 3, 0);
    if (i === 40) {
      const value = { reason: "frames-lost", since: 30e6, time: 40e6, lostFrames: 1, lostEvents: 5 } as const;
      sink.record({ kind: "gap", value });
    }
  }
  sink.flush();
  recorder.flush();
  const model = await openModel(recorder.run);
  const { time, usedBytes, gapSpans } = await memoryCurves(model, model.span, 99);
  const [gap] = gapSpans;
  expect(gapSpans).toHaveLength(1);
  const holes = Array.from(time).filter((_, i) => Number.isNaN(usedBytes[i]));
  expect(holes.length).toBeGreaterThan(3);
  expect(holes.every((at) => at > (gap?.from ?? Infinity) && at < (gap?.to ?? 0))).toBe(true);
  const last = await memoryCurves(model, { from: 60e6, to: 99e6 }, 10);
  expect(last.gapSpans).toEqual([]);
  expect(Array.from(last.usedBytes).some(Number.isNaN)).toBe(false);
});
