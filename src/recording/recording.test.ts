import fc from "fast-check";
import { expect, test } from "vitest";
import { MemmapError } from "../base/errors.ts";
import { openModel } from "../heap/model.ts";
import type { HeapModel } from "../heap/model-api.ts";
import { RunRecorder } from "../heap/run-recorder.ts";
import { LOSSY, ReferenceDevice, steps, type Step } from "../../test/random-run.ts";
import { playText, testBoot } from "../../test/heap-text.ts";
import { anyShare } from "../../test/share.ts";
import { openRecording, type Recording } from "./open.ts";
import { bytesSource } from "./random-access.ts";
import { Teller } from "../wire/teller.ts";
import { RecordingWriter } from "./writer.ts";

interface Written {
  readonly bytes: Uint8Array;
  /** Length of the file after each flush, and what was live then. */
  readonly flushes: readonly { readonly length: number; readonly blocks: number; readonly bytes: number }[];
}

/** Records steps with chunks of a few rows, and a flush where the device's heart beats. */
function record(run: readonly Step[], finish = true): Written {
  const parts: Uint8Array[] = [];
  const writer = new RecordingWriter((bytes) => parts.push(bytes), { chunkRows: 8 });
  const device = new ReferenceDevice(writer);
  const flushes: { length: number; blocks: number; bytes: number }[] = [];
  for (const step of run) {
    device.step(step);
    if (step.action !== "beat") continue;
    writer.flush();
    flushes.push({ length: writer.length, blocks: writer.state.liveBlocks, bytes: writer.state.liveBytes });
  }
  if (finish) writer.finish();
  else writer.flush();
  return { bytes: joined(parts), flushes };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

const open = (bytes: Uint8Array): Promise<Recording> => openRecording(bytesSource(bytes));

/** All that a model can say, in short. */
async function account(model: HeapModel): Promise<unknown> {
  const times = [0, 0.25, 0.5, 0.75, 1].map((part) => model.span.from + part * (model.span.to - model.span.from));
  const moments = [];
  for (const time of times) moments.push([await model.totalsAt(time), await model.liveAt(time)]);
  return {
    moments,
    span: model.span,
    rows: model.rows,
    tables: model.tables,
    peak: await model.peak(),
    activity: await model.activity(),
    timeline: await model.timeline(undefined, 7),
    series: await model.siteSeries(undefined, 3),
    heartbeats: await model.heartbeats(),
    log: await model.log(),
  };
}

test("a recording answers as the run in memory does, with its index and without", async () => {
  await fc.assert(
    fc.asyncProperty(steps([...LOSSY, "boot"]), async (run) => {
      const memory = new RunRecorder({ chunkRows: 8 });
      const device = new ReferenceDevice(memory);
      for (const step of run) {
        device.step(step);
        if (step.action === "beat") memory.flush();
      }
      memory.flush();
      const expected = await account(await openModel(memory.run));
      for (const finish of [true, false]) {
        const recording = await open(record(run, finish).bytes);
        expect(recording.condition).toMatchObject({ isComplete: finish, damagedBytes: 0, missingRows: 0 });
        expect(await account(await openModel(recording))).toEqual(expected);
      }
    }),
    { numRuns: 25 },
  );
});

test("a file that is cut anywhere opens up to its last whole chunk", async () => {
  await fc.assert(
    fc.asyncProperty(steps(LOSSY), anyShare, async (run, part) => {
      const { bytes, flushes } = record(run);
      const cut = 16 + Math.floor(part * (bytes.length - 16));
      const recording = await open(bytes.subarray(0, cut));
      const model = await openModel(recording);
      const last = flushes.findLast((flush) => flush.length <= cut);
      if (last === undefined) return;
      const chunk = recording.chunks.findLast(
        (candidate) => candidate.lastBlocks === last.blocks && candidate.lastBytes === last.bytes,
      );
      expect(chunk).toBeDefined();
      const totals = await model.totalsAt(Infinity);
      expect(totals.allocations).toBeGreaterThanOrEqual(0);
      if (recording.chunks.at(-1) === chunk) expect((await model.liveAt(Infinity)).length).toBe(last.blocks);
    }),
    { numRuns: 25 },
  );
});

test("any damage opens or says what to do, and is counted", async () => {
  const damage = fc.array(fc.record({ at: anyShare, byte: fc.nat(255) }), {
    minLength: 1,
    maxLength: 6,
  });
  await fc.assert(
    fc.asyncProperty(steps([...LOSSY, "boot"]), damage, async (run, hits) => {
      const bytes = record(run).bytes.slice();
      for (const { at, byte } of hits) bytes[Math.floor(at * bytes.length)] = byte;
      try {
        const model = await openModel(await open(bytes));
        await account(model);
      } catch (error) {
        expect(error).toBeInstanceOf(MemmapError);
      }
    }),
    { numRuns: 30 },
  );
});

test("arbitrary bytes behind a whole header are no more than damage", async () => {
  const { bytes } = record([]);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (rest) => {
      const recording = await open(joined([bytes.subarray(0, 16), rest]));
      expect(recording.condition.damagedBytes).toBe(rest.length);
      expect((await (await openModel(recording)).liveAt(Infinity)).length).toBe(0);
    }),
  );
});

test("a damaged chunk is a gap, and the next key frame is the truth again", async () => {
  const parts: Uint8Array[] = [];
  const writer = new RecordingWriter((bytes) => parts.push(bytes));
  const teller = new Teller(writer);
  teller.record({ kind: "boot", value: testBoot });
  const rows = 200_000;
  for (let i = 0; i < rows; i++) {
    const address = 0x3ffb0000 + (i % 500) * 64;
    if (i >= 500) teller.free(i * 10, address, 0, 0, 0);
    teller.alloc(i * 10, address, 32 + (i % 7), 1 + (i % 5), 0, 0);
  }
  teller.flush();
  writer.finish();
  const bytes = joined(parts);
  const whole = await openModel(await open(bytes));
  // The third chunk's rows: file header and two chunks are before it.
  const third = parts.slice(0, 3).reduce((sum, part) => sum + part.length, 0);
  bytes.fill(0, third + 2000, third + 2100);
  const recording = await open(bytes);
  const model = await openModel(recording);
  expect(await model.liveAt(Infinity)).toEqual(await whole.liveAt(Infinity));
  let gaps = 0;
  await model.scan(undefined, [{ gap: () => gaps++ }]);
  expect(gaps).toBe(1);
  expect(recording.condition.missingRows).toBe(16_384);
  expect(recording.tables.gaps).toMatchObject([{ reason: "recording-damaged", lostEvents: 16_384 }]);
  const { startTime = 0, endTime = 0, minBytes = 0, maxBytes = 0 } = recording.chunks[2] ?? {};
  // Of what is lost the chunk's header tells between what the totals were, and what they were at its end.
  const { lowest, highest } = (await model.totalsAt((startTime + endTime) / 2)).bytes;
  expect([lowest, highest]).toEqual([minBytes, maxBytes]);
  expect((await model.totalsAt(endTime + 100)).bytes).toEqual((await whole.totalsAt(endTime + 100)).bytes);
});

test.each([
  ["an empty file", new Uint8Array(0), "not-a-recording"],
  ["text", new TextEncoder().encode("I (123) boot: this is a log and no recording\n"), "not-a-recording"],
  ["a damaged header, and nothing behind it", record([]).bytes.slice(0, 16).fill(7, 12, 14), "recording-damaged"],
])("%s is refused with a code and a hint", async (_, bytes, code) => {
  const error: unknown = await open(bytes).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: "MemmapError", code, hint: expect.stringMatching(/\w+/) as string });
});

test("a file of a later version says to update", async () => {
  const newer = Uint8Array.from([0x89, 0x4d, 0x4d, 0x41, 0x50, 0x0d, 0x0a, 0x1a, 3, 0, 0, 0, 0xf5, 0xa5, 0xc0, 0xda]);
  const { crc32 } = await import("../base/crc32.ts");
  new DataView(newer.buffer).setUint32(12, crc32(newer, 0, 12), true);
  await expect(open(newer)).rejects.toMatchObject({ code: "recording-newer" });
});

test("log text comes back with its times, characters whole across pieces", async () => {
  const parts: Uint8Array[] = [];
  const writer = new RecordingWriter((bytes) => parts.push(bytes));
  const teller = new Teller(writer);
  playText("malloc A 10 f", teller);
  const text = new TextEncoder().encode("Temperatur 21 °C\n");
  teller.text(text.subarray(0, 15));
  teller.text(text.subarray(15));
  teller.flush();
  writer.finish();
  const log = await (await openModel(await open(joined(parts)))).log();
  expect(log.map((piece) => piece.text).join("")).toBe("Temperatur 21 °C\n");
  expect(log[0]?.time).toBe(1000);
});

test("a recording made faster than real time, without a flush, loses no more than its last chunk when it is cut", async () => {
  const parts: Uint8Array[] = [];
  const writer = new RecordingWriter((bytes) => parts.push(bytes));
  const teller = new Teller(writer);
  teller.record({ kind: "boot", value: testBoot });
  // 200 events a second: none of the chunks would be full.
  for (let i = 0; i < 10_000; i++) teller.alloc(i * 5000, 0x3f800000 + i * 64, 40, 1 + (i % 5), 0, 0);
  teller.flush();
  writer.finish();
  const bytes = joined(parts);
  const whole = await openModel(await open(bytes));
  const recording = await open(bytes.subarray(0, bytes.length / 2));
  const { from, to } = (await openModel(recording)).span;
  expect(to - from).toBeGreaterThan((whole.span.to - whole.span.from) * 0.35);
  expect(recording.chunks.every((chunk) => chunk.rows === 1024)).toBe(true);
});

test("a run that was joined in the middle is one boot, and begins where it was joined", async () => {
  const parts: Uint8Array[] = [];
  const writer = new RecordingWriter((bytes) => parts.push(bytes));
  const teller = new Teller(writer);
  teller.record({ kind: "boot", value: { ...testBoot, bootId: 0x42, provisional: true } });
  teller.text(new TextEncoder().encode("before the first event\n"));
  teller.flush();
  writer.flush();
  teller.record({ kind: "gap", value: { time: 50e6, reason: "attached-late", lostFrames: 0, lostEvents: 700 } });
  teller.alloc(51e6, 0x3ffb_0000, 8, 1, 3, 0);
  teller.record({ kind: "boot", value: { ...testBoot, bootId: 0x1111_1142, continues: true } });
  teller.free(60e6, 0x3ffb_0000, 0, 3, 0);
  teller.flush();
  writer.finish();
  const model = await openModel(await open(joined(parts)));
  expect(model.tables.boots.map(({ bootId, provisional }) => [bootId, provisional])).toEqual([
    [0x1111_1142, undefined],
  ]);
  expect(model.span).toEqual({ from: 50e6, to: 60e6 });
  expect((await model.log()).map(({ text }) => text)).toEqual(["before the first event\n"]);
});
