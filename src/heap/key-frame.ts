/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// The live set as bytes, so that a replay can begin at any key frame: the blocks by address in packed columns (about 10 bytes a block), the
// counters, and apart from them each site's running totals, which time series read without the blocks. FORMAT.md in src/recording has the layout.

import { ByteReader, ByteWriter } from "../base/bytes.ts";
import type { Microseconds } from "../base/units.ts";
import type { Bounds } from "./bounds.ts";
import { LiveSet } from "./live-set.ts";
import { UNKNOWN_MOVER } from "./moves.ts";
import type { SiteSample } from "./site-totals.ts";
import { BlockFlag } from "./types.ts";

/** Counters of a key frame, in order. New ones go to the end. */
const COUNTERS = [
  "row",
  "allocations",
  "frees",
  "allocatedBytes",
  "unknownFrees",
  "missedAllocations",
  "doubleAllocations",
] as const;

/** Bits of a key frame's state; the first three as format version 1 has them. */
const UNCERTAIN = 1;
const TOLD = 2;
const TOLD_EXACTLY = 4;
const BOUNDED = 8;

const UNBOUNDED = {
  bytesLow: -Infinity,
  bytesHigh: Infinity,
  blocksLow: -Infinity,
  blocksHigh: Infinity,
  missingEvents: Infinity,
} as const;
const BOUNDS = ["bytesLow", "bytesHigh", "blocksLow", "blocksHigh", "missingEvents"] as const;

export function encodeKeyFrame(live: LiveSet, time: Microseconds): Uint8Array<ArrayBuffer> {
  const slots = live.slotsByAddress();
  const count = slots.length;
  const writer = new ByteWriter(64 + count * 12);
  writer.f64(time);
  writer.u8(live.blocks.certain ? 0 : UNCERTAIN | BOUNDED);
  for (const counter of COUNTERS) writer.varint(live[counter]);
  // What early versions had here stands at the end.
  writer.zigzag(0);
  writer.zigzag(0);
  writer.varint(count);

  const column = new Float64Array(count);
  writer.u8(addressSteps(live.blocks.address, slots, column));
  writer.varints(column);
  for (const values of [live.blocks.size, live.blocks.site, live.blocks.context]) {
    gather(values, slots, column);
    writer.varints(column);
  }
  ages(live.blocks.born, time, slots, column);
  writer.varints(column);
  encodeSpecial(live, slots, writer);
  if (!live.blocks.certain) encodeBounds(live.bounds, writer);
  return writer.toBytes();
}

/** Each 0 where infinite, else 1 and the number. */
function encodeBounds(bounds: Bounds, writer: ByteWriter): void {
  for (const name of BOUNDS) {
    const isKnown = Number.isFinite(bounds[name]);
    writer.u8(isKnown ? 1 : 0);
    if (isKnown) writer.zigzag(bounds[name]);
  }
}

function decodeBounds(bounds: Bounds, reader: ByteReader): void {
  for (const name of BOUNDS) bounds[name] = reader.u8() === 1 ? reader.zigzag() : UNBOUNDED[name];
}

/** Distances from one address to the next, in words where all are whole ones; returns by how much that shifts them. */
function addressSteps(address: Uint32Array, slots: Int32Array, into: Float64Array): 0 | 2 {
  let bits = 0;
  for (let i = 0; i < slots.length; i++) bits |= address[slots[i]!]!;
  const shift = (bits & 3) === 0 ? 2 : 0;
  let previous = 0;
  for (let i = 0; i < slots.length; i++) {
    const units = address[slots[i]!]! >>> shift;
    into[i] = units - previous;
    previous = units;
  }
  return shift;
}

function gather(values: Uint32Array | Uint16Array, slots: Int32Array, into: Float64Array): void {
  for (let i = 0; i < slots.length; i++) into[i] = values[slots[i]!]!;
}

function ages(born: Float64Array, time: Microseconds, slots: Int32Array, into: Float64Array): void {
  for (let i = 0; i < slots.length; i++) into[i] = time - born[slots[i]!]!;
}

/** Blocks with flags or a realloc chain: few. */
function encodeSpecial(live: LiveSet, slots: Int32Array, writer: ByteWriter): void {
  const special = live.blocks.specialOf(slots);
  writer.varint(special.length);
  let previous = 0;
  for (const index of special) {
    const slot = slots[index]!;
    writer.varint(index - previous);
    writer.u8(live.blocks.flags(slot));
    writer.varint(live.blocks.reallocs[slot]!);
    writer.varint(live.blocks.born[slot]! - live.blocks.originOf(slot));
    previous = index;
  }
  const moving = special.filter((index) => (live.blocks.flags(slots[index]!) & BlockFlag.MOVING) !== 0);
  for (const index of moving) writer.varint(live.moverOfSlot(slots[index]!) + 1);
}

/**
 * A live set as the bytes tell it; undefined where they make no sense. `totals` may be missing: site totals then count from here. Ids of sites are
 * below `mostSites`. `live`: an empty one.
 */
export function decodeKeyFrame(
  bytes: Uint8Array,
  totals: Uint8Array | undefined,
  mostSites: number,
  live = new LiveSet(),
): LiveSet | undefined {
  const reader = new ByteReader(bytes);
  const time = reader.f64();
  const state = reader.u8();
  for (const counter of COUNTERS) live[counter] = reader.varint();
  const bytesAhead = reader.zigzag();
  const blocksAhead = reader.zigzag();
  const count = reader.count(5);
  const shift = reader.u8();
  const steps = reader.varints(count);
  const sizes = reader.varints(count);
  const sites = reader.varints(count);
  const contexts = reader.varints(count);
  const ages = reader.varints(count);

  const chains = new Map<
    number,
    { readonly flags: number; readonly reallocs: number; readonly before: Microseconds }
  >();
  const special = reader.count(4);
  const moving: number[] = [];
  let index = 0;
  for (let i = 0; i < special; i++) {
    index += reader.varint();
    if (index >= count) return undefined;
    const flags = reader.u8();
    if ((flags & BlockFlag.MOVING) !== 0) moving.push(index);
    chains.set(index, { flags, reallocs: reader.varint(), before: reader.varint() });
  }
  const movers = new Map<number, number>();
  // Absent in what early versions wrote.
  if (reader.remaining > 0) for (const block of moving) movers.set(block, reader.varint() - 1);
  if ((state & BOUNDED) !== 0) decodeBounds(live.bounds, reader);
  else if ((state & UNCERTAIN) !== 0) {
    live.bounds.gap(Infinity);
    if ((state & TOLD) !== 0) live.bounds.told(bytesAhead, blocksAhead);
    if ((state & TOLD_EXACTLY) === 0) live.bounds.bytesLow = -Infinity;
  }
  if (reader.failed || !(Math.abs(time) <= Number.MAX_SAFE_INTEGER)) return undefined;

  live.blocks.reserve(count);
  live.blocks.certain = (state & UNCERTAIN) === 0;
  const plain = { flags: 0, reallocs: 0, before: 0 };
  let word = -1;
  let unit = 0;
  for (let i = 0; i < count; i++) {
    unit += steps.varint();
    const address = unit * (shift === 2 ? 4 : 1);
    const [size, site, context, born] = [sizes.varint(), sites.varint(), contexts.varint(), time - ages.varint()];
    const { flags, reallocs, before } = chains.get(i) ?? plain;
    if (site >= mostSites || address > 0xffff_ffff || size > 0xffff_ffff || context > 0xffff) return undefined;
    // One block a word, but for those that are being moved.
    if ((flags & BlockFlag.MOVING) === 0) {
      if (address >>> 2 === word) return undefined;
      word = address >>> 2;
    }
    live.restore(address, size, site, context, born, born - before, reallocs, flags, movers.get(i) ?? UNKNOWN_MOVER);
  }
  if ([steps, sizes, sites, contexts, ages].some(({ failed }) => failed)) return undefined;
  if (totals !== undefined) restoreTotals(live, totals, mostSites);
  live.markExtremes();
  return live;
}

const TOTALS_COLUMNS = ["liveBlocks", "liveBytes", "allocations", "allocatedBytes"] as const;

export function encodeTotals(live: LiveSet, time: Microseconds): Uint8Array<ArrayBuffer> {
  const sample = live.totals.sample(time);
  const writer = new ByteWriter(16 + sample.sites * 12);
  writer.f64(time);
  writer.varint(sample.sites);
  for (const column of TOTALS_COLUMNS) writer.varints(sample[column]);
  return writer.toBytes();
}

export function decodeTotals(bytes: Uint8Array, mostSites: number): SiteSample | undefined {
  const reader = new ByteReader(bytes);
  const time = reader.f64();
  const sites = reader.count(4);
  if (sites > mostSites) return undefined;
  const read = (): Float64Array => Float64Array.from({ length: sites }, () => reader.varint());
  const sample = {
    time,
    sites,
    liveBlocks: read(),
    liveBytes: read(),
    allocations: read(),
    allocatedBytes: read(),
  };
  return reader.failed ? undefined : sample;
}

function restoreTotals(live: LiveSet, bytes: Uint8Array, mostSites: number): void {
  const sample = decodeTotals(bytes, mostSites);
  if (sample !== undefined) live.totals.restore(sample);
}
