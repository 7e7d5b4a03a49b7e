import { expect, test } from "vitest";
import { parseDuration } from "./duration.ts";

test("units add up, and a number alone is seconds", () => {
  const written = ["90", "2.5s", "3m", "1h30m", "200ms", "15us", "15µs", "1d2h"];
  expect(written.map((text) => parseDuration(text))).toEqual([90e6, 2.5e6, 180e6, 5400e6, 200e3, 15, 15, 93_600e6]);
});

test.each(["", "s", "1x", "-1s", "1 s", "1s2", "soon"])("%j is no duration", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});
