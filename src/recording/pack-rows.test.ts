import fc from "fast-check";
import { expect, test } from "vitest";
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
