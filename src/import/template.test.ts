// Lines that differ in their numbers alone, beside the words of the definition.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { templateOf } from "./template.ts";

/** A template as it would be written down. */
const written = (text: string): string =>
  text
    .replace(/0x[0-9a-f]+|[+-]?\d+(?:[.,:]\d+)*/gi, "#")
    .replace(/[ \t]+/g, " ")
    .replace(/[A-Z]/g, (capital) => capital.toLowerCase())
    .slice(0, 240);

describe("a template", () => {
  test.each([
    ["Free heap: 1234 (0x3ffb0000), -5.25 at 10:20:30\t\t x", "Free heap: 7 (0X0), +1 at 2 x", true],
    [`${"x".repeat(239)}1x`, `${"x".repeat(239)}23`, true],
    [`${"x".repeat(240)}1x`, `${"x".repeat(240)}y`, true],
    [`${"x".repeat(239)}1`, `${"x".repeat(239)}y`, false],
    [`1234 ${"x".repeat(238)}y`, `1 ${"x".repeat(238)}z`, true],
    ["0xfg", "0g", true],
    ["-0x1", "-0xx", false],
    ["1.a", "1a", false],
    ["1.2", "1", true],
    ["1,2", "1", true],
    ["1:2", "1", true],
    ["1;2", "1", false],
    ["1/2", "1", false],
    ["1-2", "1", false],
    ["1.2.", "1.", true],
    [`${"x".repeat(238)}1.`, `${"x".repeat(238)}2.`, true],
    [`${"x".repeat(238)}1.`, `${"x".repeat(238)}2`, false],
    [`${"x".repeat(237)}1.2`, `${"x".repeat(237)}2`, true],
    [`${"x".repeat(238)}1.2`, `${"x".repeat(238)}1.`, false],
    [`${"x".repeat(239)}1.2`, `${"x".repeat(239)}1.`, true],
    ["0x", "0", false],
    ["Free Heap: 1, Min: 2 AZ", "free heap: 1, min: 2 az", true],
    ["[ @ \u00c9", "{ ` \u00e9", false],
    ["0xg", "0x", false],
  ])("has a mark for each number of a line's first 240 letters: %j and %j", (a, b, isSame) => {
    expect(templateOf(a) === templateOf(b)).toBe(isSame);
    expect(written(a) === written(b)).toBe(isSame);
  });

  test("is shared by lines that would be written alike, and by no others", () => {
    const piece = fc.constantFrom("0x", "0X", "0", "7", "12", "a", "f", "g", "+", "-", ".", ",", ":", " ", "\t", "x", "\u00e9", "/"); // prettier-ignore
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
    const long = fc.tuple(fc.integer({ min: 228, max: 240 }), text).map(([n, end]) => "y".repeat(n) + end);
    const known = new Map<number, string>();
    fc.assert(
      fc.property(fc.oneof(text, long), (line) => {
        const before = known.get(templateOf(line));
        expect(before ?? written(line)).toBe(written(line));
        known.set(templateOf(line), written(line));
      }),
    );
    expect(new Set(known.values()).size).toBe(known.size);
  });

  test("differs with the names that it goes with, and where one ends", () => {
    const same = [[], [""], ["a"], ["a", ""], ["", "a"], ["a", "b"], ["ab"], ["b", "a"]].map((names) =>
      templateOf("x 1", names),
    );
    expect(new Set(same).size).toBe(same.length);
    expect(templateOf("x 1", ["a", "b"])).toBe(templateOf("x 22", ["a", "b"]));
  });
});
