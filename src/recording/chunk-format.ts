// The file's skeleton: its header, each chunk's header, the index and the trailer. FORMAT.md has the layout.

import { ByteReader, ByteWriter } from "../base/bytes.ts";
import { CHUNK_ROWS } from "../heap/rows.ts";
import type { ChunkSummary } from "../heap/run.ts";
import { crc32 } from "../base/crc32.ts";

export const FORMAT_VERSION = 2;
/** As in PNG: a byte that is no ASCII, the name, and line ends that a careless transfer would change. */
export const FILE_MAGIC = [0x89, 0x4d, 0x4d, 0x41, 0x50, 0x0d, 0x0a, 0x1a] as const;
export const FILE_HEADER_BYTES = 16;

/** "CHNK", "INDX" and "TAIL" as bytes in a file. */
export const CHUNK_MAGIC = 0x4b4e4843;
export const INDEX_MAGIC = 0x58444e49;
const TRAILER_MAGIC = 0x4c494154;
export const TRAILER_BYTES = 24;

/** Magic, length of the chunk, length of its header. */
const CHUNK_PREFIX_BYTES = 12;
/** No header is longer; a reader that finds a larger number has found damage. */
export const MOST_HEADER_BYTES = 1024;

export const SectionId = {
  ROWS: 1,
  NOTES: 2,
  TEXT: 3,
  KEY_FRAME: 4,
  TOTALS: 5,
  STACKS: 6,
  /** The notes that make up the tables, and the stacks, once more. */
  NOTES_COPY: 7,
  STACKS_COPY: 8,
  /** Where the chunk before begins, and its header: one that is damaged is found without an index too. */
  HEADER_BEFORE: 9,
} as const;

export interface Section {
  readonly id: number;
  /** From the chunk's first byte. */
  readonly offset: number;
  readonly length: number;
  readonly crc: number;
}

export interface ChunkHeader {
  readonly summary: ChunkSummary;
  /** Bytes of the whole chunk. */
  readonly length: number;
  readonly sections: readonly Section[];
}

/** A chunk and where it begins in the file. */
export interface FoundChunk {
  readonly offset: number;
  readonly header: ChunkHeader;
}

export function fileHeader(): Uint8Array {
  const writer = new ByteWriter(FILE_HEADER_BYTES);
  writer.raw(Uint8Array.from(FILE_MAGIC));
  writer.u32(FORMAT_VERSION);
  writer.u32(crc32(writer.view()));
  return writer.toBytes();
}

/** Writes a chunk: header and sections. */
export function writeChunk(
  summary: ChunkSummary,
  sections: readonly { readonly id: number; readonly bytes: Uint8Array }[],
): { readonly header: Uint8Array; readonly chunk: Uint8Array } {
  const writer = new ByteWriter(MOST_HEADER_BYTES + sections.reduce((sum, { bytes }) => sum + bytes.length, 0));
  writer.u32(CHUNK_MAGIC);
  writer.u32(0);
  writer.u32(0);
  writer.f64(summary.firstRow);
  writer.f64(summary.startTime);
  writer.f64(summary.endTime);
  writer.f64(summary.minBytes);
  writer.f64(summary.maxBytes);
  writer.f64(summary.maxRow);
  writer.f64(summary.lastBytes);
  writer.f64(summary.allocatedBytes);
  writer.u32(summary.rows);
  writer.u32(summary.lastBlocks);
  writer.u32(summary.allocations);
  writer.u32(summary.frees);
  writer.u32(summary.noteKinds);
  writer.u8(sections.length);
  for (const { id, bytes } of sections) {
    writer.u8(id);
    writer.u32(bytes.length);
    writer.u32(crc32(bytes));
  }
  const headerLength = writer.length + 4;
  writer.patchU32(4, headerLength + sections.reduce((sum, { bytes }) => sum + bytes.length, 0));
  writer.patchU32(8, headerLength);
  writer.u32(crc32(writer.view()));
  const header = writer.toBytes();
  for (const { bytes } of sections) writer.raw(bytes);
  return { header, chunk: writer.view() };
}

export function packHeaderBefore(offset: number, header: Uint8Array, into: ByteWriter): void {
  into.f64(offset);
  into.raw(header.subarray(4));
}

/** Undefined where it makes no sense. */
export function readHeaderBefore(bytes: Uint8Array): FoundChunk | undefined {
  const offset = new ByteReader(bytes).f64();
  const header = headerOf(bytes.subarray(8));
  return header === undefined ? undefined : { offset, header };
}

/** A header that stands somewhere else, without its magic. */
function headerOf(entry: Uint8Array): ChunkHeader | undefined {
  const writer = new ByteWriter(256);
  writer.u32(CHUNK_MAGIC);
  writer.raw(entry);
  return readChunkHeader(writer.view());
}

/** Reads a chunk's header; `bytes` begins with it and may go on. Undefined where it is no whole, undamaged header, or one that no recorder writes. */
export function readChunkHeader(bytes: Uint8Array): ChunkHeader | undefined {
  const prefix = new ByteReader(bytes);
  const magic = prefix.u32();
  const length = prefix.u32();
  const headerLength = prefix.u32();
  if (magic !== CHUNK_MAGIC || headerLength > MOST_HEADER_BYTES || headerLength > bytes.length) return undefined;
  if (headerLength < CHUNK_PREFIX_BYTES || length < headerLength) return undefined;
  const crc = new ByteReader(bytes.subarray(headerLength - 4)).u32();
  if (crc32(bytes, 0, headerLength - 4) !== crc) return undefined;

  const reader = new ByteReader(bytes.subarray(CHUNK_PREFIX_BYTES, headerLength - 4));
  const numbers = {
    firstRow: reader.f64(),
    startTime: reader.f64(),
    endTime: reader.f64(),
    minBytes: reader.f64(),
    maxBytes: reader.f64(),
    maxRow: reader.f64(),
    lastBytes: reader.f64(),
    allocatedBytes: reader.f64(),
    rows: reader.u32(),
    lastBlocks: reader.u32(),
    allocations: reader.u32(),
    frees: reader.u32(),
    noteKinds: reader.u32(),
  };
  const sections: Section[] = [];
  let offset = headerLength;
  for (let left = reader.u8(); left > 0; left--) {
    const section = { id: reader.u8(), offset, length: reader.u32(), crc: reader.u32() };
    sections.push(section);
    offset += section.length;
  }
  if (reader.failed || offset > length || !Object.values(numbers).every(isPossible)) return undefined;
  const { firstRow, startTime, endTime, minBytes, maxBytes, maxRow, rows } = numbers;
  // Who reads up to a part of a row would never come to it.
  if (!Number.isInteger(firstRow) || !Number.isInteger(maxRow)) return undefined;
  if (rows > CHUNK_ROWS || endTime < startTime || maxBytes < minBytes) return undefined;
  const has = (id: number): boolean => sections.some((section) => section.id === id);
  return {
    length,
    sections,
    summary: {
      ...numbers,
      hasKeyFrame: has(SectionId.KEY_FRAME),
      hasTotals: has(SectionId.TOTALS),
      hasText: has(SectionId.TEXT),
    },
  };
}

/** Times, bytes and counts: sums of them must stay numbers. */
function isPossible(value: number): boolean {
  return value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

/** A header as the index has it: without its magic, so that a search behind damage does not take it for a chunk. */
export function indexEntry(header: Uint8Array): Uint8Array {
  return header.subarray(4);
}

/** All chunk headers in one piece, and the trailer that says where it is. `at`: the file's length before it. */
export function writeIndex(headers: ByteWriter, at: number): Uint8Array {
  const writer = new ByteWriter(headers.length + 64);
  writer.u32(INDEX_MAGIC);
  writer.u32(headers.length);
  writer.raw(headers.view());
  writer.u32(crc32(writer.view()));
  const length = writer.length;
  const trailer = new ByteWriter(TRAILER_BYTES);
  trailer.f64(at);
  trailer.f64(length);
  trailer.u32(TRAILER_MAGIC);
  trailer.u32(crc32(trailer.view()));
  writer.raw(trailer.view());
  return writer.toBytes();
}

/** Where the index is; undefined where the last bytes of a file are no trailer, because it was cut off. */
export function readTrailer(bytes: Uint8Array): { readonly offset: number; readonly length: number } | undefined {
  const reader = new ByteReader(bytes);
  const trailer = { offset: reader.f64(), length: reader.f64() };
  const magic = reader.u32();
  const crc = reader.u32();
  if (reader.failed || magic !== TRAILER_MAGIC || crc !== crc32(bytes, 0, TRAILER_BYTES - 4)) return undefined;
  return trailer;
}

/** The headers of an index; undefined where it is damaged. */
export function readIndex(bytes: Uint8Array): FoundChunk[] | undefined {
  const reader = new ByteReader(bytes);
  const magic = reader.u32();
  const length = reader.u32();
  const headers = reader.take(length);
  const crc = reader.u32();
  if (reader.failed || magic !== INDEX_MAGIC || crc !== crc32(bytes, 0, length + 8)) return undefined;
  const found: FoundChunk[] = [];
  const entries = new ByteReader(headers);
  while (entries.remaining > 0) {
    const offset = entries.f64();
    const header = headerOf(entries.blob());
    if (header === undefined) return undefined;
    found.push({ offset, header });
  }
  return entries.failed ? undefined : found;
}
