// Recordings with far more of one thing than any board has: what grows faster than they do does not end.
import { FailureReason, FaultKind, Method } from "../../src/wire/protocol.ts";
import type { Region } from "../../src/wire/records.ts";
import { RecordingWriter } from "../../src/recording/writer.ts";
import { Teller } from "../../src/wire/teller.ts";
import { quietHeartbeat } from "../quiet-heartbeat.ts";
import { testBoot } from "../heap-text.ts";

type Play = (teller: Teller, index: number, count: number, writer: RecordingWriter) => void;

const base = 0x3ffb_0000;
const region = (index: number): Region => {
  const start = base + index * 64;
  return { start, end: start + 64, caps: 4, free: 32, largestFree: 16, name: `region ${index}` };
};
const alloc = (teller: Teller, time: number, index: number, site = 1 + (index % 300)): void =>
  teller.alloc(time, base + (index % 100_000) * 64, 40, site, 3, 0);

/** Each gives a recording with so many of the thing. */
export const giants: Readonly<Record<string, (count: number) => Uint8Array>> = {
  chunks: playing((teller, i, _, writer) => {
    alloc(teller, i * 1e4, i);
    teller.flush();
    writer.flush();
  }),
  restarts: playing((teller, i) => {
    teller.record({ kind: "boot", value: { ...testBoot, bootId: i + 2 } });
    alloc(teller, 10, i);
  }),
  sites: playing((teller, i) => {
    const place = { file: `f${i}.c`, line: i, function: `g${i}` };
    teller.record({ kind: "site", value: { id: i + 1, method: Method.MALLOC, caps: 4, ...place } });
    alloc(teller, i * 1e4, i, i + 1);
  }),
  "regions and deep stacks": playing((teller, i, count) => {
    if (i % 100 === 0) {
      const regions = Array.from({ length: count }, (_, index) => region(index));
      teller.record({ kind: "regions", value: { time: i * 1e5, regions } });
    }
    const frames = Array.from({ length: 1024 }, (_, k) => ({ function: `f${(i * 13 + k) % 5000}` }));
    if (i < 100) teller.record({ kind: "site", value: { id: i + 1, method: Method.MALLOC, caps: 0, frames } });
    alloc(teller, i * 1e5, i, i + 1);
  }),
  "jumps of years": playing((teller, i, count) => {
    const time = i * Math.floor(2 ** 52 / count);
    alloc(teller, time, i);
    if (i % 7 === 0) teller.record({ kind: "regions", value: { time, regions: [region(0)] } });
    if (i % 11 === 0) teller.record({ kind: "heartbeat", value: { ...quietHeartbeat, time, liveBlocks: 3 } });
  }),
  "blocks as large as the address space": playing((teller, i) => {
    teller.alloc(i * 10, (i % 3) * 16, 0xffff_ffff - i, 1 + (i % 3), 3, 0);
    if (i % 2 === 1) teller.free(i * 10 + 5, (i % 3) * 16, 2, 3, 0);
  }),
  marks: playing((teller, i) => {
    teller.record({ kind: "mark", value: { time: i * 10, name: `m${i}`, task: 3, core: 0 } });
    alloc(teller, i * 10, i);
  }),
  "faults and failures": playing((teller, i) => {
    const at = { time: i * 10, number: i + 1, task: 3, core: 0 };
    const block = { pointer: base + i * 64, blockAddress: base + i * 64, blockSize: 8, allocSite: 1 + (i % 300) };
    teller.record({ kind: "fault", value: { ...at, kind: FaultKind.DOUBLE_FREE, ...block } });
    const request = { size: 90_000 + i, caps: 4, site: 1 + (i % 300), regions: [region(0)] };
    teller.record({ kind: "failure", value: { ...at, reason: FailureReason.NO_MEMORY, ...request } });
    alloc(teller, i * 10, i);
  }),
  gaps: playing((teller, i) => {
    alloc(teller, i * 10, i);
    const span = { time: i * 10 + 5, since: i * 10 };
    teller.record({ kind: "gap", value: { ...span, reason: "frames-lost", lostFrames: 1, lostEvents: 3 } });
    if (i % 100 === 0) teller.record({ kind: "heartbeat", value: { ...quietHeartbeat, time: i * 10 + 6 } });
  }),
  "readings of a log": playing((teller, i) => {
    const words = { label: `free heap ${i % 300}`, quote: "free heap 1", line: 1 };
    const kind = { quantity: "free", memory: "any", unit: "bytes", scale: 1, readings: 1000, timed: true } as const;
    const series = { id: 1 + (i % 300), ...words, ...kind };
    if (i < 300) teller.record({ kind: "series", value: series });
    const numbers = (of: (k: number) => number): number[] => Array.from({ length: 20 }, (_, k) => of(k));
    const [times, lines] = [numbers((k) => i * 1e6 + k * 1e3), numbers((k) => i * 1000 + k)];
    const values = numbers((k) => (200_000 - i + ((k * 7919) % 977)) * 1000);
    teller.record({ kind: "readings", value: { series: series.id, stretch: 1, times, lines, values } });
    teller.record({
      kind: "incident",
      value: { kind: "bad-head", time: i * 10, line: i, quote: `q${i}`, count: 1, lastLine: i },
    });
  }),
};

function playing(play: Play): (count: number) => Uint8Array {
  return (count) => {
    const parts: Uint8Array[] = [];
    const writer = new RecordingWriter((bytes) => parts.push(bytes));
    const teller = new Teller(writer);
    teller.record({ kind: "boot", value: testBoot });
    for (let i = 0; i < count; i++) play(teller, i, count, writer);
    teller.flush();
    writer.finish();
    return Buffer.concat(parts);
  };
}
