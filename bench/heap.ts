/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// What model and recording cost on the reference workload over 20,000 resident blocks: speed against a plain Map of objects in the same run, bytes an
// event in memory and on disk, time to open and to seek. `npm run bench:heap [MILLIONS OF EVENTS]`, ten by default.
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRecordingFile } from "../src/capture/recording-file.ts";
import { openModel } from "../src/heap/model.ts";
import type { HeapModel } from "../src/heap/model-api.ts";
import { RunRecorder } from "../src/heap/run-recorder.ts";
import { RecordingWriter } from "../src/recording/writer.ts";
import { Decoder } from "../src/wire/decoder.ts";
import { BatchOp, EVENT_FIELDS, EventField, type EventBatch } from "../src/wire/event-batch.ts";
import type { EventSink } from "../src/wire/events.ts";
import type { AnyRecord } from "../src/wire/records.ts";
import { StreamEncoder } from "../src/wire/stream-encoder.ts";
import { NullSink } from "./null-sink.ts";
import { Pieces } from "./pieces.ts";
import { keep } from "./ratio.ts";
import { playResidents } from "./residents.ts";

const millions = Number(process.argv[2] ?? 10);
const folder = mkdtempSync(join(tmpdir(), "memmap-bench-"));

class MapSink extends NullSink {
  readonly blocks = new Map<number, { readonly size: number; readonly site: number; readonly time: number }>();
  readonly events: object[] = [];
  bytes = 0;

  override calls({ time, fields, length }: EventBatch): void {
    for (let i = 0, at = 0; i < length; i++, at += EVENT_FIELDS) {
      const address = fields[at + EventField.ADDRESS]!;
      if (fields[at + EventField.OP] === BatchOp.FREE) this.free(address);
      else this.alloc(time[i]!, address, fields[at + EventField.SIZE]!, fields[at + EventField.SITE]!);
    }
  }

  override record(record: AnyRecord): void {
    if (record.kind !== "reallocEnd") return;
    const { time, oldAddress, address, size, site } = record.value;
    this.free(oldAddress);
    this.alloc(time, address, size, site);
  }

  private alloc(time: number, address: number, size: number, site: number): void {
    this.blocks.set(address, { size, site, time });
    this.bytes += size;
  }

  private free(address: number): void {
    const block = this.blocks.get(address);
    if (block === undefined) return;
    this.bytes -= block.size;
    this.blocks.delete(address);
  }
}

function decode(stream: readonly Uint8Array[], sink: EventSink): void {
  const decoder = new Decoder(sink);
  for (const piece of stream) decoder.push(piece);
  decoder.end();
}

/** Processor time, garbage collector and compiler included, so that a busy machine does not count. */
function seconds(run: () => void): number {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

function speed(name: string, events: number, time: number, baseline: number): void {
  if (time !== baseline) keep("heap", `speed, times a Map of objects: ${name}`, baseline / time);
  console.log(
    `  ${name}: ${(events / time / 1e6).toFixed(2)} M events/s, ${(baseline / time).toFixed(2)} of the Map of objects`,
  );
}

/** Processor time as well; reads come from the page cache. */
async function milliseconds(run: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** Of short calls one alone says little: what is compiled meanwhile, and what else the machine does, cost more. */
async function median(run: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 9; i++) times.push(await milliseconds(run));
  return times.sort((a, b) => a - b)[4] ?? 0;
}

async function openedIn(path: string): Promise<number> {
  return milliseconds(async () => (await openRecordingFile(path)).close());
}

async function seeks(name: string, model: HeapModel, count: number): Promise<void> {
  const times: number[] = [];
  let seed = 1;
  for (let i = 0; i < count; i++) {
    seed = (seed * 48_271) % 0x7fff_ffff;
    const time = model.span.from + (seed / 0x7fff_ffff) * (model.span.to - model.span.from);
    times.push(await milliseconds(() => model.liveAt(time)));
  }
  times.sort((a, b) => a - b);
  const at = (part: number): string => (times[Math.floor(part * (times.length - 1))] ?? 0).toFixed(1);
  console.log(
    `  ${name}: what is live at ${count} random moments: median ${at(0.5)} ms, 95 % ${at(0.95)} ms, worst ${at(1)} ms`,
  );
}

function record(path: string, stream: readonly Uint8Array[], flushEvery: number): { time: number; bytes: number } {
  const file = openSync(path, "w");
  const writer = new RecordingWriter((bytes) => writeSync(file, bytes));
  const decoder = new Decoder(writer);
  let next = flushEvery;
  const time = seconds(() => {
    for (const piece of stream) {
      decoder.push(piece);
      if (writer.time < next) continue;
      writer.flush();
      next = writer.time + flushEvery;
    }
    decoder.end();
    writer.finish();
  });
  closeSync(file);
  return { time, bytes: writer.length };
}

const pieces = new Pieces();
const encoder = new StreamEncoder((bytes) => pieces.add(bytes));
const events = playResidents(encoder, millions * 1e6);
encoder.flush();
pieces.end();
const stream = pieces.all;
const joinedBytes = stream.reduce((sum, piece) => sum + piece.length, 0);
console.log(
  `${(events / 1e6).toFixed(1)} M events over 20,000 resident blocks, ${(joinedBytes / events).toFixed(2)} bytes an event on the wire\n`,
);

console.log("Speed:");
const warmUp = stream.slice(0, Math.ceil(stream.length / 20));
for (const sink of [new NullSink(), new MapSink(), new RunRecorder()]) decode(warmUp, sink);
const alone = seconds(() => decode(stream, new NullSink()));
const map = seconds(() => decode(stream, new MapSink()));
const recorder = new RunRecorder();
const memory = seconds(() => {
  decode(stream, recorder);
  recorder.flush();
});
speed("decode, into nothing", events, alone, map);
speed("decode, into a Map of objects (baseline: knows what is live, keeps no history)", events, map, map);
speed("decode, store every event in memory, model", events, memory, map);
const path = join(folder, "run.memmap");
const disk = record(path, stream, 1e12);
speed("decode, model, write a recording", events, disk.time, map);
const verdicts = new Set((await (await openModel(recorder.run)).heartbeats()).map((beat) => beat.verdict));
console.log(`  heartbeats: ${[...verdicts].join(", ")}`);

console.log("\nSize:");
keep("heap", "bytes an event in memory", recorder.run.bytes / events);
keep("heap", "bytes an event on disk", disk.bytes / events);
console.log(`  in memory: ${(recorder.run.bytes / events).toFixed(2)} bytes an event`);
console.log(`  on disk: ${(disk.bytes / events).toFixed(2)} bytes an event`);

console.log("\nQuestions:");
const inMemory = await openModel(recorder.run);
await seeks("in memory", inMemory, 100);
const opened = await openedIn(path);
console.log(`  from disk: opened in ${opened.toFixed(1)} ms`);
const file = await openRecordingFile(path);
const onDisk = await openModel(file.recording);
await seeks("from disk", onDisk, 100);
console.log(`  peak with what was live: ${(await milliseconds(() => onDisk.peak())).toFixed(1)} ms`);
console.log(`  timeline of 1000 buckets: ${(await median(() => onDisk.timeline(undefined, 1000))).toFixed(1)} ms`);
console.log(`  40 samples of every site: ${(await median(() => onDisk.siteSeries(undefined, 40))).toFixed(1)} ms`);
console.log(`  activity of every site, one pass: ${(await milliseconds(() => inMemory.activity())).toFixed(0)} ms`);
console.log(`  the same from disk: ${(await milliseconds(() => onDisk.activity())).toFixed(0)} ms`);
file.close();

console.log("\nA soak at 2,000 events/s with a chunk a second, as long as these events last:");
const soak = join(folder, "soak.memmap");
// The workload runs faster than 2,000 events/s: a flush every 2,000 events is what counts.
const perEvent = (inMemory.span.to - inMemory.span.from) / events;
const soakDisk = record(soak, stream, 2000 * perEvent);
const soakOpened = await openedIn(soak);
const soakFile = await openRecordingFile(soak);
const soakModel = await openModel(soakFile.recording);
await seeks("soak", soakModel, 100);
soakFile.close();
truncateSync(soak, soakDisk.bytes - 100);
const soakScanned = await openedIn(soak);
const day = (24 * 3600 * 2000) / events;
console.log(
  `  ${(soakDisk.bytes / events).toFixed(2)} bytes an event; opened in ${soakOpened.toFixed(1)} ms, without index in ${soakScanned.toFixed(0)} ms`,
);
console.log(
  `  in proportion, 24 hours (${day.toFixed(1)} times as much): ${((soakDisk.bytes * day) / 1e9).toFixed(2)} GB; opened in ` +
    `${((soakOpened * day) / 1000).toFixed(2)} s, without index in ${((soakScanned * day) / 1000).toFixed(1)} s`,
);
console.log(`  resident memory of this process at the end: ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`);
rmSync(folder, { recursive: true });
