import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteFinder } from "./byte-finder.ts";

test("whether a byte is in a stretch, of whichever bytes and in whatever order it is asked", () => {
  const bytes = fc.uint8Array({ max: 3, maxLength: 20 });
  const asked = fc.array(fc.tuple(fc.nat(1), fc.nat(20), fc.nat(20)), { maxLength: 20 });
  fc.assert(
    fc.property(fc.tuple(bytes, bytes), asked, (all, questions) => {
      const finder = new ByteFinder(2);
      for (const [which, a, b] of questions) {
        const one = all[which] ?? new Uint8Array(0);
        const [start, end] = [Math.min(a, b, one.length), Math.min(Math.max(a, b), one.length)];
        expect(finder.isIn(one, start, end)).toBe(one.subarray(start, end).includes(2));
      }
    }),
    { numRuns: 300 },
  );
});
