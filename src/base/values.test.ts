import { expect, test } from "vitest";
import { greatest, lastValue, smallest, valueAt } from "./values.ts";

test("a value that the column has; an index that it has not is the caller's mistake", () => {
  const column = Float64Array.of(3, 0);
  expect([valueAt(column, 0), valueAt(column, 1), lastValue(column), lastValue(["a", "b"])]).toEqual([3, 0, 0, "b"]);
  for (const index of [-1, 2, 0.5, NaN]) expect(() => valueAt(column, index)).toThrow("assertion failed");
  expect(() => lastValue([])).toThrow("assertion failed");
});

test("the greatest and the smallest of any number of values", () => {
  const many = Array.from({ length: 1_000_000 }, (_, i) => (i * 7919) % 1_000_003);
  expect([greatest(many), smallest(many)]).toEqual([1_000_002, 0]);
  expect([greatest([-2, -3]), smallest([2, 3])]).toEqual([-2, 2]);
  expect([greatest([]), smallest([])]).toEqual([-Infinity, Infinity]);
});
