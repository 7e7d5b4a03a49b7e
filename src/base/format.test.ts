import { expect, test } from "vitest";
import { formatAddress, formatBytes, formatCount, formatNumberOf, formatTime, formatTimes } from "./format.ts";

test("counts are grouped in threes", () => {
  expect([0, 999, 1000, 1234567, -12345].map(formatCount)).toEqual(["0", "999", "1,000", "1,234,567", "-12,345"]);
});

test("small sizes are exact, large ones have three digits", () => {
  expect([0, 256, 9999].map(formatBytes)).toEqual(["0 B", "256 B", "9,999 B"]);
  expect([10_000, 65_536, 1_023_000, 8 * 1024 * 1024, -20_480].map(formatBytes)).toEqual([
    "9.77 KiB",
    "64.0 KiB",
    "999 KiB",
    "8.00 MiB",
    "-20.0 KiB",
  ]);
});

test("times change their unit as they grow and never show 60 seconds", () => {
  expect([0, 850, 12_500, 999_700, 12.34e6].map(formatTime)).toEqual(["0 µs", "850 µs", "12.5 ms", "1.00 s", "12.3 s"]);
  expect([99.96e6, 192e6, 3599.6e6, 18_420e6, 273_600e6].map(formatTime)).toEqual([
    "1 min 40 s",
    "3 min 12 s",
    "1 h 00 min",
    "5 h 07 min",
    "3 d 04 h",
  ]);
});

test("addresses are unsigned and full width", () => {
  expect(formatAddress(0x3ffb1234)).toBe("0x3ffb1234");
  expect(formatAddress(0xffffffff | 0)).toBe("0xffffffff");
});

test("a number of things agrees with its word", () => {
  expect([formatNumberOf(1, "block"), formatNumberOf(2000, "block"), formatNumberOf(2, "boy", "lads")]).toEqual([
    "1 block",
    "2,000 blocks",
    "2 lads",
  ]);
});

test("times of one list differ as the times do", () => {
  expect(formatTimes([1e6, 2e6])).toEqual(["1.00 s", "2.00 s"]);
  expect(formatTimes([3661.001e6, 3661.002e6])).toEqual(["3661.001 s", "3661.002 s"]);
  expect(formatTimes([7200e6, 7200e6 + 1])).toEqual(["7200.000000 s", "7200.000001 s"]);
  expect(formatTimes([5, 5])).toEqual(["5 µs", "5 µs"]);
});
