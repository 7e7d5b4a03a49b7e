// What ESP-IDF's TLSF makes of a request: it looks for, and cuts, a block of the smallest size of the first list all of whose blocks are large enough.
// So 16,717 bytes need a block of 16,896 in a pool of 300 KiB, and 614,400 one of 622,592.
import type { Bytes } from "../base/units.ts";

/** A block's size word before the user's bytes (espressif/tlsf, 32 bits). */
export const HEADER_BYTES = 4;
/** Sizes are multiples of 4 and at least this. */
export const SMALLEST_BLOCK = 12;
/** A hole smaller than this cannot be a block of its own and stays with its neighbour. */
export const SMALLEST_HOLE = HEADER_BYTES + SMALLEST_BLOCK;

/** Lists for each power of two, as a power of two; by the size of the pool. */
function listsLog2(pool: Bytes): number {
  return pool <= 16 * 1024 ? 3 : pool <= 256 * 1024 ? 4 : 5;
}

/** The block that a request becomes. */
export function blockBytes(request: Bytes, pool: Bytes): Bytes {
  const bytes = Math.max(SMALLEST_BLOCK, Math.ceil(request / 4) * 4);
  const log2 = listsLog2(pool);
  if (bytes < 1 << (log2 + 2)) return bytes;
  const step = 1 << (31 - Math.clz32(bytes) - log2);
  return Math.ceil(bytes / step) * step;
}

/** More than any pool has. */
export const LISTS = 1024;

/** Number of the list that a hole of so many usable bytes is in; larger holes are in the same or a later one. */
export function listOf(bytes: Bytes, pool: Bytes): number {
  const log2 = listsLog2(pool);
  if (bytes < 1 << (log2 + 2)) return bytes >>> 2;
  const power = 31 - Math.clz32(bytes);
  return ((power - log2 - 1) << log2) + (bytes >>> (power - log2)) - (1 << log2);
}

/** The heap's own tables at the start of a pool of this size, with the ends of the pool. */
export function tableBytes(pool: Bytes): Bytes {
  const log2 = listsLog2(pool);
  const first = 32 - Math.clz32(pool) - (log2 + 2) + 1;
  return 20 + 36 + 4 * first + 4 * first * 2 ** log2 + 8;
}
