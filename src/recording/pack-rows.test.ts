import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteWriter } from "../base/bytes.ts";
import { RowOp, Rows } from "../heap/rows.ts";
import { RowPacker, RowUnpacker } from "./pack-rows.ts";

test("rows in two memories, each on a base of its own, come back, aligned and not", () => {
  const unpacker = new RowUnpacker();
  for (const odd of [0, 1]) {
    const rows = new Rows(40, 100, 5);
    for (let i = 0; i < 40; i++) {
      const address = (i % 3 === 0 ? 0x3ffb_0000 : 0x1000_0000) + 16 * i + (i === 7 ? odd : 0);
      rows.push(i % 5 === 4 ? RowOp.FREE : RowOp.ALLOC, 5 + i, address, 8 * i, i % 4, 3);
    }
    const writer = new ByteWriter();
    new RowPacker().pack(rows, writer);
    const read = unpacker.unpack(writer.toBytes(), 100, { startTime: 0, endTime: 100, mostSites: 4 });
    expect([...(read?.address ?? [])]).toEqual([...rows.address]);
    expect([...(read?.op ?? [])]).toEqual([...rows.op]);
    expect([...(read?.time ?? [])].map((time) => time + (read?.baseTime ?? 0))).toEqual(
      [...rows.time].map((time) => time + rows.baseTime),
    );
  }
});

// Where numbers take another byte, and their ends.
const edges = [0, 1, 2, 3, 4, 2 ** 7, 2 ** 8, 2 ** 14, 2 ** 15, 2 ** 16, 2 ** 21, 2 ** 28, 2 ** 30, 2 ** 31, 2 ** 32];
const upTo = (most: number): fc.Arbitrary<number> =>
  fc.oneof(
    fc.integer({ min: 0, max: most }),
    fc.constantFrom(...edges.flatMap((edge) => [edge - 1, edge, edge + 1]).filter((one) => one >= 0 && one <= most)),
  );
const MOST_SITES = 2 ** 22;
const anyRow = fc.record({
  op: fc.constantFrom(...Object.values(RowOp)),
  step: fc.oneof(upTo(300), upTo(2 ** 24)),
  address: upTo(2 ** 32 - 1),
  size: upTo(2 ** 32 - 1),
  site: upTo(MOST_SITES - 1),
  context: upTo(0xffff),
});

test("rows of every kind and number come back, in the columns that their kind has", () => {
  const hasAddress = new Set<number>([RowOp.ALLOC, RowOp.FREE, RowOp.REALLOC_FROM, RowOp.GONE]);
  const hasSize = new Set<number>([RowOp.ALLOC, RowOp.REALLOC_END, RowOp.FOUND, RowOp.GONE, RowOp.GAP]);
  const hasSite = new Set<number>([RowOp.ALLOC, RowOp.FREE, RowOp.FREE_UNKNOWN, RowOp.REALLOC_END, RowOp.FOUND]);
  const packer = new RowPacker();
  const unpacker = new RowUnpacker();
  const room = new Rows(60, 0, 0);
  fc.assert(
    fc.property(fc.array(anyRow, { minLength: 1, maxLength: 60 }), fc.boolean(), (told, aligned) => {
      const rows = new Rows(told.length, 7, 1000);
      let time = 1000;
      for (const { op, step, address, size, site, context } of told) {
        rows.push(op, (time += step), aligned ? (address & ~3) >>> 0 : address, size, site, context);
      }
      const writer = new ByteWriter();
      packer.pack(rows, writer);
      const limits = { startTime: 0, endTime: time, mostSites: MOST_SITES };
      // Over what stands there from another time.
      const read = unpacker.unpack(writer.toBytes(), 7, limits, room);
      expect(read).toBe(room);
      const columns = (of: Rows | undefined): unknown =>
        told.map(({ op }, row) => [
          of?.op[row],
          (of?.baseTime ?? 0) + (of?.time[row] ?? 0),
          hasAddress.has(op) ? of?.address[row] : undefined,
          hasSize.has(op) ? of?.size[row] : undefined,
          hasSite.has(op) ? of?.site[row] : undefined,
          of?.context[row],
        ]);
      expect(read?.length).toBe(rows.length);
      expect(columns(read)).toEqual(columns(rows));
    }),
  );
});

test("rows that are farther apart than half of what a chunk may last come back", () => {
  const rows = new Rows(3, 0, 0);
  for (const time of [0, 2 ** 31 + 5, 0xffff_fff0]) rows.push(RowOp.SYNC, time, 0, 0, 0, 0);
  const writer = new ByteWriter();
  new RowPacker().pack(rows, writer);
  const read = new RowUnpacker().unpack(writer.toBytes(), 0, { startTime: 0, endTime: 2 ** 32, mostSites: 1 });
  expect(read?.time).toEqual(rows.time);
});

/** A section as FORMAT.md has it, from its parts. */
interface Parts {
  readonly rows: number;
  readonly baseTime?: number;
  readonly flags?: number;
  /** The operations' nibbles; the other columns as numbers. */
  readonly ops: readonly number[];
  readonly times?: readonly number[];
  readonly addresses?: readonly number[];
  readonly sizes?: readonly number[];
  readonly sites?: readonly number[];
  readonly contexts?: readonly number[];
}

function section({
  rows,
  baseTime = 100,
  flags = 0,
  ops,
  times,
  addresses,
  sizes,
  sites,
  contexts,
}: Parts): Uint8Array {
  const column = (numbers: readonly number[] = []): Uint8Array => {
    const writer = new ByteWriter();
    for (const number of numbers) writer.varint(number);
    return writer.toBytes();
  };
  const nibbles = Uint8Array.from(
    { length: Math.ceil(ops.length / 2) },
    (_, i) => (ops[2 * i] ?? 0) | ((ops[2 * i + 1] ?? 0) << 4),
  );
  const columns = [nibbles, ...[times ?? ops.map(() => 0), addresses, sizes, sites, contexts ?? [rows, 4]].map(column)];
  const writer = new ByteWriter();
  writer.varint(rows);
  writer.f64(baseTime);
  writer.u8(flags);
  for (const { length } of columns) writer.varint(length);
  for (const bytes of columns) writer.raw(bytes);
  return writer.toBytes();
}

const limits = { startTime: 100, endTime: 200, mostSites: 10 };
const read = (parts: Parts | Uint8Array, change: Partial<typeof limits> = {}): unknown => {
  const rows = new RowUnpacker().unpack(parts instanceof Uint8Array ? parts : section(parts), 7, {
    ...limits,
    ...change,
  });
  return (
    rows &&
    Array.from({ length: rows.length }, (_, i) =>
      [rows.op, rows.time, rows.address, rows.size, rows.site, rows.context].map((column) => column[i]),
    )
  );
};

const {
  ALLOC,
  FREE,
  FREE_UNKNOWN,
  GAP,
  SYNC,
  DEVICE_TOTALS,
  REALLOC_BEGIN,
  REALLOC_FROM,
  REALLOC_END,
  REALLOC_FAILED,
  FOUND,
  GONE,
  RESET,
} = RowOp;

describe("columns as FORMAT.md has them", () => {
  test("each operation has the columns that it needs", () => {
    const ops = [
      ALLOC,
      FREE,
      FREE_UNKNOWN,
      REALLOC_BEGIN,
      REALLOC_FROM,
      REALLOC_END,
      REALLOC_FAILED,
      FOUND,
      GONE,
      GAP,
      SYNC,
      RESET,
      DEVICE_TOTALS,
    ];
    const parts = {
      rows: 13,
      ops,
      times: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
      addresses: [2000, 2, 2, 2, 2, 2, 1, 3, 0],
      sizes: [10, 20, 30, 40, 1, 5000, 60],
      sites: [1, 2, 3, 4],
      contexts: [3, 5, 10, 9],
    };
    expect(read(parts)).toEqual([
      [ALLOC, 0, 1000, 10, 1, 5],
      [FREE, 1, 1001, 0, 0, 5],
      [FREE_UNKNOWN, 3, 1002, 0, 0, 5],
      [REALLOC_BEGIN, 6, 1003, 0, 0, 9],
      [REALLOC_FROM, 10, 1004, 0, 0, 9],
      [REALLOC_END, 15, 1005, 20, 2, 9],
      [REALLOC_FAILED, 21, 1004, 30, 3, 9],
      [FOUND, 28, 1002, 40, 4, 9],
      [GONE, 36, 1002, 1, 0, 9],
      [GAP, 45, 0, 0, 0, 9],
      [SYNC, 55, 0, 0, 0, 9],
      [RESET, 66, 0, 0, 0, 9],
      [DEVICE_TOTALS, 78, 5000, 60, 0, 9],
    ]);
    const told = read({ ...parts, flags: 2 | 4, sizes: [10, 20, 30, 40, 1, 77, 5000, 60], sites: [1, 8, 9, 2, 3, 4] });
    expect(told).toMatchObject({
      1: [FREE, 1, 1001, 0, 8, 5],
      2: [FREE_UNKNOWN, 3, 1002, 0, 9, 5],
      9: [GAP, 45, 0, 77, 0, 9],
    });
  });

  test("two bases, in units of one or four bytes", () => {
    // ALLOC, ALLOC on base 1, FREE on base 1, FREE.
    const parts = { rows: 4, ops: [0, 13, 14, 1], addresses: [200, 20, 3, 7], sizes: [1, 2], sites: [0, 0] };
    const addresses = (found: unknown): unknown =>
      (found as readonly (readonly number[])[]).map(([op, , address]) => [op, address]);
    expect(addresses(read(parts))).toEqual([
      [ALLOC, 100],
      [ALLOC, 10],
      [FREE, 8],
      [FREE, 96],
    ]);
    expect(addresses(read({ ...parts, flags: 1 }))).toEqual([
      [ALLOC, 400],
      [ALLOC, 40],
      [FREE, 32],
      [FREE, 384],
    ]);
  });

  test("what is written has these columns", () => {
    const rows = new Rows(4, 0, 0);
    rows.push(ALLOC, 100, 0x1000, 300, 2, 8);
    rows.push(ALLOC, 101, 0x9000_0000, 4, 1, 8);
    rows.push(FREE, 150, 0x1008, 0, 0, 12);
    rows.push(FREE, 150, 0x8fff_fff0, 0, 0, 12);
    const writer = new ByteWriter();
    new RowPacker().pack(rows, writer);
    const near = 0x1000 / 4;
    const far = 0x9000_0000 / 4;
    // The second address is as near to either base, which are both at 0 or near it: it takes base 1.
    expect([...writer.view()]).toEqual([
      ...section({
        rows: 4,
        flags: 1,
        ops: [0, 0, 14, 1],
        times: [0, 1, 49, 0],
        addresses: [2 * near, 2 * (far - near), 2 * (near + 2), 2 * 4 - 1],
        sizes: [300, 4],
        sites: [2, 1],
        contexts: [2, 8, 2, 12],
      }),
    ]);
  });
});

describe("rows that no recorder writes are none", () => {
  const one = { rows: 1, ops: [ALLOC], addresses: [8], sizes: [5], sites: [9] };
  const row = [[ALLOC, 0, 4, 5, 9, 4]];

  test("a number too few in any column, or one of more than eight bytes", () => {
    expect(read(one)).toEqual(row);
    for (const column of ["times", "addresses", "sizes", "sites"] as const)
      expect(read({ ...one, [column]: [] })).toBeUndefined();
    expect(read({ ...one, rows: 3, ops: [ALLOC, ALLOC] })).toBeUndefined();
    expect(read({ rows: 1, ops: [DEVICE_TOTALS], sizes: [5] })).toBeUndefined();
    expect(read({ rows: 1, ops: [DEVICE_TOTALS], sizes: [5, 6] })).toEqual([[DEVICE_TOTALS, 0, 5, 6, 0, 4]]);
    const bytes = section(one);
    for (let end = 0; end < bytes.length; end++) expect(read(bytes.subarray(0, end))).toBeUndefined();
    /** The address 4, padded by so many bytes. */
    const padded = (bytesMore: number): Uint8Array => {
      const whole = [...section({ ...one, addresses: [] })];
      // Lengths of columns stand behind the number of rows, the time and the flags.
      whole[12] = 1 + bytesMore;
      whole.splice(10 + 6 + 1 + 1, 0, 0x88, ...new Array<number>(bytesMore - 1).fill(0x80), 0);
      return Uint8Array.from(whole);
    };
    expect(read(padded(1))).toEqual(row);
    expect(read(padded(2))).toEqual(row);
    expect(read(padded(7))).toEqual(row);
    expect(read(padded(8))).toBeUndefined();
    for (const [length, more] of [
      [1, [0x88]],
      [2, [0x88, 0x80]],
      [3, [0x88, 0x80, 0x80]],
    ] as const) {
      const whole = [...section({ ...one, addresses: [] })];
      whole[12] = length;
      whole.splice(18, 0, ...more);
      expect(read(Uint8Array.from(whole))).toBeUndefined();
    }
  });

  test("an operation that there is not", () => {
    expect(read({ rows: 1, ops: [14], addresses: [8] })).toEqual([[FREE, 0, 4, 0, 0, 4]]);
    expect(read({ rows: 1, ops: [15], addresses: [8] })).toBeUndefined();
    expect(read({ rows: 2, ops: [SYNC, 15] })).toBeUndefined();
  });

  test("more rows than a chunk has", () => {
    const many = (rows: number): Parts => ({ rows, ops: new Array<number>(rows).fill(SYNC) });
    expect(read(many(16_384))).toHaveLength(16_384);
    expect(read(many(16_385))).toBeUndefined();
  });

  test("times outside of the chunk's", () => {
    expect(read({ ...one, times: [100] })).toEqual([[ALLOC, 100, 4, 5, 9, 4]]);
    expect(read({ ...one, times: [101] })).toBeUndefined();
    expect(read({ ...one, baseTime: 99 })).toBeUndefined();
    expect(read({ ...one, baseTime: NaN })).toBeUndefined();
    const two = { rows: 2, ops: [SYNC, SYNC], times: [1, 0xffff_fffe] };
    expect(read(two, { endTime: 2 ** 40 })).toHaveLength(2);
    expect(read({ ...two, times: [1, 0xffff_ffff] }, { endTime: 2 ** 40 })).toBeUndefined();
  });

  test("addresses outside of 32 bits", () => {
    const at = (address: number, flags = 0): unknown => read({ ...one, flags, addresses: [address] });
    expect(at(2 * 0xffff_ffff)).toEqual([[ALLOC, 0, 0xffff_ffff, 5, 9, 4]]);
    expect(at(2 * 2 ** 32)).toBeUndefined();
    expect(at(2 * 0x3fff_ffff, 1)).toEqual([[ALLOC, 0, 0xffff_fffc, 5, 9, 4]]);
    expect(at(2 * 0x4000_0000, 1)).toBeUndefined();
    expect(at(1)).toBeUndefined();
    // One that comes back is one all the same.
    expect(read({ rows: 2, ops: [FREE, FREE], addresses: [1, 10] })).toBeUndefined();
    expect(read({ rows: 2, ops: [FREE, FREE], addresses: [10, 9] })).toEqual([
      [FREE, 0, 5, 0, 0, 4],
      [FREE, 0, 0, 0, 0, 4],
    ]);
    expect(read({ rows: 2, ops: [FREE, FREE], addresses: [2 * 2 ** 32, 2 * 2 ** 32 - 1] })).toBeUndefined();
  });

  test("distances of more than 31 bits, forwards and back", () => {
    const far = 2 ** 31;
    const found = read({ rows: 3, ops: [FREE, FREE, FREE], addresses: [2 * far, 2 * far - 1, 2 * (far + 3)] });
    expect(found).toEqual([far, 0, far + 3].map((address) => [FREE, 0, address, 0, 0, 4]));
  });

  test("sizes outside of 32 bits, and sites that the file has no room for", () => {
    expect(read({ ...one, sizes: [0xffff_ffff] })).toEqual([[ALLOC, 0, 4, 0xffff_ffff, 9, 4]]);
    expect(read({ ...one, sizes: [2 ** 32] })).toBeUndefined();
    for (const sizes of [
      [2 ** 32, 1],
      [1, 2 ** 32],
    ])
      expect(read({ rows: 1, ops: [DEVICE_TOTALS], sizes })).toBeUndefined();
    expect(read({ ...one, sites: [10] })).toBeUndefined();
    expect(read({ ...one, sites: [10] }, { mostSites: 11 })).toEqual([[ALLOC, 0, 4, 5, 10, 4]]);
  });

  test("contexts of more than 16 bits; runs of them end with the rows, and may be cut", () => {
    const contexts = (...numbers: readonly number[]): unknown =>
      (
        read({ rows: 3, ops: [SYNC, SYNC, SYNC], contexts: numbers }) as readonly (readonly number[])[] | undefined
      )?.map((found) => found[5]);
    expect(contexts(1, 0xffff, 2, 7)).toEqual([0xffff, 7, 7]);
    expect(contexts(1, 0x1_0000, 2, 7)).toBeUndefined();
    expect(contexts(2, 5, 9, 7)).toEqual([5, 5, 7]);
    expect(contexts(0, 5, 0, 6, 0, 7)).toEqual([5, 6, 7]);
    expect(contexts(3, 5, 9, 0x1_0000)).toEqual([5, 5, 5]);
    expect(contexts(1, 5)).toEqual([5, 0, 0]);
    expect(contexts(1, 5, 2)).toBeUndefined();
  });
});

test("a chunk that is full of the largest numbers comes back", () => {
  const rows = new Rows(16_384, 0, 0);
  for (let i = 0; i < 16_384; i++) {
    const isTotals = i % 2 === 1;
    const address = i % 4 === 0 ? 0xffff_ffff : isTotals ? 0xffff_fff0 : 0;
    rows.push(
      isTotals ? DEVICE_TOTALS : FOUND,
      i * 200_000,
      address,
      0xffff_ffff - i,
      isTotals ? 0 : MOST_SITES - 1,
      0xffff - (i % 2),
    );
  }
  const writer = new ByteWriter();
  new RowPacker().pack(rows, writer);
  const back = new RowUnpacker().unpack(writer.view(), 0, { startTime: 0, endTime: 2 ** 33, mostSites: MOST_SITES });
  for (const column of ["op", "time", "address", "size", "site", "context"] as const)
    expect(back?.[column]).toEqual(rows[column]);
});

test("rows are written over those that are given where they have the room, else into new ones", () => {
  const bytes = section({ rows: 2, ops: [SYNC, RESET] });
  const unpacker = new RowUnpacker();
  const [room, tight, small] = [new Rows(5, 0, 0), new Rows(2, 0, 0), new Rows(1, 0, 0)];
  room.push(ALLOC, 1, 2, 3, 4, 5);
  expect(unpacker.unpack(bytes, 7, limits, room)).toBe(room);
  expect([room.length, room.firstRow, room.baseTime, room.address[0], room.size[0], room.site[0]]).toEqual([
    2, 7, 100, 0, 0, 0,
  ]);
  expect(unpacker.unpack(bytes, 7, limits, tight)).toBe(tight);
  const made = unpacker.unpack(bytes, 7, limits, small);
  expect(made).not.toBe(small);
  expect([made?.length, made?.firstRow, made?.baseTime]).toEqual([2, 7, 100]);
});
