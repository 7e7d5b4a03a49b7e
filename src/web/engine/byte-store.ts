// Bytes of recordings where a page can keep them: a file read in slices, a recording that grows in memory, and one that a server holds.
import { MemmapError } from "../../base/errors.ts";
import type { RandomAccess } from "../../recording/random-access.ts";

/** Small reads, as scanning makes them, are served from blocks of this size. */
const BLOCK_BYTES = 1 << 18;
const BLOCKS_KEPT = 256;

/** A file or Blob, in slices: never read as a whole. */
export function blobAccess(blob: Blob): RandomAccess {
  return inBlocks({
    size: blob.size,
    read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
  });
}

export interface GrowingAccess extends RandomAccess {
  size: number;
}

/** A recording that a server is writing: read by ranges; `size` is set as the server tells it. */
export function httpAccess(url: string, size: number): GrowingAccess {
  const source = {
    size,
    async read(offset: number, length: number): Promise<Uint8Array> {
      const end = Math.min(source.size, offset + length);
      if (end <= offset) return new Uint8Array(0);
      const headers = { Range: `bytes=${offset}-${end - 1}` };
      const response = await fetch(url, { headers, cache: "no-store" }).catch((cause: unknown) => {
        throw serverGone("memmap serve does not answer", cause);
      });
      if (!response.ok) throw serverGone(`memmap serve answered ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    },
  };
  const cached = inBlocks(source);
  return {
    get size() {
      return source.size;
    },
    set size(value) {
      source.size = value;
    },
    read: (offset, length) => cached.read(offset, length),
  };
}

function serverGone(message: string, cause?: unknown): MemmapError {
  return new MemmapError(message, {
    code: "server-gone",
    hint: "Start it again with the same recording; this page then goes on.",
    cause,
  });
}

/** Keeps the blocks that were read last. A block at the end of a source that grows is read again when there is more of it. */
function inBlocks(source: RandomAccess): RandomAccess {
  const blocks = new Map<number, Uint8Array>();
  const block = async (index: number): Promise<Uint8Array> => {
    const wanted = Math.min(BLOCK_BYTES, source.size - index * BLOCK_BYTES);
    const kept = blocks.get(index);
    if (kept !== undefined && kept.length >= wanted) {
      blocks.delete(index);
      blocks.set(index, kept); // the youngest
      return kept;
    }
    const bytes = await source.read(index * BLOCK_BYTES, wanted);
    blocks.delete(index);
    blocks.set(index, bytes);
    const oldest = blocks.size > BLOCKS_KEPT ? blocks.keys().next().value : undefined;
    if (oldest !== undefined) blocks.delete(oldest);
    return bytes;
  };
  return {
    get size() {
      return source.size;
    },
    async read(offset, length) {
      const end = Math.min(source.size, offset + length);
      if (end <= offset) return new Uint8Array(0);
      const first = Math.floor(offset / BLOCK_BYTES);
      const last = Math.floor((end - 1) / BLOCK_BYTES);
      if (last - first > 2) return source.read(offset, end - offset);
      if (first === last) {
        const bytes = await block(first);
        return bytes.subarray(offset - first * BLOCK_BYTES, end - first * BLOCK_BYTES);
      }
      const joined = new Uint8Array(end - offset);
      for (let index = first; index <= last; index++) {
        const bytes = await block(index);
        const from = Math.max(offset, index * BLOCK_BYTES);
        const part = bytes.subarray(
          from - index * BLOCK_BYTES,
          Math.min(end, (index + 1) * BLOCK_BYTES) - index * BLOCK_BYTES,
        );
        joined.set(part, from - offset);
      }
      return joined;
    },
  };
}

/** Parts in memory are put together to a Blob, which the browser may keep on disk, when they are this many bytes. */
const PART_BYTES = 8 << 20;

/** A recording while it is made in the page. */
export class ByteStore implements RandomAccess {
  size = 0;
  private readonly blobs: { readonly offset: number; readonly blob: Blob }[] = [];
  private recent: Uint8Array<ArrayBuffer>[] = [];
  private recentOffset = 0;

  /** Takes a copy. */
  append(bytes: Uint8Array): void {
    this.recent.push(bytes.slice());
    this.size += bytes.length;
    if (this.size - this.recentOffset < PART_BYTES) return;
    this.blobs.push({ offset: this.recentOffset, blob: new Blob(this.recent) });
    this.recent = [];
    this.recentOffset = this.size;
  }

  read(offset: number, length: number): Uint8Array | Promise<Uint8Array> {
    const end = Math.min(this.size, offset + length);
    if (end <= offset) return new Uint8Array(0);
    return offset >= this.recentOffset ? this.readRecent(offset, end) : this.readAcross(offset, end);
  }

  /** All of it. */
  toBlob(): Blob {
    return new Blob([...this.blobs.map(({ blob }) => blob), ...this.recent]);
  }

  private readRecent(offset: number, end: number): Uint8Array {
    const bytes = new Uint8Array(end - offset);
    let at = this.recentOffset;
    for (const part of this.recent) {
      const from = Math.max(offset, at);
      const to = Math.min(end, at + part.length);
      if (from < to) bytes.set(part.subarray(from - at, to - at), from - offset);
      at += part.length;
      if (at >= end) break;
    }
    return bytes;
  }

  private async readAcross(offset: number, end: number): Promise<Uint8Array> {
    const parts: BlobPart[] = [];
    for (const { offset: start, blob } of this.blobs) {
      if (start + blob.size <= offset || start >= end) continue;
      parts.push(blob.slice(Math.max(0, offset - start), Math.min(blob.size, end - start)));
    }
    if (end > this.recentOffset) parts.push(this.readRecent(this.recentOffset, end).slice());
    return new Uint8Array(await new Blob(parts).arrayBuffer());
  }
}
