import { expect, test } from "vitest";
import { formatAbout, formatBytes, formatQuantity } from "./format.ts";
import { between, difference, estimated, exactly, likely, unknown } from "./quantity.ts";

test("bounds that leave no room make a number exact, a missing one is left out", () => {
  expect(between(3, 3, 3)).toEqual({ certainty: "exact", value: 3 });
  expect(between(1, 2, 3)).toEqual({ certainty: "bounded", value: 2, lowest: 1, highest: 3 });
  expect(between(1, 2, Infinity)).toEqual({ certainty: "bounded", value: 2, lowest: 1 });
});

test("a difference is as certain as both numbers are", () => {
  expect(difference(exactly(5), exactly(7))).toEqual(exactly(-2));
  expect(difference(between(4, 5, 9), between(1, 2, 3))).toEqual(between(1, 3, 8));
  expect(difference(exactly(5), between(1, 2, Infinity))).toEqual({
    certainty: "bounded",
    value: 3,
    highest: 4,
  });
  expect(difference(between(1, 2, 3), estimated(1))).toEqual(estimated(1));
  expect(difference(unknown, exactly(1))).toEqual(unknown);
});

test("people read how far a number is known", () => {
  const read = [exactly(5), between(1, 2, 3), between(2, 2, Infinity), between(1, 2, Infinity), estimated(7), unknown];
  expect(read.map((quantity) => formatQuantity(quantity, formatBytes))).toEqual([
    "5 B",
    "2 B (1 B to 3 B)",
    "at least 2 B",
    "2 B (1 B or more)",
    "~7 B",
    "unknown",
  ]);
  expect(read.map((quantity) => formatAbout(quantity, formatBytes))).toEqual([
    "5 B",
    "~2 B",
    "~2 B",
    "~2 B",
    "~7 B",
    "?",
  ]);
  expect(read.map((quantity) => likely(quantity, -1))).toEqual([5, 2, 2, 2, 7, -1]);
});
