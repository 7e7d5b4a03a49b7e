/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// What the wire format costs: bytes an event on the reference workload, and decoding speed as ratios to plainer ways of doing
// the same, all in one run. `npm run bench:wire`.
import { Decoder } from "../src/wire/decoder.ts";
import { BatchOp, EVENT_FIELDS, EventField, type EventBatch } from "../src/wire/event-batch.ts";
import type { EventSink } from "../src/wire/events.ts";
import type { AnyRecord } from "../src/wire/records.ts";
import { Teller } from "../src/wire/teller.ts";
import { encodeWorkload } from "../test/encode-workload.ts";
import { NullSink } from "./null-sink.ts";
import { keep } from "./ratio.ts";
import { generateWorkload, type HeapCall, recordedWorkload } from "../test/workload.ts";

function printSizes(name: string, calls: readonly HeapCall[]): void {
  for (const tickNanoseconds of [1000, 8000]) {
    const { bytes, bytesByType } = encodeWorkload(calls, { tickNanoseconds });
    const parts = [...bytesByType].map(([type, count]) => `${type} ${(count / calls.length).toFixed(3)}`).join(", ");
    const total = (bytes / calls.length).toFixed(3);
    keep("wire", `bytes an event, ${name}, ${tickNanoseconds} ns`, bytes / calls.length);
    console.log(`  ${name}, ${String(tickNanoseconds / 1000)} µs ticks: ${total} (${parts})`);
  }
}

function printSpeeds(calls: readonly HeapCall[]): void {
  const stream = concat(encodeWorkload(calls).frames);
  const lines = jsonLines(calls);
  const events = calls.length;
  const ours = bestSeconds(() => decodeInto(new NullSink(), stream));
  report("decoder, into a sink that does nothing", ours, ours, events);
  report(
    "decoder, into a Map of objects",
    bestSeconds(() => decodeInto(new MapSink(), stream)),
    ours,
    events,
  );
  report(
    "JSON lines, into a sink that does nothing",
    bestSeconds(() => parseLines(lines, new NullSink())),
    ours,
    events,
  );
  report(
    "JSON lines, into a Map of objects",
    bestSeconds(() => parseLines(lines, new MapSink())),
    ours,
    events,
  );
  const jsonBytes = Buffer.byteLength(lines);
  console.log(
    `  JSON lines take ${(jsonBytes / events).toFixed(1)} bytes an event: ${(jsonBytes / stream.length).toFixed(1)} times as many`,
  );
}

function report(name: string, seconds: number, baseline: number, events: number): void {
  if (seconds !== baseline) keep("wire", `speed, part of the decoder alone: ${name}`, baseline / seconds);
  const speed = `${(events / seconds / 1e6).toFixed(2)} M events/s`;
  console.log(`  ${name}: ${speed}, ${(baseline / seconds).toFixed(2)} of the decoder alone`);
}

/**
 * The best of many short rounds: the first are slow, until the compiler has seen enough, and on a busy machine most are interrupted.
 */
function bestSeconds(run: () => void): number {
  const end = performance.now() + 2000;
  let best = Infinity;
  for (let round = 0; round < 5 || performance.now() < end; round++) {
    const start = performance.now();
    run();
    best = Math.min(best, (performance.now() - start) / 1000);
  }
  return best;
}

/** In pieces of 4 KiB, as a serial port or a socket brings them. */
function decodeInto(sink: EventSink, stream: Uint8Array): void {
  const decoder = new Decoder(sink);
  for (let start = 0; start < stream.length; start += 4096) decoder.push(stream.subarray(start, start + 4096));
  decoder.end();
}

function parseLines(lines: string, receiver: EventSink): void {
  const sink = new Teller(receiver);
  for (const line of lines.split("\n")) {
    const event = JSON.parse(line) as HeapCall;
    if (event.kind === "free") sink.free(event.time, event.address, 0, event.task, 0);
    else sink.alloc(event.time, event.address, event.size, event.site, event.task, 0);
  }
  sink.flush();
}

function jsonLines(calls: readonly HeapCall[]): string {
  return calls.map((call) => JSON.stringify(call)).join("\n");
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** The plainest live set: an object for each block. */
class MapSink extends NullSink {
  private readonly blocks = new Map<number, object>();

  override calls({ time: times, fields, length }: EventBatch): void {
    for (let i = 0, at = 0; i < length; i++, at += EVENT_FIELDS) {
      const address = fields[at + EventField.ADDRESS]!;
      const time = times[i]!;
      const size = fields[at + EventField.SIZE]!;
      const site = fields[at + EventField.SITE]!;
      const task = fields[at + EventField.CONTEXT]! >>> 2;
      if (fields[at + EventField.OP] === BatchOp.FREE) this.blocks.delete(address);
      else this.blocks.set(address, { time, address, size, site, task });
    }
  }

  override record(record: AnyRecord): void {
    if (record.kind !== "reallocEnd") return;
    const { time, oldAddress, address, size, site, task } = record.value;
    this.blocks.delete(oldAddress);
    this.blocks.set(address, { time, address, size, site, task });
  }
}

const generated = generateWorkload(200_000);
const recorded = recordedWorkload();

console.log("bytes an event, all in: framing, checksums, sites, heartbeats, a snapshot every 20,000 events");
printSizes("generated workload", generated);
if (recorded === undefined) console.log("  recorded workload: not there (see ../shared/data)");
else printSizes("recorded workload", recorded);
console.log("\ndecoding speed, first 20,000 calls of the recorded workload if there");
printSpeeds((recorded ?? generated).slice(0, 20_000));
