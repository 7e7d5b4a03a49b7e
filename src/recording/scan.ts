// Finds the chunks of a recording that has no index: from header to header, and past damage to the next header that is whole.

import { ByteReader } from "../base/bytes.ts";
import {
  CHUNK_MAGIC,
  INDEX_MAGIC,
  MOST_HEADER_BYTES,
  readChunkHeader,
  readHeaderBefore,
  readTrailer,
  SectionId,
  TRAILER_BYTES,
  type FoundChunk,
} from "./chunk-format.ts";
import type { RandomAccess } from "./random-access.ts";

/** Bytes looked through at a time while searching behind damage. */
const SEARCH_BYTES = 1 << 16;
/** Headers are mostly this short; longer ones cost a second read. */
const LIKELY_HEADER_BYTES = 192;

export interface ScanResult {
  readonly chunks: FoundChunk[];
  /** Bytes that belong to no whole chunk. */
  readonly damagedBytes: number;
  /** Headers that were damaged where they stand. */
  readonly restored: readonly FoundChunk[];
  /** What the last bytes are, if they are no whole chunk. */
  readonly end: "whole" | "cut" | "index" | "damaged";
}

export async function scanChunks(source: RandomAccess, start: number): Promise<ScanResult> {
  const chunks: FoundChunk[] = [];
  const restored: FoundChunk[] = [];
  let damagedBytes = 0;
  let end: ScanResult["end"] = "whole";
  let offset = start;
  while (offset < source.size) {
    const header = await headerAt(source, offset);
    if (header !== undefined && offset + header.length <= source.size) {
      chunks.push({ offset, header });
      offset += header.length;
      continue;
    }
    const next = await findMagic(source, offset + 1);
    if (next === source.size) end = await endOf(source, offset);
    const missed = next < source.size ? await missedChunk(source, next, offset) : undefined;
    if (missed !== undefined) {
      chunks.push(missed);
      restored.push(missed);
    }
    damagedBytes += next - offset - (missed?.header.length ?? 0);
    offset = next;
  }
  return { chunks, damagedBytes, restored, end };
}

/** The chunk at `offset`, whose own header is damaged, as the chunk behind it tells. */
async function missedChunk(source: RandomAccess, next: number, offset: number): Promise<FoundChunk | undefined> {
  const header = await headerAt(source, next);
  const section = header?.sections.find(({ id }) => id === SectionId.HEADER_BEFORE);
  if (section === undefined) return undefined;
  // It has a checksum of its own, and its place is compared.
  const before = readHeaderBefore(await source.read(next + section.offset, section.length));
  return before?.offset === offset && offset + before.header.length === next ? before : undefined;
}

/** Of the file's last bytes, which are no whole chunk: a chunk or an index that ends too early looks as if more had come. */
async function endOf(source: RandomAccess, offset: number): Promise<ScanResult["end"]> {
  const bytes = await source.read(offset, MOST_HEADER_BYTES);
  const trailer = readTrailer(await source.read(source.size - TRAILER_BYTES, TRAILER_BYTES));
  if (trailer?.offset === offset) return "index";
  if (bytes.length < 12) return "cut";
  const reader = new ByteReader(bytes);
  const [magic, length, headerLength] = [reader.u32(), reader.u32(), reader.u32()];
  if (magic === INDEX_MAGIC) return offset + length + 12 + TRAILER_BYTES > source.size ? "cut" : "index";
  if (magic !== CHUNK_MAGIC || offset + length <= source.size) return "damaged";
  return headerLength > bytes.length || readChunkHeader(bytes) !== undefined ? "cut" : "damaged";
}

/** The whole chunks from `start` on, up to the first place where none is: a recording that grows ends in the middle of one. */
export async function followingChunks(source: RandomAccess, start: number): Promise<FoundChunk[]> {
  const chunks: FoundChunk[] = [];
  for (let offset = start; offset < source.size;) {
    const header = await headerAt(source, offset);
    if (header === undefined || offset + header.length > source.size) break;
    chunks.push({ offset, header });
    offset += header.length;
  }
  return chunks;
}

async function headerAt(source: RandomAccess, offset: number): ReturnType<typeof readWhole> {
  const read = source.read(offset, LIKELY_HEADER_BYTES);
  const bytes = read instanceof Promise ? await read : read;
  return readChunkHeader(bytes) ?? readWhole(source, offset, bytes);
}

/** Tries once more with as many bytes as a header can have, if this looks like one. */
async function readWhole(
  source: RandomAccess,
  offset: number,
  bytes: Uint8Array,
): Promise<ReturnType<typeof readChunkHeader>> {
  const longer = (bytes[8] ?? 0) | ((bytes[9] ?? 0) << 8);
  if (longer <= bytes.length || longer > MOST_HEADER_BYTES) return undefined;
  return readChunkHeader(await source.read(offset, longer));
}

/** Offset of the next chunk magic at or after `from`; the source's size where there is none. */
async function findMagic(source: RandomAccess, from: number): Promise<number> {
  for (let offset = from; offset < source.size; offset += SEARCH_BYTES) {
    // Three bytes more, for a magic across the border.
    const bytes = await source.read(offset, SEARCH_BYTES + 3);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const nextC = (behind: number): number => bytes.indexOf(CHUNK_MAGIC & 0xff, behind);
    for (let at = nextC(0); at >= 0 && at + 4 <= bytes.length; at = nextC(at + 1))
      if (view.getUint32(at, true) === CHUNK_MAGIC) return offset + at;
  }
  return source.size;
}
