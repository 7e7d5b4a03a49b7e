/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays */
// The normalized history, as columns: one row for each allocator event, and one for each correction that a snapshot brought. Rows are what
// the live set applies, what recordings store and what every query replays. 19 bytes a row.

import { countWhile } from "../base/bisect.ts";
import type { Address, Bytes, Microseconds } from "../base/units.ts";

/** What a row says. Numbers are part of the recording format: they never change meaning. */
export const RowOp = {
  ALLOC: 0,
  /** Of a block that the probe knew. `site` is where it was freed, 0 if not told. */
  FREE: 1,
  /** Of a block that the probe did not know. */
  FREE_UNKNOWN: 2,
  /** The block at `address` is being moved: others may get its address, while it still counts as live. */
  REALLOC_BEGIN: 3,
  /** Directly before a REALLOC_END: the old address. */
  REALLOC_FROM: 4,
  /** The new address, size and site. */
  REALLOC_END: 5,
  /** The block at `address` stays. `size` is what was asked for. */
  REALLOC_FAILED: 6,
  /** A snapshot showed a block: one whose allocation was not seen, or, where the same stands there already, that this one is live. */
  FOUND: 7,
  /**
   * A snapshot showed that the block is gone, though its free was not seen. `size`: which of those at this address that were being
   * moved, the oldest is 1; 0: the one that was not.
   */
  GONE: 8,
  /** History is missing here: every live block is uncertain. `size`: how many events are missing, 0 where not known. */
  GAP: 9,
  /** A snapshot or a matching heartbeat proved every live block. */
  SYNC: 10,
  /** The device restarted: nothing is live. */
  RESET: 11,
  /** After a gap the device told its totals: `address` bytes in `size` blocks. */
  DEVICE_TOTALS: 12,
} as const;

export type RowOpCode = (typeof RowOp)[keyof typeof RowOp];
export const ROW_OPS = 13;

/** Most rows of a chunk: fine enough for a timeline from chunk summaries alone, and decoded in a millisecond. */
export const CHUNK_ROWS = 16_384;
/** A chunk's times are 32-bit offsets from its first row: 71 minutes. */
export const CHUNK_MICROSECONDS = 0xffff_ffff;

/** Bytes of the six columns. */
export const ROW_BYTES = 19;

/** Part of a chunk's room from which on the rest is not worth to be cut off. */
const NEARLY_FULL = 0.95;

/** Rows of one chunk. Hot code reads the columns directly; all have at least `length` entries. */
export class Rows {
  length = 0;
  /** Rows of the run before this chunk. */
  firstRow: number;
  /** Run time of the first row, 0 while there is none; `time` counts from it. */
  baseTime: Microseconds;
  readonly op: Uint8Array;
  readonly time: Uint32Array;
  readonly address: Uint32Array;
  readonly size: Uint32Array;
  /** Run-wide site id. */
  readonly site: Uint32Array;
  /** Run-wide task id × 4 + core. */
  readonly context: Uint16Array;

  /** All columns, one behind the other. */
  private readonly buffer: ArrayBuffer;

  /** `buffer`: columns of another of the same capacity. */
  constructor(
    capacity: number,
    firstRow: number,
    baseTime: Microseconds,
    buffer = new ArrayBuffer(capacity * ROW_BYTES),
  ) {
    this.firstRow = firstRow;
    this.baseTime = baseTime;
    this.buffer = buffer;
    this.time = new Uint32Array(buffer, 0, capacity);
    this.address = new Uint32Array(buffer, capacity * 4, capacity);
    this.size = new Uint32Array(buffer, capacity * 8, capacity);
    this.site = new Uint32Array(buffer, capacity * 12, capacity);
    this.context = new Uint16Array(buffer, capacity * 16, capacity);
    this.op = new Uint8Array(buffer, capacity * 18, capacity);
  }

  get capacity(): number {
    return this.op.length;
  }

  push(op: RowOpCode, time: Microseconds, address: Address, size: Bytes, site: number, context: number): void {
    const i = this.length++;
    if (i === 0) this.baseTime = time;
    this.op[i] = op;
    this.time[i] = time - this.baseTime;
    this.address[i] = address;
    this.size[i] = size;
    this.site[i] = site;
    this.context[i] = context;
  }

  /** Empties it for the next chunk. */
  restart(firstRow: number): void {
    this.length = 0;
    this.firstRow = firstRow;
    this.baseTime = 0;
  }

  /** Empties it, so that what is not written is 0. */
  clear(firstRow: number, baseTime: Microseconds): void {
    new Uint8Array(this.buffer).fill(0);
    this.length = 0;
    this.firstRow = firstRow;
    this.baseTime = baseTime;
  }

  /** The same rows in columns of their own, with next to no room for more. */
  copy(): Rows {
    const { length, firstRow, baseTime } = this;
    // Nearly full ones, as most are, in one go.
    if (length > this.capacity * NEARLY_FULL) {
      const rows = new Rows(this.capacity, firstRow, baseTime, this.buffer.slice(0));
      rows.length = length;
      return rows;
    }
    const rows = new Rows(length, firstRow, baseTime);
    rows.op.set(this.op.subarray(0, length));
    rows.time.set(this.time.subarray(0, length));
    rows.address.set(this.address.subarray(0, length));
    rows.size.set(this.size.subarray(0, length));
    rows.site.set(this.site.subarray(0, length));
    rows.context.set(this.context.subarray(0, length));
    rows.length = length;
    return rows;
  }
}

/** Number of rows at or before `time`. */
export function rowsUntil(rows: Rows, time: Microseconds): number {
  return countWhile(rows.length, (row) => rows.baseTime + rows.time[row]! <= time);
}

/** Number of rows before `time`. */
export function rowsBefore(rows: Rows, time: Microseconds): number {
  let count = rowsUntil(rows, time);
  while (count > 0 && rows.baseTime + rows.time[count - 1]! >= time) count--;
  return count;
}
