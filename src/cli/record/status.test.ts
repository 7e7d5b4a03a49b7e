import { expect, test } from "vitest";
import type { CheckedHeartbeat } from "../../heap/run-records.ts";
import { statusLine, summaryLines, type RunCounts } from "./status.ts";
import { quietHeartbeat } from "../../../test/quiet-heartbeat.ts";

const heartbeat: CheckedHeartbeat = {
  ...quietHeartbeat,
  time: 12e6,
  verdict: "verified",
  liveBlocks: 312,
  liveBytes: 49_356,
  peakBytes: 60_000,
};

const calm: RunCounts = {
  time: 12.34e6,
  events: 15_204,
  liveBlocks: 312,
  liveBytes: 49_356,
  faults: 0,
  failures: 0,
  boots: 1,
  lostFrames: 0,
  damagedFrames: 0,
  heartbeat,
};

test("the live line fits 80 columns and says whether it is proven", () => {
  expect(statusLine(calm, 1234.4)).toBe("12.3 s  48.2 KiB in 312 blocks  verified  1,234 events/s  0 faults");
  expect(statusLine({ ...calm, heartbeat: undefined }, 0)).toContain("not verified yet");
  expect(statusLine({ ...calm, lostFrames: 3, damagedFrames: 1 }, 0)).toContain("3 frames lost");
});

test("the summary says what was recorded and what it is worth", () => {
  expect(summaryLines(calm, "run.memmap", 61_440)).toEqual([
    "recorded 12.3 s, 15,204 events into run.memmap (60.0 KiB)",
    "  312 blocks with 48.2 KiB live at the end, verified against the device's own account",
  ]);
});

test("every kind of loss is in the summary", () => {
  const lossy = { ...heartbeat, droppedEvents: 7, tableFull: 8, verdict: "uncertain" } as const;
  const counts = { ...calm, faults: 1, failures: 2, boots: 3, lostFrames: 4, damagedFrames: 5, heartbeat: lossy };
  const text = summaryLines(counts, "run.memmap", 10).join("\n");
  for (const part of [
    "1 fault, 2 failed allocations, 2 restarts",
    "4 frames lost",
    "5 arrived damaged",
    "7 events",
    "8 allo",
  ]) {
    expect(text).toContain(part);
  }
  expect(text).toContain("uncertain");
});

test("of a sample, both say what the numbers are", () => {
  const counts = { ...calm, sampled: true };
  expect(statusLine(counts, undefined)).toContain(" of the sample");
  expect(summaryLines(counts, "run.memmap", 1000).join("\n")).toContain("every report estimates all of them");
  expect(statusLine(calm, undefined)).not.toContain("sample");
});

test("after joining a run the summary says what was seen, and how long the board has run", () => {
  const [first] = summaryLines({ ...calm, time: 20.6e6, joined: 16.5e6 }, "run.memmap", 61_440);
  expect(first).toBe(
    "recorded 4.10 s of a board that has been running for 20.6 s, 15,204 events into run.memmap (60.0 KiB)",
  );
});
