// Finds the chunks of a recording that has no index: from header to header, and past damage to the next header that is whole.

import { CHUNK_MAGIC, MOST_HEADER_BYTES, readChunkHeader, type FoundChunk } from "./chunk-format.ts";
import type { RandomAccess } from "./random-access.ts";

/** Bytes looked through at a time while searching behind damage. */
const SEARCH_BYTES = 1 << 16;
/** Headers are mostly this short; longer ones cost a second read. */
const LIKELY_HEADER_BYTES = 192;

export interface ScanResult {
  readonly chunks: FoundChunk[];
  /** Bytes that belong to no whole chunk. */
  readonly damagedBytes: number;
}

export async function scanChunks(source: RandomAccess, start: number): Promise<ScanResult> {
  const chunks: FoundChunk[] = [];
  let damagedBytes = 0;
  let offset = start;
  while (offset < source.size) {
    const header = await headerAt(source, offset);
    if (header !== undefined && offset + header.length <= source.size) {
      chunks.push({ offset, header });
      offset += header.length;
      continue;
    }
    const next = await findMagic(source, offset + 1);
    damagedBytes += next - offset;
    offset = next;
  }
  return { chunks, damagedBytes };
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
    let at = bytes.indexOf(CHUNK_MAGIC & 0xff);
    while (at >= 0 && at + 4 <= bytes.length) {
      const word =
        (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
      if (word === CHUNK_MAGIC) return offset + at;
      at = bytes.indexOf(CHUNK_MAGIC & 0xff, at + 1);
    }
  }
  return source.size;
}
