// Yesterday's files still open, and say the same.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { HeapModel } from "../src/heap/model-api.ts";
import { openModel } from "../src/heap/model.ts";
import { openRecording } from "../src/recording/open.ts";
import { bytesSource } from "../src/recording/random-access.ts";
import { RecordingWriter } from "../src/recording/writer.ts";
import { recordRun } from "./heap-text.ts";
import { playRecordedOnce } from "./recorded-once.ts";

const fixture = (version: number): Buffer =>
  readFileSync(new URL(`fixtures/format-${version}.memmap`, import.meta.url));

async function everything(model: HeapModel): Promise<unknown> {
  const moments = [];
  for (const time of [0, 1015, 3002, 4500, 6020, Infinity]) {
    moments.push([await model.totalsAt(time), await model.liveAt(time), await model.regionsAt(time)]);
  }
  return {
    moments,
    tables: model.tables,
    heartbeats: await model.heartbeats(),
    log: await model.log(),
    activity: await model.activity(),
  };
}

test.each([1, 2])("a file of format version %i opens and says what was recorded", async (version) => {
  const recording = await openRecording(bytesSource(fixture(version)));
  await recording.check();
  expect(recording.condition).toMatchObject({ isComplete: true, remarks: [] });
  const told = await everything(await openModel(recording));
  expect(told).toEqual(await everything(await openModel(recordRun(playRecordedOnce))));
  expect(recording.tables.faults[0]?.damageBytes).toEqual(Uint8Array.from([1, 2, 3, 4]));
  expect(recording.tables.boots.map((boot) => boot.appName)).toEqual(["weather", undefined]);
});

test("the format is still version 2: what is written today is the same, byte for byte", () => {
  const parts: Uint8Array[] = [];
  const writer = new RecordingWriter((bytes) => parts.push(bytes));
  playRecordedOnce(writer);
  writer.finish();
  expect(Buffer.concat(parts).equals(fixture(2))).toBe(true);
});
