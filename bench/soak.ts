// A soak of a day for real: 2,000 events a second with a chunk each second, through decoder, model and writer to a file, then opened in
// a fresh process and asked for random moments. Nothing is held but what is live. `npm run bench:soak [HOURS]`, 24 by default; a day
// takes about a gigabyte of disk.
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openRecordingFile } from "../src/capture/recording-file.ts";
import { openModel } from "../src/heap/model.ts";
import { RecordingWriter } from "../src/recording/writer.ts";
import { Decoder } from "../src/wire/decoder.ts";
import { StreamEncoder } from "../src/wire/stream-encoder.ts";
import { playResidents } from "./residents.ts";

const EVENTS_PER_SECOND = 2000;
/** What an event takes on the wire here: tells well enough when a second is over. */
const BYTES_AN_EVENT = 4.5;
const MOMENTS = 200;

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
const residentMemory = (): string => megabytes(process.memoryUsage().rss);

function record(path: string, wanted: number): void {
  const file = openSync(path, "w");
  const writer = new RecordingWriter((bytes) => {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
  });
  const decoder = new Decoder(writer);
  // The workload's own clock runs faster than 2,000 events a second: that many events are a second here.
  let flushed = 0;
  let told = 0;
  const encoder = new StreamEncoder((bytes) => {
    decoder.push(bytes);
    told += bytes.length / BYTES_AN_EVENT;
    if (told - flushed < EVENTS_PER_SECOND) return;
    writer.flush();
    flushed = told;
  });
  const start = process.hrtime.bigint();
  const events = playResidents(encoder, wanted);
  encoder.flush();
  decoder.end();
  writer.finish();
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  closeSync(file);
  console.log(`${(events / 1e6).toFixed(1)} M events in ${seconds.toFixed(0)} s, encoding them included`);
  console.log(
    `  on disk: ${(statSync(path).size / 1e9).toFixed(2)} GB, ${(statSync(path).size / events).toFixed(2)} bytes an event`,
  );
  console.log(`  resident memory of the writer: ${residentMemory()}`);
}

async function ask(path: string): Promise<void> {
  const started = performance.now();
  const { recording, close } = await openRecordingFile(path);
  const model = await openModel(recording);
  console.log(`  opened in ${((performance.now() - started) / 1000).toFixed(2)} s; memory ${residentMemory()}`);
  const times: number[] = [];
  let longest = 0;
  let seed = 1;
  for (let i = 0; i < MOMENTS; i++) {
    seed = (seed * 48_271) % 0x7fff_ffff;
    const moment = model.span.from + (seed / 0x7fff_ffff) * (model.span.to - model.span.from);
    const before = process.cpuUsage();
    const start = performance.now();
    await model.liveAt(moment);
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
    longest = Math.max(longest, performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const at = (part: number): string => (times[Math.floor(part * (times.length - 1))] ?? NaN).toFixed(0);
  console.log(
    `  what is live at ${String(MOMENTS)} random moments, processor time: median ${at(0.5)} ms, 95 % ${at(0.95)}, worst ${at(1)}; the longest wait ${longest.toFixed(0)} ms; memory ${residentMemory()}`,
  );
  close();
}

const [first = "24", second] = process.argv.slice(2);
if (first === "--ask" && second !== undefined) {
  await ask(second);
} else {
  const folder = mkdtempSync(join(tmpdir(), "memmap-soak-"));
  const path = join(folder, "soak.memmap");
  record(path, Number(first) * 3600 * EVENTS_PER_SECOND);
  spawnSync(process.execPath, [fileURLToPath(import.meta.url), "--ask", path], { stdio: "inherit" });
  rmSync(folder, { recursive: true });
}
