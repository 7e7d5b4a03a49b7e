// The peer: what Debian's heaptrack needs to read and judge a run of the reference workload (its interpret, then its print), against our decoding,
// storing and model over as many events. Processor time in the same run. `npm run bench:heaptrack [MILLIONS OF EVENTS]`, two by default.
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openModel } from "../src/heap/model.ts";
import { RunRecorder } from "../src/heap/run-recorder.ts";
import { Decoder } from "../src/wire/decoder.ts";
import { type EventBatch, eventsOf } from "../src/wire/event-batch.ts";
import type { AnyRecord } from "../src/wire/records.ts";
import { StreamEncoder } from "../src/wire/stream-encoder.ts";
import { NullSink } from "./null-sink.ts";
import { Pieces } from "./pieces.ts";
import { keep } from "./ratio.ts";
import { playResidents } from "./residents.ts";

const interpret = "/usr/lib/heaptrack/libexec/heaptrack_interpret";
const print = "/usr/bin/heaptrack_print";
const millions = Number(process.argv[2] ?? 2);

/** Bytes of text collected before they are written. */
const BUFFER_CHARACTERS = 1 << 20;

/** Writes a run as libheaptrack would: raw, format 3, one stack of four frames a site. */
class HeaptrackFile extends NullSink {
  /** Allocations and frees; a realloc is one of each. */
  lines = 0;
  private pending = "v 10400 3\nx 4 /app\nX /app\nI 1000 1000\n";
  private readonly stacks = new Map<number, number>();
  private nodes = 0;
  private readonly file: number;

  constructor(file: number) {
    super();
    this.file = file;
  }

  override calls(batch: EventBatch): void {
    for (const { isFree, address, size, site } of eventsOf(batch)) {
      if (isFree) this.free(address);
      else this.alloc(address, size, site);
    }
  }

  override record(record: AnyRecord): void {
    if (record.kind !== "reallocEnd") return;
    this.free(record.value.oldAddress);
    this.alloc(record.value.address, record.value.size, record.value.site);
  }

  private alloc(address: number, size: number, site: number): void {
    const stack = this.stack(site);
    this.put(`+ ${sizeClass(size).toString(16)} ${stack.toString(16)} ${address.toString(16)}\n`);
    this.lines++;
  }

  private free(address: number): void {
    this.put(`- ${address.toString(16)}\n`);
    this.lines++;
  }

  flush(): void {
    writeSync(this.file, this.pending);
    this.pending = "";
  }

  private stack(site: number): number {
    const known = this.stacks.get(site);
    if (known !== undefined) return known;
    for (let depth = 3; depth >= 0; depth--) {
      const parent = depth === 3 ? 0 : this.nodes;
      this.put(`t ${(0x40_0000 + depth * 0x1_0000 + site * 16).toString(16)} ${parent.toString(16)}\n`);
      this.nodes++;
    }
    this.stacks.set(site, this.nodes);
    return this.nodes;
  }

  private put(line: string): void {
    this.pending += line;
    if (this.pending.length > BUFFER_CHARACTERS) this.flush();
  }
}

/** Debian's heaptrack 1.4.0 runs out of memory on many different pairs of size and stack; powers of two keep them below 1500. */
function sizeClass(size: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(16, size)));
}

/** User and system seconds of a command line, by the shell's own `times`; undefined where it failed. */
function childSeconds(command: string): number | undefined {
  const { status, stdout } = spawnSync("sh", ["-c", `${command} || exit 1; times`], { encoding: "utf8" });
  if (status !== 0) return undefined;
  const [user = "", system = ""] = stdout.trim().split("\n").at(-1)?.split(" ") ?? [];
  return [user, system].reduce((sum, time) => {
    const [, minutes = "0", seconds = "0"] = /(\d+)m([\d.]+)s/.exec(time) ?? [];
    return sum + Number(minutes) * 60 + Number(seconds);
  }, 0);
}

interface Times {
  /** Decode, store every event, keep the model. */
  readonly model: number;
  /** What heaptrack_print tells as well: peak, leaks, temporary allocations, all by site. */
  readonly answers: number;
}

async function ours(stream: readonly Uint8Array[]): Promise<Times> {
  const start = process.cpuUsage();
  const recorder = new RunRecorder();
  const decoder = new Decoder(recorder);
  for (const piece of stream) decoder.push(piece);
  decoder.end();
  recorder.flush();
  const model = secondsSince(start);
  const heap = await openModel(recorder.run);
  await heap.peak();
  await heap.activity();
  return { model, answers: secondsSince(start) - model };
}

function secondsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

if (!existsSync(interpret) || !existsSync(print)) {
  console.log("Skipped: heaptrack is not installed here (Debian's package `heaptrack`).");
} else {
  const folder = mkdtempSync(join(tmpdir(), "memmap-bench-"));
  const raw = join(folder, "raw.txt");
  const file = openSync(raw, "w");
  const sink = new HeaptrackFile(file);
  playResidents(sink, millions * 1e6);
  sink.flush();
  closeSync(file);

  const pieces = new Pieces();
  const encoder = new StreamEncoder((bytes) => pieces.add(bytes));
  const events = playResidents(encoder, millions * 1e6);
  encoder.flush();
  pieces.end();
  const stream = pieces.all;

  const interpreted = join(folder, "interpreted.txt");
  const first = childSeconds(`${interpret} < ${raw} > ${interpreted} 2> ${folder}/messages`);
  const second = childSeconds(`${print} -f ${interpreted} > ${folder}/report 2> ${folder}/messages`);
  await ours(stream.slice(0, Math.ceil(stream.length / 10)));
  const memmap = await ours(stream);
  const speed = (count: number, time: number): string => `${(count / time / 1e6).toFixed(2)} M events/s`;
  console.log(`${(events / 1e6).toFixed(1)} M events, processor time:`);
  console.log(`  memmap: decode, store and model ${memmap.model.toFixed(2)} s, ${speed(events, memmap.model)}`);
  console.log(`  memmap: peak and activity of every site besides ${memmap.answers.toFixed(2)} s`);
  if (first === undefined || second === undefined) {
    console.log("  heaptrack failed on this workload.");
  } else {
    const report = statSync(join(folder, "report")).size;
    console.log(
      `  heaptrack_interpret ${first.toFixed(2)} s, heaptrack_print ${second.toFixed(2)} s (${report} bytes of report): ` +
        `${speed(sink.lines, first + second)} over ${(sink.lines / 1e6).toFixed(1)} M allocations and frees`,
    );
    const peer = (first + second) / sink.lines;
    keep("heaptrack", "times its events a second", peer / (memmap.model / events));
    keep("heaptrack", "the same with the answers", peer / ((memmap.model + memmap.answers) / events));
    const ratio = (time: number): string => (peer / (time / events)).toFixed(2);
    console.log(
      `  events a second, as many times heaptrack's: ${ratio(memmap.model)} decode, store and model; ` +
        `${ratio(memmap.model + memmap.answers)} with the answers`,
    );
  }
  rmSync(folder, { recursive: true });
}
