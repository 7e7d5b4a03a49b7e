import { expect, test } from "vitest";
import { ROW_BYTES, RowOp, ROW_OPS } from "./rows.ts";

test("the numbers of operations are those of every recording that was ever written", () => {
  expect(RowOp).toEqual({
    ALLOC: 0,
    FREE: 1,
    FREE_UNKNOWN: 2,
    REALLOC_BEGIN: 3,
    REALLOC_FROM: 4,
    REALLOC_END: 5,
    REALLOC_FAILED: 6,
    FOUND: 7,
    GONE: 8,
    GAP: 9,
    SYNC: 10,
    RESET: 11,
    DEVICE_TOTALS: 12,
  });
  expect([ROW_OPS, ROW_BYTES]).toEqual([13, 19]);
});
