/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
/* eslint-disable max-lines -- one idea: the columns of rows, written and read */
// Rows as packed columns and back. Each column holds only what its rows need, in the fewest whole bytes: FORMAT.md, section ROWS.

import { ByteReader, type ByteWriter } from "../base/bytes.ts";
import type { Microseconds } from "../base/units.ts";
import { CHUNK_MICROSECONDS, CHUNK_ROWS, ROW_OPS, RowOp, Rows } from "../heap/rows.ts";

/** Nibbles past the operations: the same row, its address relative to base 1. */
const ALLOC_BASE_1 = 13;
const FREE_BASE_1 = 14;

// Copies of what the loops below need: at every use of an imported name the compiler looks up what it is bound to.
const { ALLOC, FREE, FREE_UNKNOWN, GAP, DEVICE_TOTALS } = RowOp;
const [mostWord, mostContext] = [0xffff_ffff, 0xffff];

const ALIGNED = 1;
const FREE_SITES = 2;
const GAP_SIZES = 4;

/** Distances up to this are 32-bit numbers also when they are doubled. */
const HALF_RANGE = 2 ** 30;
const ZIGZAG_RANGE = 2 ** 31;

/** Which columns an operation has, by RowOp. A FREE has a site, and a GAP a size, only in chunks that say so. */
const HAS_ADDRESS = markOps(
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
const HAS_SIZE = markOps("ALLOC", "REALLOC_END", "REALLOC_FAILED", "FOUND", "GONE", "DEVICE_TOTALS");
/** Where gaps tell how many events are missing. */
const HAS_GAP_SIZE = markOps("ALLOC", "REALLOC_END", "REALLOC_FAILED", "FOUND", "GONE", "DEVICE_TOTALS", "GAP");
const HAS_SITE = markOps("ALLOC", "REALLOC_END", "REALLOC_FAILED", "FOUND");
const HAS_FREE_SITE = markOps("ALLOC", "REALLOC_END", "REALLOC_FAILED", "FOUND", "FREE", "FREE_UNKNOWN");

function markOps(...names: readonly (keyof typeof RowOp)[]): Uint8Array {
  const has = new Uint8Array(ROW_OPS);
  for (const name of names) has[RowOp[name]] = 1;
  return has;
}

/** Packs rows; keeps its buffers from chunk to chunk. The loops are functions of their own: the compiler does best with few things at a time. */
export class RowPacker {
  /** In the file's order, with room for the most bytes that rows can take. */
  private readonly columns = {
    op: new Uint8Array(CHUNK_ROWS),
    time: new Uint8Array(CHUNK_ROWS * 5),
    address: new Uint8Array(CHUNK_ROWS * 5),
    size: new Uint8Array(CHUNK_ROWS * 10),
    site: new Uint8Array(CHUNK_ROWS * 4),
    context: new Uint8Array(CHUNK_ROWS * 6),
  };
  private readonly nibbles = new Uint8Array(CHUNK_ROWS + 1);

  pack(rows: Rows, into: ByteWriter): void {
    const { columns, nibbles } = this;
    const { op, time, address, size, site, context } = columns;
    const aligned = isAligned(rows);
    const freeSites = freesHaveSites(rows);
    const gapSizes = gapsHaveSizes(rows);
    // Addresses first: they choose the bases, which the operations tell.
    const addressBytes = packAddresses(rows, aligned ? 2 : 0, nibbles, address);
    const lengths = [
      packNibbles(nibbles, rows.length, op),
      packTimes(rows.time, rows.length, time),
      addressBytes,
      packSizes(rows, gapSizes ? HAS_GAP_SIZE : HAS_SIZE, size),
      packSites(rows, freeSites ? HAS_FREE_SITE : HAS_SITE, site),
      packContexts(rows, context),
    ];
    into.varint(rows.length);
    into.f64(rows.baseTime);
    into.u8((aligned ? ALIGNED : 0) | (freeSites ? FREE_SITES : 0) | (gapSizes ? GAP_SIZES : 0));
    for (const length of lengths) into.varint(length);
    Object.values(columns).forEach((column, i) => into.raw(column.subarray(0, lengths[i])));
  }
}

// Each of these returns how many bytes it wrote.

function packNibbles(nibbles: Uint8Array, length: number, out: Uint8Array): number {
  let at = 0;
  nibbles[length] = 0;
  for (let i = 0; i < length; i += 2) out[at++] = nibbles[i]! | (nibbles[i + 1]! << 4);
  return at;
}

function packTimes(time: Uint32Array, length: number, out: Uint8Array): number {
  let at = 0;
  let last = 0;
  for (let i = 0; i < length; i++) {
    let rest = (time[i]! - last) >>> 0;
    last = time[i]!;
    while (rest > 0x7f) {
      out[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    out[at++] = rest;
  }
  return at;
}

/** Each address relative to the last one on its base; of two bases an ALLOC or FREE takes the nearer. Writes the operations' nibbles. */
function packAddresses(rows: Rows, shift: number, nibbles: Uint8Array, out: Uint8Array): number {
  const { op, address, length } = rows;
  let at = 0;
  let base0 = 0;
  let base1 = 0;
  for (let i = 0; i < length; i++) {
    const code = op[i]!;
    nibbles[i] = code;
    if (HAS_ADDRESS[code] === 0) continue;
    const unit = address[i]! >>> shift;
    let distance = unit - base0;
    const other = unit - base1;
    if (code <= FREE && Math.abs(other) < Math.abs(distance)) {
      nibbles[i] = code === ALLOC ? ALLOC_BASE_1 : FREE_BASE_1;
      distance = other;
      base1 = unit;
    } else {
      base0 = unit;
    }
    let rest = (distance << 1) ^ (distance >> 31);
    if (distance >= HALF_RANGE || distance < -HALF_RANGE) {
      // The lowest seven bits of a number that may have 33.
      const wide = distance >= 0 ? distance * 2 : -distance * 2 - 1;
      out[at++] = (wide % 128) | 0x80;
      rest = Math.floor(wide / 128) | 0;
    }
    while (rest > 0x7f) {
      out[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    out[at++] = rest;
  }
  return at;
}

function packSizes(rows: Rows, hasSize: Uint8Array, out: Uint8Array): number {
  const { op, address, size, length } = rows;
  let at = 0;
  for (let i = 0; i < length; i++) {
    const code = op[i]!;
    if (hasSize[code] === 0) continue;
    if (code === DEVICE_TOTALS) at = packNumber(address[i]!, out, at);
    let rest = size[i]!;
    while (rest > 0x7f) {
      out[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    out[at++] = rest;
  }
  return at;
}

function packSites(rows: Rows, hasSite: Uint8Array, out: Uint8Array): number {
  const { op, site, length } = rows;
  let at = 0;
  for (let i = 0; i < length; i++) {
    if (hasSite[op[i]!] === 0) continue;
    let rest = site[i]!;
    while (rest > 0x7f) {
      out[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    out[at++] = rest;
  }
  return at;
}

/** Run lengths and what they are of. */
function packContexts(rows: Rows, out: Uint8Array): number {
  const { context, length } = rows;
  let at = 0;
  let start = 0;
  for (let i = 1; i <= length; i++) {
    if (i < length && context[i] === context[start]) continue;
    at = packNumber(i - start, out, at);
    at = packNumber(context[start]!, out, at);
    start = i;
  }
  return at;
}

/** Here what is returned is the position behind the number. */
function packNumber(value: number, out: Uint8Array, start: number): number {
  let at = start;
  let rest = value;
  while (rest > 0x7f) {
    out[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  out[at++] = rest;
  return at;
}

/** What the rows of a chunk can be. */
export interface RowLimits {
  readonly startTime: Microseconds;
  readonly endTime: Microseconds;
  /** Ids of sites are below it. */
  readonly mostSites: number;
}

/** Unpacks rows; keeps its buffers from chunk to chunk. */
export class RowUnpacker {
  private readonly numbers = new Float64Array(CHUNK_ROWS * 2);
  private readonly onBase1 = new Uint8Array(CHUNK_ROWS);

  /** The rows that the bytes tell, written over `into` if that has room; undefined where they make no sense. */
  unpack(bytes: Uint8Array, firstRow: number, limits: RowLimits, into?: Rows): Rows | undefined {
    const { startTime, endTime, mostSites } = limits;
    const reader = new ByteReader(bytes);
    const length = reader.varint();
    const baseTime = reader.f64();
    const flags = reader.u8();
    const lengths = {
      op: reader.varint(),
      time: reader.varint(),
      address: reader.varint(),
      size: reader.varint(),
      site: reader.varint(),
      context: reader.varint(),
    };
    const op = reader.take(lengths.op);
    const time = reader.take(lengths.time);
    const address = reader.take(lengths.address);
    const size = reader.take(lengths.size);
    const site = reader.take(lengths.site);
    const context = reader.take(lengths.context);
    if (reader.failed || length > CHUNK_ROWS || op.length * 2 < length) return undefined;

    const { numbers, onBase1 } = this;
    const rows = into !== undefined && into.capacity >= length ? into : new Rows(length, firstRow, baseTime);
    rows.clear(firstRow, baseTime);
    rows.length = length;
    const hasSite = flags & FREE_SITES ? HAS_FREE_SITE : HAS_SITE;
    if (!unpackNibbles(op, rows, onBase1)) return undefined;
    const counts = countOps(rows);
    if (!unpackNumbers(time, length, numbers)) return undefined;
    const lasts = sumTimes(numbers, rows);
    if (!(lasts <= CHUNK_MICROSECONDS && baseTime >= startTime && baseTime + lasts <= endTime)) return undefined;
    if (!unpackNumbers(address, countOf(counts, HAS_ADDRESS), numbers)) return undefined;
    if (!placeAddresses(numbers, onBase1, flags & ALIGNED ? 2 : 0, rows)) return undefined;
    const hasSize = flags & GAP_SIZES ? HAS_GAP_SIZE : HAS_SIZE;
    if (!unpackNumbers(size, countOf(counts, hasSize) + counts[DEVICE_TOTALS]!, numbers)) return undefined;
    if (!placeSizes(numbers, hasSize, rows)) return undefined;
    if (!unpackNumbers(site, countOf(counts, hasSite), numbers)) return undefined;
    if (!placeSites(numbers, hasSite, mostSites, rows)) return undefined;
    return unpackContexts(rows, new ByteReader(context)) ? rows : undefined;
  }
}

function unpackNibbles(packed: Uint8Array, { op, length }: Rows, onBase1: Uint8Array): boolean {
  for (let i = 0; i < length; i++) {
    const pair = packed[i >>> 1]!;
    const nibble = (i & 1) === 0 ? pair & 15 : pair >>> 4;
    if (nibble > FREE_BASE_1) return false;
    onBase1[i] = nibble >= ALLOC_BASE_1 ? 1 : 0;
    if (nibble >= ALLOC_BASE_1) op[i] = nibble === ALLOC_BASE_1 ? ALLOC : FREE;
    else op[i] = nibble;
  }
  return true;
}

/** Reads so many varints; false where they are not there, or longer than eight bytes. */
function unpackNumbers(bytes: Uint8Array, count: number, into: Float64Array): boolean {
  const end = bytes.length;
  let at = 0;
  for (let i = 0; i < count; i++) {
    const first = bytes[at++]!; // behind the end it is not below 0x80 either
    if (first < 0x80) {
      into[i] = first;
      continue;
    }
    if (at >= end) return false;
    const second = bytes[at++]!;
    let value = (first & 0x7f) | ((second & 0x7f) << 7);
    if (second > 0x7f) {
      let byte = second;
      for (let scale = 2 ** 14; byte > 0x7f; scale *= 128) {
        if (at >= end || scale === 2 ** 56) return false;
        byte = bytes[at++]!;
        value += (byte & 0x7f) * scale;
      }
    }
    into[i] = value;
  }
  return true;
}

/** Rows of each operation. */
function countOps({ op, length }: Rows): Uint32Array {
  const counts = new Uint32Array(ROW_OPS);
  for (let i = 0; i < length; i++) counts[op[i]!]! += 1;
  return counts;
}

/** Rows of the operations that `has` marks. */
function countOf(counts: Uint32Array, has: Uint8Array): number {
  return counts.reduce((sum, count, op) => sum + count * has[op]!, 0);
}

/** From the first row to the last. */
function sumTimes(numbers: Float64Array, { time, length }: Rows): number {
  let last = 0;
  for (let i = 0; i < length; i++) {
    last += numbers[i]!;
    time[i] = last;
  }
  return last;
}

/** False where one lies outside the address space. */
function placeAddresses(numbers: Float64Array, onBase1: Uint8Array, shift: number, rows: Rows): boolean {
  const { op, address, length } = rows;
  const mostUnits = mostWord >>> shift;
  let base0 = 0;
  let base1 = 0;
  let lowest = 0;
  let highest = 0;
  let at = 0;
  for (let i = 0; i < length; i++) {
    if (HAS_ADDRESS[op[i]!] === 0) continue;
    const value = numbers[at++]!;
    let distance: number;
    if (value < ZIGZAG_RANGE) {
      distance = (value >>> 1) ^ -(value & 1);
    } else {
      const half = Math.floor(value / 2);
      distance = half * 2 === value ? half : -half - 1;
    }
    let unit: number;
    if (onBase1[i] === 1) unit = base1 += distance;
    else unit = base0 += distance;
    if (unit < lowest) lowest = unit;
    if (unit > highest) highest = unit;
    address[i] = unit << shift;
  }
  return lowest === 0 && highest <= mostUnits;
}

/** False where one is larger than the address space. */
function placeSizes(numbers: Float64Array, hasSize: Uint8Array, { op, address, size, length }: Rows): boolean {
  let at = 0;
  let most = 0;
  for (let i = 0; i < length; i++) {
    const code = op[i]!;
    if (hasSize[code] === 0) continue;
    if (code === DEVICE_TOTALS) {
      if (numbers[at]! > most) most = numbers[at]!;
      address[i] = numbers[at++]!;
    }
    if (numbers[at]! > most) most = numbers[at]!;
    size[i] = numbers[at++]!;
  }
  return most <= mostWord;
}

/** False where one cannot be. */
function placeSites(
  numbers: Float64Array,
  hasSite: Uint8Array,
  mostSites: number,
  { op, site, length }: Rows,
): boolean {
  let at = 0;
  for (let i = 0; i < length; i++) {
    if (hasSite[op[i]!] === 0) continue;
    const id = numbers[at++]!;
    if (id >= mostSites) return false;
    site[i] = id;
  }
  return true;
}

function unpackContexts(rows: Rows, column: ByteReader): boolean {
  let i = 0;
  while (i < rows.length && column.remaining > 0) {
    const end = Math.min(rows.length, i + Math.max(1, column.varint()));
    const context = column.varint();
    if (context > mostContext) return false;
    rows.context.fill(context, i, end);
    i = end;
  }
  return !column.failed;
}

function isAligned({ op, address, length }: Rows): boolean {
  let bits = 0;
  for (let i = 0; i < length; i++) bits |= address[i]! & -HAS_ADDRESS[op[i]!]!;
  return (bits & 3) === 0;
}

function gapsHaveSizes({ op, size, length }: Rows): boolean {
  for (let i = 0; i < length; i++) if (op[i] === GAP && size[i] !== 0) return true;
  return false;
}

function freesHaveSites({ op, site, length }: Rows): boolean {
  for (let i = 0; i < length; i++) {
    if (site[i] !== 0 && (op[i] === FREE || op[i] === FREE_UNKNOWN)) return true;
  }
  return false;
}
