// A capture that joins a board in the middle of its run, wherever it cuts in: what it then tells is what a capture from the boot on tells.
import { beforeAll, expect, test } from "vitest";
import fc from "fast-check";
import { SCENARIOS } from "../simulator/scenarios.ts";
import { runScenario } from "../simulator/source.ts";
import { RunRecorder } from "../src/heap/run-recorder.ts";
import type { LiveSet } from "../src/heap/live-set.ts";
import { Decoder } from "../src/wire/decoder.ts";
import { commandBytes } from "../src/wire/encode-frames.ts";
import { atLength, covered } from "./length.ts";
import { simulatorModule } from "./simulator.ts";

/** What a board sent, and how many bytes before the host asked for a snapshot. */
let sent: Uint8Array;
let asked = 0;
let whole: RunRecorder;

beforeAll(async () => {
  const scenario = SCENARIOS.find(({ name }) => name === "demo") ?? SCENARIOS[0];
  if (scenario === undefined) throw new Error("the simulator has no scenario");
  const source = runScenario(await simulatorModule(), scenario, { seed: 3 });
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) {
    chunks.push(chunk);
    if (chunks.length !== 400) continue;
    asked = Buffer.concat(chunks).length;
    await source.write(commandBytes({ kind: "snapshot" }));
  }
  sent = Buffer.concat(chunks);
  whole = decode(sent);
}, 120_000);

function decode(bytes: Uint8Array): RunRecorder {
  const recorder = new RunRecorder();
  const decoder = new Decoder(recorder);
  decoder.push(bytes);
  decoder.end();
  recorder.flush();
  return recorder;
}

function blocksOf(live: LiveSet): unknown[] {
  return [...live.slotsByAddress()].map((slot) => [live.blocks.address[slot], live.blocks.size[slot]]);
}

test("the board's ticks are not those that a decoder assumes, or this would prove nothing", () => {
  expect(whole.time).toBeGreaterThan(1e6);
  expect(asked).toBeGreaterThan(0);
  expect(asked).toBeLessThan(sent.length);
});

test("one boot, the same clock, the same live set", () => {
  const numRuns = atLength({ short: 40, long: 4000 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: asked }), (cut) => {
      const joined = decode(sent.subarray(cut));
      expect(joined.tables.boots).toHaveLength(1);
      expect(joined.tables.boots[0]).toMatchObject({ bootId: whole.tables.boots[0]?.bootId });
      expect(joined.tables.boots[0]?.provisional).toBeUndefined();
      expect(joined.time).toBe(whole.time);
      expect(joined.lastHeartbeat).toEqual(whole.lastHeartbeat);
      expect(joined.state.blocks.certain).toBe(true);
      expect(blocksOf(joined.state)).toEqual(blocksOf(whole.state));
      // Nothing is dated before the capture began, and nothing later than it happened.
      const marks = whole.tables.marks.filter(({ time }) => time >= (joined.tables.marks[0]?.time ?? Infinity));
      expect(joined.tables.marks.map(({ name, time }) => [name, time])).toEqual(
        marks.map(({ name, time }) => [name, time]),
      );
    }),
    { numRuns },
  );
  covered(`${numRuns} places at which the capture begins, of ${asked} bytes`);
});
