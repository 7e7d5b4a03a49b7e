// The reference workload over the wire: it comes back whole and proven, and costs at most 4.9 bytes an event, all in.
import { expect, test } from "vitest";
import { Decoder } from "../src/wire/decoder.ts";
import { encodeWorkload } from "./encode-workload.ts";
import { Follower } from "./follower.ts";
import { generateWorkload, type HeapCall, recordedWorkload } from "./workload.ts";

const mostBytesPerEvent = 4.9;

function expectCheapAndProven(calls: readonly HeapCall[]): void {
  const encoded = encodeWorkload(calls);
  expect(encoded.bytes / calls.length).toBeLessThanOrEqual(mostBytesPerEvent);
  const heap = new Follower(true);
  const decoder = new Decoder(heap);
  for (const frame of encoded.frames) decoder.push(frame);
  decoder.end();
  const reallocs = calls.filter((call) => call.kind === "realloc").length;
  expect(decoder.counters).toMatchObject({
    events: calls.length + reallocs,
    lostFrames: 0,
    lostEvents: 0,
    textBytes: 0,
  });
  expect(heap).toMatchObject({ disagreements: [], agreeing: heap.heartbeats, gaps: [] });
  expect(heap.heartbeats).toBe(Math.floor(calls.length / 2000));
}

const generated = generateWorkload(200_000);

test("the generated workload", () => {
  expectCheapAndProven(generated);
});

test("the generated workload is the same for the same seed, and has 77 sites and 5 tasks", () => {
  expect(generateWorkload(1000)).toEqual(generated.slice(0, generateWorkload(1000).length));
  expect(new Set(generated.filter((call) => call.site > 0).map((call) => call.site)).size).toBe(77);
  expect(new Set(generated.map((call) => call.task)).size).toBe(5);
});

const recorded = recordedWorkload();
test.skipIf(recorded === undefined)("the recorded workload, where the shared data is there", () => {
  expect(recorded).toHaveLength(200_049);
  expectCheapAndProven(recorded ?? []);
});
