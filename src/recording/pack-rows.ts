/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Rows as packed columns and back. Each column holds only what its rows need, in the fewest whole bytes: FORMAT.md, section ROWS.

import { ByteReader, ByteWriter } from "../base/bytes.ts";
import { MOST_SITES } from "../heap/notes.ts";
import { CHUNK_ROWS, ROW_OPS, RowOp, Rows } from "../heap/rows.ts";

/** Nibbles past the operations: the same row, its address relative to base 1. */
const ALLOC_BASE_1 = 13;
const FREE_BASE_1 = 14;

const ALIGNED = 1;
const FREE_SITES = 2;

/** Which columns an operation has, by RowOp. A FREE has a site only in chunks that say so. */
const HAS_ADDRESS = ops(
  "ALLOC",
  "FREE",
  "FREE_UNKNOWN",
  "REALLOC_BEGIN",
  "REALLOC_FROM",
  "REALLOC_END",
  "REALLOC_FAILED",
  "FOUND",
  "GONE",
);
const HAS_SIZE = ops("ALLOC", "REALLOC_END", "REALLOC_FAILED", "FOUND", "GONE", "DEVICE_TOTALS");
const HAS_SITE = ops("ALLOC", "REALLOC_END", "REALLOC_FAILED", "FOUND");
const HAS_FREE_SITE = ops("ALLOC", "REALLOC_END", "REALLOC_FAILED", "FOUND", "FREE", "FREE_UNKNOWN");

function ops(...names: readonly (keyof typeof RowOp)[]): Uint8Array {
  const has = new Uint8Array(ROW_OPS);
  for (const name of names) has[RowOp[name]] = 1;
  return has;
}

/** Packs rows; keeps its buffers from chunk to chunk. */
export class RowPacker {
  private readonly columns = {
    op: new ByteWriter(CHUNK_ROWS / 2),
    time: new ByteWriter(CHUNK_ROWS * 2),
    address: new ByteWriter(CHUNK_ROWS * 3),
    size: new ByteWriter(CHUNK_ROWS),
    site: new ByteWriter(CHUNK_ROWS),
    context: new ByteWriter(CHUNK_ROWS),
  };
  private readonly nibbles = new Uint8Array(CHUNK_ROWS);

  pack(rows: Rows, into: ByteWriter): void {
    for (const column of Object.values(this.columns)) column.clear();
    const { length, op } = rows;
    const aligned = isAligned(rows);
    const hasSite = freesHaveSites(rows) ? HAS_FREE_SITE : HAS_SITE;
    this.packAddresses(rows, aligned ? 2 : 0);
    this.packTimes(rows);
    for (let i = 0; i < length; i++) {
      const code = op[i]!;
      if (code === RowOp.DEVICE_TOTALS) this.columns.size.varint(rows.address[i]!);
      if (HAS_SIZE[code] === 1) this.columns.size.varint(rows.size[i]!);
      if (hasSite[code] === 1) this.columns.site.varint(rows.site[i]!);
    }
    this.packContexts(rows);
    for (let i = 0; i < length; i += 2) {
      const second = i + 1 < length ? this.nibbles[i + 1]! : 0;
      this.columns.op.u8(this.nibbles[i]! | (second << 4));
    }

    into.varint(length);
    into.f64(rows.baseTime);
    into.u8((aligned ? ALIGNED : 0) | (hasSite === HAS_FREE_SITE ? FREE_SITES : 0));
    for (const column of Object.values(this.columns)) into.varint(column.length);
    for (const column of Object.values(this.columns)) into.raw(column.view8());
  }

  /** Each address relative to the last one on its base; of two bases an ALLOC or FREE takes the nearer. */
  private packAddresses(rows: Rows, shift: number): void {
    const { op, address, length } = rows;
    const out = this.columns.address;
    let base0 = 0;
    let base1 = 0;
    for (let i = 0; i < length; i++) {
      const code = op[i]!;
      this.nibbles[i] = code;
      if (HAS_ADDRESS[code] === 0) continue;
      const unit = address[i]! >>> shift;
      const from0 = unit - base0;
      if (code <= RowOp.FREE) {
        const from1 = unit - base1;
        if (Math.abs(from1) < Math.abs(from0)) {
          this.nibbles[i] = code === RowOp.ALLOC ? ALLOC_BASE_1 : FREE_BASE_1;
          out.zigzag(from1);
          base1 = unit;
          continue;
        }
      }
      out.zigzag(from0);
      base0 = unit;
    }
  }

  private packTimes(rows: Rows): void {
    const { time, length } = rows;
    let last = 0;
    for (let i = 0; i < length; i++) {
      this.columns.time.varint(time[i]! - last);
      last = time[i]!;
    }
  }

  private packContexts(rows: Rows): void {
    const { context, length } = rows;
    let start = 0;
    for (let i = 1; i <= length; i++) {
      if (i < length && context[i] === context[start]) continue;
      this.columns.context.varint(i - start);
      this.columns.context.varint(context[start]!);
      start = i;
    }
  }
}

/** The rows that the bytes tell; undefined where they make no sense. */
export function unpackRows(bytes: Uint8Array, firstRow: number): Rows | undefined {
  const reader = new ByteReader(bytes);
  const length = reader.varint();
  const baseTime = reader.f64();
  const flags = reader.u8();
  const lengths = [0, 0, 0, 0, 0, 0].map(() => reader.varint());
  const [op, time, address, size, site, context] = lengths.map((column) => new ByteReader(reader.raw(column)));
  if (reader.failed || length > CHUNK_ROWS || op === undefined || time === undefined || address === undefined)
    return undefined;
  if (size === undefined || site === undefined || context === undefined || op.remaining * 2 < length) return undefined;

  const rows = new Rows(length, firstRow, baseTime);
  rows.length = length;
  let last = 0;
  for (let i = 0; i < length; i++) rows.time[i] = last += time.varint();
  unpackContexts(rows, context);
  const shift = flags & ALIGNED ? 2 : 0;
  const hasSite = flags & FREE_SITES ? HAS_FREE_SITE : HAS_SITE;
  let base0 = 0;
  let base1 = 0;
  let pair = 0;
  for (let i = 0; i < length; i++) {
    if ((i & 1) === 0) pair = op.u8();
    const nibble = (i & 1) === 0 ? pair & 15 : pair >>> 4;
    if (nibble > FREE_BASE_1) return undefined;
    let code = nibble;
    if (nibble >= ALLOC_BASE_1) {
      code = nibble === ALLOC_BASE_1 ? RowOp.ALLOC : RowOp.FREE;
      base1 += address.zigzag();
      rows.address[i] = base1 << shift;
    } else if (HAS_ADDRESS[code] === 1) {
      base0 += address.zigzag();
      rows.address[i] = base0 << shift;
    } else if (code === RowOp.DEVICE_TOTALS) {
      rows.address[i] = size.varint();
    }
    rows.op[i] = code;
    if (HAS_SIZE[code] === 1) rows.size[i] = size.varint();
    if (hasSite[code] === 1) {
      const id = site.varint();
      if (id >= MOST_SITES) return undefined;
      rows.site[i] = id;
    }
  }
  const failed = [op, time, address, size, site, context].some((column) => column.failed);
  return failed ? undefined : rows;
}

function unpackContexts(rows: Rows, column: ByteReader): void {
  let i = 0;
  while (i < rows.length && column.remaining > 0) {
    const end = Math.min(rows.length, i + Math.max(1, column.varint()));
    const context = column.varint();
    rows.context.fill(context, i, end);
    i = end;
  }
}

function isAligned({ op, address, length }: Rows): boolean {
  for (let i = 0; i < length; i++) if ((address[i]! & 3) !== 0 && HAS_ADDRESS[op[i]!] === 1) return false;
  return true;
}

function freesHaveSites({ op, site, length }: Rows): boolean {
  for (let i = 0; i < length; i++) {
    const isFree = op[i] === RowOp.FREE || op[i] === RowOp.FREE_UNKNOWN;
    if (isFree && site[i] !== 0) return true;
  }
  return false;
}
