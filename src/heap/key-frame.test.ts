// Key frames and totals, byte by byte as FORMAT.md has them: also those of early versions, and what no recorder writes.
import { expect, test } from "vitest";
import { ByteWriter } from "../base/bytes.ts";
import { decodeKeyFrame, decodeTotals, encodeKeyFrame, encodeTotals } from "./key-frame.ts";
import { LiveSet } from "./live-set.ts";
import { totalsOf } from "./live-totals.ts";
import { RowOp } from "./rows.ts";
import { BlockFlag } from "./types.ts";

interface Written {
  readonly time?: number;
  readonly flags?: number;
  readonly counters?: readonly number[];
  /** What early versions had: bytes and blocks that the device was ahead. */
  readonly ahead?: readonly [number, number];
  readonly count?: number;
  readonly shift?: number;
  /** [distance, size, site, context, age] of each block. */
  readonly blocks?: readonly (readonly [number, number, number, number, number])[];
  /** [distance, flags, reallocs, microseconds before its birth]. */
  readonly special?: readonly (readonly [number, number, number, number])[];
  readonly movers?: readonly number[];
}

const COUNTERS = [11, 22, 33, 44, 55, 66, 77];

function frame({
  time = 1000,
  flags = 0,
  counters = COUNTERS,
  ahead = [0, 0],
  blocks = [],
  count = blocks.length,
  shift = 2,
  special = [],
  movers = [],
}: Written): Uint8Array {
  const writer = new ByteWriter();
  writer.f64(time);
  writer.u8(flags);
  writer.varints(counters);
  for (const value of ahead) writer.zigzag(value);
  writer.varint(count);
  writer.u8(shift);
  for (const column of [0, 1, 2, 3, 4] as const) writer.varints(blocks.map((block) => block[column]));
  writer.varint(special.length);
  for (const [distance, bits, reallocs, before] of special) {
    writer.varint(distance);
    writer.u8(bits);
    writer.varint(reallocs);
    writer.varint(before);
  }
  for (const mover of movers) writer.varint(mover);
  return writer.toBytes();
}

const SITES = 50;
const decoded = (written: Written): LiveSet | undefined => decodeKeyFrame(frame(written), undefined, SITES);

function blocksOf(live: LiveSet): unknown[] {
  const { blocks } = live;
  return [...live.slotsByAddress()].map((slot) => [
    blocks.address[slot],
    blocks.size[slot],
    blocks.site[slot],
    blocks.context[slot],
    blocks.born[slot],
    blocks.originOf(slot),
    blocks.reallocs[slot],
    blocks.flags(slot),
    live.moverOfSlot(slot),
  ]);
}

const { UNCERTAIN, FOUND, MOVING } = BlockFlag;
const address = 0x3ffb_0000;

/** Two of one address on their way, one that stands there, one found and in doubt. */
const SOME = {
  blocks: [
    [address >>> 2, 10, 1, 12, 900],
    [0, 20, 2, 17, 800],
    [0, 30, 3, 16, 0],
    [4, 40, SITES - 1, 0xffff, 1000],
  ],
  special: [
    [0, MOVING, 0, 0],
    [1, MOVING, 2, 50],
    [2, UNCERTAIN | FOUND, 0, 0],
  ],
  movers: [13, 0],
} as const;

test("blocks, counters and who moves what are read as they are written, and written as they were read", () => {
  const live = decoded({ ...SOME, flags: 0 });
  if (live === undefined) throw new Error("not read");
  expect(blocksOf(live)).toEqual([
    [address, 10, 1, 12, 100, 100, 0, MOVING, 12],
    [address, 20, 2, 17, 200, 150, 2, MOVING, -1],
    [address, 30, 3, 16, 1000, 1000, 0, 0, -1],
    [address + 16, 40, SITES - 1, 0xffff, 0, 0, 0, UNCERTAIN | FOUND, -1],
  ]);
  const { row, allocations, frees, allocatedBytes, unknownFrees, missedAllocations, doubleAllocations } = live;
  expect([row, allocations, frees, allocatedBytes, unknownFrees, missedAllocations, doubleAllocations]).toEqual(
    COUNTERS,
  );
  const { liveBytes, liveBlocks, uncertainBytes, uncertainBlocks, lowBytes, highBytes, highRow } = live;
  expect([liveBytes, liveBlocks, uncertainBytes, uncertainBlocks]).toEqual([100, 4, 40, 1]);
  expect([lowBytes, highBytes, highRow]).toEqual([100, 100, 11]);
  expect(live.blocks.certain).toBe(true);
  expect([...encodeKeyFrame(live, 1000)]).toEqual([...frame(SOME)]);
});

test("addresses that are not all whole words are told in bytes", () => {
  const live = new LiveSet();
  for (const at of [address, address + 5, address + 10]) live.applyRare(RowOp.FOUND, 7, at, 3, 1, 0);
  const bytes = encodeKeyFrame(live, 8);
  const found = (distance: number): readonly [number, number, number, number, number] => [distance, 3, 1, 0, 1];
  const special = [0, 1, 1].map((distance) => [distance, FOUND, 0, 0] as const);
  expect([...bytes]).toEqual([
    ...frame({ time: 8, counters: [3, 3, 0, 9, 0, 0, 0], shift: 0, blocks: [address, 5, 5].map(found), special }),
  ]);
  expect(decodeKeyFrame(bytes, undefined, SITES)?.slotAt(address + 10)).not.toBe(0);
});

/** How far the totals of one certain and one doubtful block of 10 and 20 bytes may lie apart. */
function boundsOf(written: Written): unknown {
  const live = decoded({
    blocks: [
      [address >>> 2, 10, 1, 0, 0],
      [4, 20, 1, 0, 0],
    ],
    special: [[1, UNCERTAIN, 0, 0]],
    ...written,
  });
  if (live === undefined) return undefined;
  const { bytes, blocks } = totalsOf(live, 0);
  return [live.blocks.certain, bytes.lowest, bytes.highest, blocks.lowest, blocks.highest];
}

test("what early versions told of a gap", () => {
  expect(boundsOf({})).toEqual([true, 30, 30, 2, 2]);
  expect(boundsOf({ flags: 1 })).toEqual([false, 10, Infinity, 1, Infinity]);
  // The device has told its totals: bytes and blocks that it was ahead, or exactly so.
  expect(boundsOf({ flags: 3, ahead: [-5, 1] })).toEqual([false, 10, 25, 3, 3]);
  expect(boundsOf({ flags: 7, ahead: [-5, 1] })).toEqual([false, 25, 25, 3, 3]);
  // Without a gap that says nothing.
  expect(boundsOf({ flags: 6, ahead: [-5, 1] })).toEqual([true, 30, 30, 2, 2]);
});

test("what makes no sense is no key frame", () => {
  const one = (block: readonly [number, number, number, number, number], more: Written = {}): boolean =>
    decoded({ blocks: [block], ...more }) !== undefined;
  const word = address >>> 2;
  expect(one([word, 1, 0, 0, 0])).toBe(true);
  expect([one([word, 1, SITES - 1, 0, 0]), one([word, 1, SITES, 0, 0])]).toEqual([true, false]);
  expect([one([word, 0xffff_ffff, 0, 0, 0]), one([word, 2 ** 32, 0, 0, 0])]).toEqual([true, false]);
  expect([one([word, 1, 0, 0xffff, 0]), one([word, 1, 0, 0x1_0000, 0])]).toEqual([true, false]);
  expect([one([0x3fff_ffff, 1, 0, 0, 0]), one([0x4000_0000, 1, 0, 0, 0])]).toEqual([true, false]);
  const whole = { shift: 0 };
  expect([one([0xffff_ffff, 1, 0, 0, 0], whole), one([2 ** 32, 1, 0, 0, 0], whole)]).toEqual([true, false]);
  expect([one([word, 1, 0, 0, 0], { time: NaN }), one([word, 1, 0, 0, 0], { time: Infinity })]).toEqual([false, false]);
  expect([2 ** 53 - 1, 2 ** 53, -(2 ** 53 - 1)].map((time) => one([word, 1, 0, 0, 0], { time }))).toEqual([
    true,
    false,
    true,
  ]);
  // Of flags, and of blocks that are not there.
  const special = (at: number): Written => ({ special: [[at, FOUND, 0, 0]] });
  expect([one([word, 1, 0, 0, 0], special(0)), one([word, 1, 0, 0, 0], special(1))]).toEqual([true, false]);
  // Two in one word, unless one is being moved.
  const two = (distance: number, flags: number): boolean =>
    decoded({
      shift: 0,
      blocks: [
        [address, 1, 0, 0, 0],
        [distance, 1, 0, 0, 0],
      ],
      special: [[1, flags, 0, 0]],
    }) !== undefined;
  expect([two(0, 0), two(3, 0), two(4, 0), two(0, MOVING), two(0, FOUND)]).toEqual([false, false, true, true, false]);
  const bytes = frame(SOME);
  for (let length = 0; length < bytes.length - SOME.movers.length; length++)
    expect([length, decodeKeyFrame(bytes.subarray(0, length), undefined, SITES)]).toEqual([length, undefined]);
  expect(decodeKeyFrame(bytes.subarray(0, bytes.length - SOME.movers.length), undefined, SITES)).toBeDefined();
});

test("each site's totals are read as they are written, and belong to the key frame beside them", () => {
  const live = new LiveSet();
  live.applyRare(RowOp.FOUND, 1, address, 100, 2, 0);
  live.applyRare(RowOp.FOUND, 1, address + 256, 30, 2, 0);
  live.applyRare(RowOp.FOUND, 1, address + 512, 7, 1, 0);
  live.applyRare(RowOp.GONE, 2, address, 0, 0, 0);
  const bytes = encodeTotals(live, 5);
  const writer = new ByteWriter();
  writer.f64(5);
  writer.varint(3);
  for (const column of [
    [0, 1, 1],
    [0, 7, 30],
    [0, 1, 2],
    [0, 7, 130],
  ])
    writer.varints(column);
  expect([...bytes]).toEqual([...writer.toBytes()]);
  const sample = {
    time: 5,
    sites: 3,
    liveBlocks: Float64Array.of(0, 1, 1),
    liveBytes: Float64Array.of(0, 7, 30),
    allocations: Float64Array.of(0, 1, 2),
    allocatedBytes: Float64Array.of(0, 7, 130),
  };
  expect(decodeTotals(bytes, 3)).toEqual(sample);
  expect(decodeTotals(bytes, 2)).toBeUndefined();
  expect(decodeTotals(bytes.subarray(0, bytes.length - 1), 3)).toBeUndefined();
  const restored = decodeKeyFrame(encodeKeyFrame(live, 5), bytes, 3);
  expect(restored?.totals.sample(5)).toEqual(sample);
  // Without them they count from what is live.
  const counted = { ...sample, allocations: sample.liveBlocks, allocatedBytes: sample.liveBytes };
  expect(decodeKeyFrame(encodeKeyFrame(live, 5), undefined, 3)?.totals.sample(5)).toEqual(counted);
});

test("blocks may lie at the lowest addresses, one a word", () => {
  const lowest = (...units: readonly number[]): unknown => {
    const live = decoded({ blocks: units.map((unit) => [unit, 8, 1, 12, 0] as const) });
    return live && [...live.slotsByAddress()].map((slot) => live.blocks.address[slot]);
  };
  expect([lowest(0, 1), lowest(1, 1), lowest(0, 0)]).toEqual([[0, 4], [4, 8], undefined]);
});
