import fc from "fast-check";
import { expect, test } from "vitest";
import { countBelow, countUpTo, countWhile } from "./bisect.ts";

test("counts agree with looking at all, also where values repeat", () => {
  const values = fc.array(fc.integer({ min: -20, max: 20 }), { maxLength: 40 });
  fc.assert(
    fc.property(values, fc.integer({ min: -22, max: 22 }), (unsorted, value) => {
      const ascending = Int32Array.from(unsorted).sort();
      expect(countUpTo(ascending, value)).toBe(ascending.filter((one) => one <= value).length);
      expect(countBelow(ascending, value)).toBe(ascending.filter((one) => one < value).length);
    }),
  );
});

test("asks no more often than halving takes, and only for what there is", () => {
  for (const length of [0, 1, 2, 3, 7, 8, 1000]) {
    for (const wanted of [0, 1, length >> 1, length - 1, length].filter((one) => one >= 0 && one <= length)) {
      const asked: number[] = [];
      const found = countWhile(length, (index) => asked.push(index) > 0 && index < wanted);
      expect(found).toBe(wanted);
      expect(asked.length).toBeLessThanOrEqual(Math.ceil(Math.log2(length + 1)));
      expect(asked.every((index) => index >= 0 && index < length)).toBe(true);
    }
  }
});
