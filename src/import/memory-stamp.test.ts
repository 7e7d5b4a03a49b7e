// Figures in brackets before a line: which they are, and what is none.
import { expect, test } from "vitest";
import { hasMemoryStamps, memoryStamp } from "./memory-stamp.ts";

test.each([
  ["[98292/104972 6] said", "heap free: 104972, largest: 98292, fragmentation: 6 %", "said"],
  [
    "[98292/104972  7][44236/45408 3][44236/45408] said",
    "heap free: 104972, largest: 98292, fragmentation: 7 %",
    "said",
  ],
  ["[ 12496|   9880] said", "heap: 12496, largest block: 9880", "said"],
  ["(  12496|   9880) said", "heap: 12496, largest block: 9880", "said"],
  ["[  9880/  12496][said ( 12)]", "heap: 12496, largest block: 9880", "[said ( 12)]"],
])("%j", (text, figures, message) => {
  expect(memoryStamp(text)).toEqual({ figures, message, isProven: figures.includes("fragmentation") });
});

test.each([
  "[98292/104972 9] said",
  "[98292/104972 4] said",
  "[98291/104972] said",
  "[98292/104974] said",
  "[982/1048] said",
  "[98292:104972] said",
  "said [98292/104972]",
  "[104972] said",
  "(98292/104972) said",
])("%j is none", (text) => {
  expect(memoryStamp(text)).toBeUndefined();
});

test("a log has them where more than two of five lines do", () => {
  expect(hasMemoryStamps(["[9884|9880] a", "[9884|9880] b", "c", "d", "e"])).toBe(false);
  expect(hasMemoryStamps(["[9884|9880] a", "b"])).toBe(true);
  expect(hasMemoryStamps(["[9884|9880] a", "[9884|9880] b", "c"])).toBe(true);
  // Proven by their share: more than one in five.
  expect(hasMemoryStamps(["[98292/104972 6] a", "b", "c", "d"])).toBe(true);
  expect(hasMemoryStamps(["[98292/104972 6] a", "b", "c", "d", "e"])).toBe(false);
  expect(hasMemoryStamps([])).toBe(false);
});
