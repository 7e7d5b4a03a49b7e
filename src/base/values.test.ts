import { expect, test } from "vitest";
import { lastValue, valueAt } from "./values.ts";

test("a value that the column has; an index that it has not is the caller's mistake", () => {
  const column = Float64Array.of(3, 0);
  expect([valueAt(column, 0), valueAt(column, 1), lastValue(column), lastValue(["a", "b"])]).toEqual([3, 0, 0, "b"]);
  for (const index of [-1, 2, 0.5, NaN]) expect(() => valueAt(column, index)).toThrow("assertion failed");
  expect(() => lastValue([])).toThrow("assertion failed");
});
