// Recordings that no recorder writes: whole by their checksums, absurd in what they say. Each is made from a real one by edits of its fields.
import fc from "fast-check";
import { ByteWriter } from "../../src/base/bytes.ts";
import type { ChunkSummary } from "../../src/heap/run.ts";
import { fileHeader, indexEntry, SectionId, writeChunk, writeIndex } from "../../src/recording/chunk-format.ts";
import { bytesSource } from "../../src/recording/random-access.ts";
import { scanChunks } from "../../src/recording/scan.ts";
import { RecordingWriter } from "../../src/recording/writer.ts";
import { Teller } from "../../src/wire/teller.ts";
import { quietHeartbeat } from "../quiet-heartbeat.ts";
import { playRecordedOnce } from "../recorded-once.ts";
import { leaves, nodes, putTogether, takeApart, type Field } from "./fields.ts";

export interface Section {
  id: number;
  content: Field;
}

export interface Chunk {
  summary: ChunkSummary;
  sections: Section[];
}

/** Something of everything, in a few chunks. */
export function smallRecording(): Uint8Array {
  const parts: Uint8Array[] = [];
  const writer = new RecordingWriter((bytes) => parts.push(bytes), { chunkRows: 16 });
  playRecordedOnce(writer);
  const teller = new Teller(writer);
  for (let i = 0; i < 40; i++) {
    teller.alloc(7000 + i * 1000, 0x3ffb_8000 + i * 64, 8 + i, 1 + (i % 3), 3, i & 1);
    if (i % 3 === 0) teller.free(7500 + i * 1000, 0x3ffb_8000 + i * 64, 2, 3, 1);
    if (i === 20)
      teller.record({ kind: "gap", value: { time: 27_100, reason: "frames-lost", lostFrames: 2, lostEvents: 9 } });
  }
  teller.record({ kind: "heartbeat", value: { ...quietHeartbeat, time: 50_000, liveBlocks: 30, liveBytes: 900 } });
  teller.flush();
  writer.finish();
  return Buffer.concat(parts);
}

export async function chunksOf(recording: Uint8Array): Promise<Chunk[]> {
  const { chunks } = await scanChunks(bytesSource(recording), fileHeader().length);
  return chunks.map(({ offset, header }) => ({
    summary: header.summary,
    sections: header.sections
      .filter(({ id }) => id !== SectionId.HEADER_BEFORE)
      .map(({ id, offset: at, length }) => ({
        id,
        content: takeApart(id, recording.subarray(offset + at, offset + at + length)),
      })),
  }));
}

export function recordingOf(chunks: readonly Chunk[], isEnded: boolean): Uint8Array {
  const parts: Uint8Array[] = [fileHeader()];
  const headers = new ByteWriter(1024);
  let written = fileHeader().length;
  for (const { summary, sections } of chunks) {
    const content = sections.slice(0, 100).map(({ id, content: field }) => {
      const writer = new ByteWriter(1024);
      putTogether(field, writer);
      return { id, bytes: writer.toBytes() };
    });
    const { header, chunk } = writeChunk(summary, content);
    headers.f64(written);
    headers.blob(indexEntry(header));
    parts.push(chunk);
    written += chunk.length;
  }
  if (isEnded) parts.push(writeIndex(headers, written));
  return Buffer.concat(parts);
}

const SUMMARY_FIELDS = [
  "firstRow",
  "startTime",
  "endTime",
  "minBytes",
  "maxBytes",
  "maxRow",
  "lastBytes",
  "allocatedBytes",
  "rows",
  "lastBlocks",
  "allocations",
  "frees",
  "noteKinds",
] as const;

const ABSURD_NUMBERS = [
  0,
  1,
  2,
  127,
  128,
  1023,
  65_535,
  65_536,
  2 ** 22 - 1,
  2 ** 22,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 52,
  Number.MAX_SAFE_INTEGER,
] as const;
const ABSURD_TIMES = [0, -1, 1e3, 1e12, 1e18, 1e300, -1e18, -1e300, 5e-324, NaN, Infinity, -Infinity] as const;

/** One change; the places are parts of the way through what there is, so that they fit any recording. */
export type Edit =
  | {
      readonly change: "summary";
      readonly chunk: number;
      readonly field: (typeof SUMMARY_FIELDS)[number];
      readonly value: number;
    }
  | {
      readonly change: "number";
      readonly chunk: number;
      readonly section: number;
      readonly place: number;
      readonly whole: number;
      readonly real: number;
    }
  | {
      readonly change: "bytes";
      readonly chunk: number;
      readonly section: number;
      readonly place: number;
      readonly bytes: Uint8Array;
    }
  | {
      readonly change: "repeat" | "drop";
      readonly chunk: number;
      readonly section: number;
      readonly place: number;
      readonly times: number;
    }
  | { readonly change: "section"; readonly chunk: number; readonly section: number; readonly id: number }
  | { readonly change: "move"; readonly chunk: number; readonly to: number }
  | { readonly change: "copies"; readonly chunk: number; readonly times: number };

/** Not `fc.double`, which likes the ends best. */
const place = fc.nat(9999).map((part) => part / 10_000);
const whole = fc.oneof(fc.constantFrom(...ABSURD_NUMBERS), fc.nat(300));
const real = fc.constantFrom(...ABSURD_TIMES);
const where = { chunk: place, section: place, place };

const edit: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      change: fc.constant("summary" as const),
      chunk: place,
      field: fc.constantFrom(...SUMMARY_FIELDS),
      value: fc.oneof(whole, real),
    }),
  },
  { weight: 12, arbitrary: fc.record({ change: fc.constant("number" as const), ...where, whole, real }) },
  {
    weight: 2,
    arbitrary: fc.record({ change: fc.constant("bytes" as const), ...where, bytes: fc.uint8Array({ maxLength: 40 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      change: fc.constantFrom("repeat" as const, "drop" as const),
      ...where,
      times: fc.constantFrom(2, 5, 20_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ change: fc.constant("section" as const), chunk: place, section: place, id: fc.nat(12) }),
  },
  { weight: 1, arbitrary: fc.record({ change: fc.constant("move" as const), chunk: place, to: place }) },
  {
    weight: 1,
    arbitrary: fc.record({ change: fc.constant("copies" as const), chunk: place, times: fc.constantFrom(1, 3, 500) }),
  },
);

export const edits: fc.Arbitrary<readonly Edit[]> = fc.array(edit, { minLength: 1, maxLength: 4 });

/** Repeated things in repeated things would fill the test's own memory. */
const MOST_FIELDS = 200_000;

function pick<T>(list: readonly T[], part: number): T | undefined {
  return list[Math.floor(part * list.length)];
}

/** Changes the chunks. */
export function apply(chunks: Chunk[], one: Edit): void {
  const chunk = pick(chunks, one.chunk);
  if (chunk === undefined) return;
  if (one.change === "summary") {
    chunk.summary = { ...chunk.summary, [one.field]: one.value };
    return;
  }
  if (one.change === "move") {
    chunks.splice(Math.floor(one.to * chunks.length), 0, ...chunks.splice(chunks.indexOf(chunk), 1));
    return;
  }
  if (one.change === "copies") {
    for (let i = 0; i < one.times; i++) chunks.push(chunk);
    return;
  }
  const section = pick(chunk.sections, one.section);
  if (section === undefined) return;
  switch (one.change) {
    case "section":
      section.id = one.id;
      return;
    case "number": {
      const field = pick(leaves(section.content), one.place);
      if (field === undefined || field.form === "bytes") return;
      field.value = field.form === "f64" ? one.real : field.form === "u8" ? one.whole & 0xff : one.whole;
      return;
    }
    case "bytes": {
      const field = pick(
        leaves(section.content).filter(({ form }) => form === "bytes"),
        one.place,
      );
      if (field?.form === "bytes") field.value = one.bytes;
      return;
    }
    case "repeat":
    case "drop": {
      const holder = pick(nodes(section.content), one.place);
      const index = Math.floor(one.place * (holder?.fields.length ?? 0));
      const field = holder?.fields[index];
      if (holder === undefined || field === undefined || leaves(field).length * one.times > MOST_FIELDS) return;
      const copies = Array<Field>(one.change === "drop" ? 0 : one.times).fill(field);
      holder.fields = [...holder.fields.slice(0, index), ...copies, ...holder.fields.slice(index + 1)];
      return;
    }
  }
}

/** The edits in words that stand in a test's message. */
export function inWords(list: readonly Edit[]): string {
  return JSON.stringify(list, (_, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  );
}
