import { expect, test } from "vitest";
import { ByteWriter } from "../base/bytes.ts";
import { RowOp, Rows } from "../heap/rows.ts";
import { RowPacker, unpackRows } from "./pack-rows.ts";

test("rows in two memories, each on a base of its own, come back, aligned and not", () => {
  for (const odd of [0, 1]) {
    const rows = new Rows(40, 100, 5);
    for (let i = 0; i < 40; i++) {
      const address = (i % 3 === 0 ? 0x3ffb_0000 : 0x1000_0000) + 16 * i + (i === 7 ? odd : 0);
      rows.push(i % 5 === 4 ? RowOp.FREE : RowOp.ALLOC, 5 + i, address, 8 * i, i % 4, 3);
    }
    const writer = new ByteWriter();
    new RowPacker().pack(rows, writer);
    const read = unpackRows(writer.toBytes(), 100, { startTime: 0, endTime: 100, mostSites: 4 });
    expect([...(read?.address ?? [])]).toEqual([...rows.address]);
    expect([...(read?.op ?? [])]).toEqual([...rows.op]);
    expect([...(read?.time ?? [])].map((time) => time + (read?.baseTime ?? 0))).toEqual(
      [...rows.time].map((time) => time + rows.baseTime),
    );
  }
});
