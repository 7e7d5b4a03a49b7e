// Rows of regions are parts of one reading.
import { expect, test } from "vitest";
import { isRegion, RegionRows } from "./region-rows.ts";

test.each<readonly [readonly string[], boolean]>([
  [["0x3ffaff10", "240"], true],
  [["dram", " 0x3FFAFF10 ", "240"], true],
  [["0x3ffaff1", "240"], false],
  [["at 0x3ffaff10", "240"], false],
  [["240"], false],
])("%j: %j", (cells, is) => {
  expect(isRegion(cells)).toBe(is);
});

test("what is free adds up, and the largest block is that of one of them", () => {
  const rows = new RegionRows<number>();
  const figures = [{ meaning: { quantity: "free" } }, { meaning: { quantity: "largest" } }] as const;
  expect(rows.close()).toBeUndefined();
  rows.add(figures, [40, 30], 2, undefined);
  rows.add(figures, [100, 90], 3, 7);
  rows.add(figures, [50, 20], 4, 8);
  expect(rows.close()).toEqual({ line: 2, time: 7, values: [190, 90] });
  expect(rows.close()).toBeUndefined();
});
