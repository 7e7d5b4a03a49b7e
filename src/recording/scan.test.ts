// Chunks that are found without an index, among bytes that are none: where each piece of a file is known, and what the end of it is.
import { describe, expect, test } from "vitest";
import { ByteWriter } from "../base/bytes.ts";
import type { ChunkSummary } from "../heap/run.ts";
import { indexEntry, packHeaderBefore, writeChunk, writeIndex } from "./chunk-format.ts";
import { bytesSource, type RandomAccess } from "./random-access.ts";
import { followingChunks, scanChunks } from "./scan.ts";

const summary: ChunkSummary = {
  firstRow: 0,
  startTime: 0,
  endTime: 0,
  minBytes: 0,
  maxBytes: 0,
  maxRow: 0,
  lastBytes: 0,
  allocatedBytes: 0,
  rows: 0,
  lastBlocks: 0,
  allocations: 0,
  frees: 0,
  noteKinds: 0,
  hasKeyFrame: false,
  hasTotals: false,
  hasText: false,
};
const START = 16;

interface Piece {
  readonly bytes: Uint8Array;
  readonly header: Uint8Array;
}

/** A chunk of that number, with so many sections; `before` is what stands in front of it. */
function chunk(number: number, sections = 1, before?: { readonly offset: number; readonly header: Uint8Array }): Piece {
  const parts = Array.from({ length: sections }, (_, i) => ({ id: 1, bytes: new Uint8Array(20).fill(i) }));
  if (before !== undefined) {
    const writer = new ByteWriter();
    packHeaderBefore(before.offset, before.header, writer);
    parts.push({ id: 9, bytes: writer.toBytes() });
  }
  const { header, chunk: bytes } = writeChunk({ ...summary, firstRow: number }, parts);
  return { header, bytes: bytes.slice() };
}

const file = (...pieces: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(Buffer.concat([new Uint8Array(START), ...pieces]));
const scanned = async (bytes: Uint8Array): Promise<unknown> => {
  const { chunks, restored, ...rest } = await scanChunks(bytesSource(bytes), START);
  const told = (all: typeof restored): unknown => all.map(({ offset, header }) => [offset, header.summary.firstRow]);
  return { chunks: told(chunks), restored: told(restored), ...rest };
};
/** Bytes that often begin as a chunk does. */
const junk = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => "CCHCHNCHNC".charCodeAt(i % 10));

const [a, b, c] = [chunk(1), chunk(2), chunk(3, 25)];
const none = { restored: [], damagedBytes: 0 };

test("chunks one after the other, headers of more than the usual length among them", async () => {
  expect(c.header.length).toBeGreaterThan(192);
  const bytes = file(a.bytes, c.bytes, b.bytes);
  const chunks = [
    [START, 1],
    [START + a.bytes.length, 3],
    [START + a.bytes.length + c.bytes.length, 2],
  ];
  expect(await scanned(bytes)).toEqual({ ...none, chunks, end: "whole" });
  expect(await scanned(file())).toEqual({ ...none, chunks: [], end: "whole" });
  const following = await followingChunks(bytesSource(bytes), START + a.bytes.length);
  expect(following.map(({ offset, header }) => [offset, header.summary.firstRow])).toEqual(chunks.slice(1));
});

test("a header may be as long as its number of sections makes it, up to 1024 bytes", async () => {
  for (const sections of [9, 10, 11, 12, 102]) {
    const long = chunk(7, sections);
    const found = await scanned(file(long.bytes, a.bytes));
    expect(found).toMatchObject({
      chunks: [
        [START, 7],
        [START + long.bytes.length, 1],
      ],
      damagedBytes: 0,
    });
  }
  const longer = chunk(7, 103);
  expect(longer.header.length).toBeGreaterThan(1024);
  expect(await scanned(file(longer.bytes, a.bytes))).toMatchObject({ chunks: [[START + longer.bytes.length, 1]] });
});

test("bytes that are none are counted, however many there are in front of the next chunk", async () => {
  for (const length of [1, 3, 4, 100, 65_531, 65_532, 65_533, 65_534, 65_535, 65_536, 65_537, 65_540, 131_073]) {
    const at = START + a.bytes.length + length;
    expect(await scanned(file(a.bytes, junk(length), b.bytes))).toEqual({
      ...none,
      chunks: [
        [START, 1],
        [at, 2],
      ],
      damagedBytes: length,
      end: "whole",
    });
    const following = await followingChunks(bytesSource(file(a.bytes, junk(length), b.bytes)), START);
    expect(following.length).toBe(1);
  }
});

test("a chunk's name alone is no chunk, and what lies behind it is searched", async () => {
  const name = new TextEncoder().encode("CHNK");
  const bytes = file(name, name, a.bytes.slice(0, 90), name, b.bytes);
  expect(await scanned(bytes)).toEqual({ ...none, chunks: [[START + 102, 2]], damagedBytes: 102, end: "whole" });
});

describe("a chunk whose header is damaged", () => {
  const first = chunk(1);
  const second = chunk(2, 1, { offset: START, header: first.header });
  const hit = first.bytes.with(20, 99);

  test("is known from the chunk behind it", async () => {
    expect(await scanned(file(hit, second.bytes))).toEqual({
      chunks: [
        [START, 1],
        [START + first.bytes.length, 2],
      ],
      restored: [[START, 1]],
      damagedBytes: 0,
      end: "whole",
    });
  });

  test.each([
    ["what the chunk behind tells is damaged too", second.bytes.with(-3, 99)],
    ["another offset is told", chunk(2, 1, { offset: START + 1, header: first.header }).bytes],
    ["another length is told", chunk(2, 1, { offset: START, header: chunk(1, 2).header }).bytes],
    ["nothing is told", b.bytes],
  ])("not where %s", async (_, behind) => {
    expect(await scanned(file(hit, behind))).toEqual({
      chunks: [[START + hit.length, 2]],
      restored: [],
      damagedBytes: hit.length,
      end: "whole",
    });
  });

  test("not where the file is damaged in front of it as well", async () => {
    expect(await scanned(file(junk(5), hit, second.bytes))).toMatchObject({
      restored: [],
      damagedBytes: 5 + hit.length,
    });
  });
});

describe("the end of a file", () => {
  const headers = new ByteWriter();
  headers.f64(START);
  headers.blob(indexEntry(a.header));
  const index = writeIndex(headers, START + a.bytes.length);
  const ends = async (...pieces: readonly Uint8Array[]): Promise<unknown> =>
    (await scanChunks(bytesSource(file(a.bytes, ...pieces)), START)).end;

  test("a chunk that is cut anywhere looks as if more had come", async () => {
    for (const whole of [b, c])
      for (let length = 1; length < whole.bytes.length; length++) {
        // Behind a whole header, or where it cannot be told.
        const isKnown = length >= 12;
        expect([length, await ends(whole.bytes.slice(0, length))]).toEqual([length, "cut"]);
        if (isKnown && length >= whole.header.length)
          expect(await ends(whole.bytes.slice(0, length).with(30, 9))).toBe("damaged");
      }
  });

  test("a whole chunk that is damaged is no cut, nor are other bytes", async () => {
    expect(await ends(b.bytes.with(20, 99))).toBe("damaged");
    expect(await ends(new Uint8Array(12).fill(7))).toBe("damaged");
    expect(await ends(new Uint8Array(11).fill(7))).toBe("cut");
    expect(await ends(junk(200))).toBe("damaged");
  });

  test("an index, whole, cut or damaged", async () => {
    expect(await ends(index)).toBe("index");
    for (let length = 1; length < index.length; length++)
      expect([length, await ends(index.slice(0, length))]).toEqual([length, "cut"]);
    for (let at = 8; at < index.length; at++) expect([at, await ends(index.with(at, 0x77))]).toEqual([at, "index"]);
    expect(await ends(index, new Uint8Array(5))).toBe("index");
    expect(await ends(index.with(0, 7))).toBe("index");
    expect(await ends(index.with(0, 7).with(-1, 7))).toBe("damaged");
  });
});

test("no more is read at once than a piece of the search, and a header no more often than it takes", async () => {
  const bytes = file(a.bytes, junk(200_000), b.bytes);
  const reads: [number, number][] = [];
  const memory = bytesSource(bytes);
  const source: RandomAccess = {
    size: bytes.length,
    read: (offset, length) => {
      reads.push([offset, length]);
      return memory.read(offset, length);
    },
  };
  await scanChunks(source, START);
  expect(Math.max(...reads.map(([, length]) => length))).toBe(65_539);
  expect(reads.filter(([offset]) => offset === START)).toEqual([[START, 192]]);
  expect(reads.filter(([, length]) => length === 65_539).map(([offset]) => offset - START - a.bytes.length)).toEqual([
    1, 65_537, 131_073, 196_609,
  ]);
});
