// The file's skeleton: each field comes back, and what no recorder writes is refused exactly where FORMAT.md says.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteWriter } from "../base/bytes.ts";
import { crc32 } from "../base/crc32.ts";
import { CHUNK_ROWS } from "../heap/rows.ts";
import type { ChunkSummary } from "../heap/run.ts";
import {
  indexEntry,
  packHeaderBefore,
  readChunkHeader,
  readHeaderBefore,
  readIndex,
  readTrailer,
  TRAILER_BYTES,
  writeChunk,
  writeIndex,
} from "./chunk-format.ts";

const most = Number.MAX_SAFE_INTEGER;
const whole = fc.oneof(fc.nat(1000), fc.maxSafeNat());
const word = fc.oneof(fc.nat(1000), fc.integer({ min: 0, max: 0xffff_ffff }));
const summaries: fc.Arbitrary<ChunkSummary> = fc
  .record({
    firstRow: whole,
    times: fc.tuple(whole, whole),
    bytes: fc.tuple(whole, whole),
    maxRow: whole,
    lastBytes: whole,
    allocatedBytes: whole,
    rows: fc.oneof(fc.nat(CHUNK_ROWS), fc.constant(CHUNK_ROWS)),
    lastBlocks: word,
    allocations: word,
    frees: word,
    noteKinds: word,
  })
  .map(({ times, bytes, ...rest }) => ({
    ...rest,
    startTime: Math.min(...times),
    endTime: Math.max(...times),
    minBytes: Math.min(...bytes),
    maxBytes: Math.max(...bytes),
    hasKeyFrame: false,
    hasTotals: false,
    hasText: false,
  }));
const sections = fc.array(fc.record({ id: fc.integer({ min: 1, max: 12 }), bytes: fc.uint8Array({ maxLength: 40 }) }), {
  maxLength: 12,
});

test("each field and section of a chunk comes back, from its header in the file, in the next chunk and in the index", () => {
  fc.assert(
    fc.property(summaries, sections, fc.nat(1e9), (summary, parts, offset) => {
      const { header, chunk } = writeChunk(summary, parts);
      const read = readChunkHeader(chunk);
      expect(read?.summary).toEqual({
        ...summary,
        hasKeyFrame: parts.some(({ id }) => id === 4),
        hasTotals: parts.some(({ id }) => id === 5),
        hasText: parts.some(({ id }) => id === 3),
      });
      expect(read?.length).toBe(chunk.length);
      const contents = read?.sections.map(({ id, offset: at, length, crc }) => {
        const bytes = chunk.slice(at, at + length);
        expect(crc32(bytes)).toBe(crc);
        return { id, bytes };
      });
      expect(contents).toEqual(parts);
      expect(readChunkHeader(header)).toEqual(read);
      expect(readChunkHeader(header.subarray(0, -1))).toBeUndefined();
      const before = new ByteWriter();
      packHeaderBefore(offset, header, before);
      expect(readHeaderBefore(before.view())).toEqual({ offset, header: read });
      const headers = new ByteWriter();
      for (const at of [offset, offset + 1]) {
        headers.f64(at);
        headers.blob(indexEntry(header));
      }
      const index = writeIndex(headers, offset);
      const trailer = readTrailer(index.subarray(-TRAILER_BYTES));
      expect(trailer).toEqual({ offset, length: index.length - TRAILER_BYTES });
      expect(readIndex(index.subarray(0, -TRAILER_BYTES))).toEqual([
        { offset, header: read },
        { offset: offset + 1, header: read },
      ]);
    }),
  );
});

const plain: ChunkSummary = {
  firstRow: 1,
  startTime: 2,
  endTime: 3,
  minBytes: 4,
  maxBytes: 5,
  maxRow: 6,
  lastBytes: 7,
  allocatedBytes: 8,
  rows: 9,
  lastBlocks: 10,
  allocations: 11,
  frees: 12,
  noteKinds: 13,
  hasKeyFrame: false,
  hasTotals: false,
  hasText: false,
};

describe("a header that no recorder writes is none", () => {
  const reads = (change: Partial<ChunkSummary>): boolean =>
    readChunkHeader(writeChunk({ ...plain, ...change }, []).header) !== undefined;

  const wide = [
    "firstRow",
    "startTime",
    "endTime",
    "minBytes",
    "maxBytes",
    "maxRow",
    "lastBytes",
    "allocatedBytes",
  ] as const;

  test.each(wide)("%s is from 0 to 2^53 - 1", (name) => {
    // What has to be in order is, as far as it can be.
    const order = name === "startTime" ? { endTime: most } : name === "minBytes" ? { maxBytes: most } : {};
    const low = name === "endTime" ? { startTime: 0 } : name === "maxBytes" ? { minBytes: 0 } : {};
    for (const value of [0, most]) expect(reads({ ...order, ...low, [name]: value })).toBe(true);
    for (const value of [-1, NaN, Infinity, 2 ** 53]) expect(reads({ ...order, ...low, [name]: value })).toBe(false);
  });

  test("rows are whole", () => {
    for (const name of ["firstRow", "maxRow"])
      for (const value of [0.5, Number.MIN_VALUE]) expect(reads({ [name]: value })).toBe(false);
  });

  test("rows, times and bytes have their limits", () => {
    expect(reads({ rows: CHUNK_ROWS })).toBe(true);
    expect(reads({ rows: CHUNK_ROWS + 1 })).toBe(false);
    expect(reads({ startTime: 3 })).toBe(true);
    expect(reads({ startTime: 4 })).toBe(false);
    expect(reads({ minBytes: 5 })).toBe(true);
    expect(reads({ minBytes: 6 })).toBe(false);
  });

  const { header, chunk } = writeChunk(plain, [{ id: 1, bytes: Uint8Array.of(1, 2, 3) }]);
  /** With the header's two lengths changed, and its CRC right again. */
  const withLengths = (length: number, headerLength = header.length): Uint8Array => {
    const bytes = new Uint8Array(1100);
    bytes.set(header);
    const view = new DataView(bytes.buffer);
    view.setUint32(4, length, true);
    view.setUint32(8, headerLength, true);
    if (headerLength >= 4 && headerLength <= bytes.length)
      view.setUint32(headerLength - 4, crc32(bytes, 0, headerLength - 4), true);
    return bytes;
  };

  test("its sections end within the chunk", () => {
    expect(readChunkHeader(withLengths(chunk.length))?.length).toBe(chunk.length);
    expect(readChunkHeader(withLengths(chunk.length + 1))?.length).toBe(chunk.length + 1);
    expect(readChunkHeader(withLengths(chunk.length - 1))).toBeUndefined();
  });

  test("it ends within its chunk, in no more than 1024 bytes, and holds at least what all have", () => {
    expect(readChunkHeader(withLengths(2000, 1024))).toBeDefined();
    expect(readChunkHeader(withLengths(2000, 1025))).toBeUndefined();
    expect(readChunkHeader(withLengths(1023, 1024))).toBeUndefined();
    for (const headerLength of [0, 3, 4, 11, 12, 15, 16, 17, 50, header.length - 1])
      expect(readChunkHeader(withLengths(2000, headerLength))).toBeUndefined();
  });

  test("any flipped bit is noticed, wherever it stands", () => {
    for (let bit = 0; bit < header.length * 8; bit++) {
      const hit = header.slice();
      hit[bit >> 3] = (hit[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(readChunkHeader(hit)).toBeUndefined();
    }
  });

  test("in another place too", () => {
    const before = new ByteWriter();
    packHeaderBefore(5, header, before);
    const bytes = before.toBytes();
    expect(readHeaderBefore(bytes)).toMatchObject({ offset: 5 });
    expect(readHeaderBefore(bytes.with(20, 1))).toBeUndefined();
    expect(readHeaderBefore(bytes.subarray(0, -1))).toBeUndefined();
    expect(readHeaderBefore(new Uint8Array(0))).toBeUndefined();
  });
});

describe("an index and its trailer", () => {
  const headers = new ByteWriter();
  const { header } = writeChunk(plain, []);
  headers.f64(16);
  headers.blob(indexEntry(header));
  const bytes = writeIndex(headers, 1000);
  const index = bytes.slice(0, -TRAILER_BYTES);
  const trailer = bytes.slice(-TRAILER_BYTES);

  test("any flipped bit is noticed, and any cut", () => {
    for (const [whole, read] of [
      [index, readIndex],
      [trailer, readTrailer],
    ] as const) {
      expect(read(whole)).toBeDefined();
      for (let bit = 0; bit < whole.length * 8; bit++) {
        const hit = whole.slice();
        hit[bit >> 3] = (hit[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(read(hit)).toBeUndefined();
      }
      for (let end = 0; end < whole.length; end++) expect(read(whole.subarray(0, end))).toBeUndefined();
    }
  });

  /** With other contents, and its CRC right. */
  const indexOf = (contents: Uint8Array): Uint8Array => {
    const inner = new ByteWriter();
    inner.raw(contents);
    return writeIndex(inner, 0).slice(0, -TRAILER_BYTES);
  };

  test("one with a header that is none is none, and so is one that ends within an entry", () => {
    expect(readIndex(indexOf(headers.view()))?.length).toBe(1);
    expect(readIndex(indexOf(new Uint8Array(0)))).toEqual([]);
    expect(readIndex(indexOf(headers.toBytes().with(60, 99)))).toBeUndefined();
    for (const more of [[0], [1, 2, 3, 4, 5, 6, 7, 8, 9]])
      expect(readIndex(indexOf(Uint8Array.from([...headers.view(), ...more])))).toBeUndefined();
  });

  test("another magic number with a right CRC is another thing", () => {
    const changed = (piece: Uint8Array, at: number): Uint8Array => {
      const other = piece.with(at, 0x58);
      new DataView(other.buffer).setUint32(other.length - 4, crc32(other, 0, other.length - 4), true);
      return other;
    };
    expect(readIndex(changed(index, 0))).toBeUndefined();
    expect(readTrailer(changed(trailer, 16))).toBeUndefined();
    const chunk = header.with(0, 0x58);
    new DataView(chunk.buffer).setUint32(chunk.length - 4, crc32(chunk, 0, chunk.length - 4), true);
    expect(readChunkHeader(chunk)).toBeUndefined();
  });
});
