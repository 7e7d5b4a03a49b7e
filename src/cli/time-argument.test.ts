import { expect, test } from "vitest";
import { durationArgument, parseMoment } from "./time-argument.ts";

const run = {
  from: 1e6,
  to: 101e6,
  marks: [
    { time: 10e6, name: "wifi" },
    { time: 20e6, name: "cycle" },
    { time: 30e6, name: "cycle" },
  ],
};

test("durations have units, a number alone is seconds", () => {
  const written = ["90", "1.5s", "200ms", "3m", "1h30m", "2min", "50us"];
  expect(written.map((text) => durationArgument(text, "--duration"))).toEqual([
    90e6, 1.5e6, 200e3, 180e6, 5400e6, 120e6, 50,
  ]);
});

test.each(["", "soon", "5 apples", "0", "-3s", "1..5s"])("%j is refused as a duration", (text) => {
  expect(() => durationArgument(text, "--duration")).toThrow(expect.objectContaining({ code: "usage-duration" }));
});

test("a moment is a time, a share, an end or a mark", () => {
  const at = (text: string): number => parseMoment(text, run);
  expect(["12.5s", "50%", "start", "end", "-30s", "mark:wifi", "mark:cycle"].map(at)).toEqual([
    12.5e6, 51e6, 1e6, 101e6, 71e6, 10e6, 30e6,
  ]);
});

test("a moment outside the run is its nearest end", () => {
  expect(parseMoment("5h", run)).toBe(101e6);
  expect(parseMoment("0", run)).toBe(1e6);
});

test("an unknown mark names those that exist", () => {
  expect(() => parseMoment("mark:x", run)).toThrow(
    expect.objectContaining({ code: "usage-mark", hint: "Its marks: wifi, cycle." }),
  );
  expect(() => parseMoment("noon", run)).toThrow(expect.objectContaining({ code: "usage-time" }));
});
