import { expect, test } from "vitest";
import { durationArgument } from "./time-argument.ts";

test("durations have units, a number alone is seconds", () => {
  const written = ["90", "1.5s", "200ms", "3m", "1h30m", "2min", "50us"];
  expect(written.map((text) => durationArgument(text, "--duration"))).toEqual([
    90e6, 1.5e6, 200e3, 180e6, 5400e6, 120e6, 50,
  ]);
});

test.each(["", "soon", "5 apples", "0", "-3s", "1..5s"])("%j is refused as a duration", (text) => {
  expect(() => durationArgument(text, "--duration")).toThrow(expect.objectContaining({ code: "usage-duration" }));
});
