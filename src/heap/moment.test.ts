import { expect, test } from "vitest";
import { parseMoment } from "./moment.ts";

const run = {
  from: 1e6,
  to: 101e6,
  earliest: 0,
  peak: 77e6,
  marks: [
    { time: 10e6, name: "wifi" },
    { time: 20e6, name: "cycle" },
    { time: 30e6, name: "cycle" },
  ],
};

test("a moment is a time, a share, an end or a mark", () => {
  const at = (text: string): number => parseMoment(text, run, "--at");
  expect(["12.5s", "50%", "peak", "start", "end", "-30s", "mark:wifi", "mark:cycle"].map(at)).toEqual([
    12.5e6, 51e6, 77e6, 1e6, 101e6, 71e6, 10e6, 30e6,
  ]);
});

test("a moment outside the run is an error with the run's span; what is shown rounded may be written", () => {
  for (const text of ["5h", "102s", "-102s", "500"]) {
    expect(() => parseMoment(text, run, "--at")).toThrow(
      expect.objectContaining({ code: "usage-time-outside", hint: "The run goes from 0 µs to 1 min 41 s." }),
    );
  }
  expect(parseMoment("0", run, "--at")).toBe(1e6); // nothing had happened before
  expect(parseMoment("101.4s", run, "--at")).toBe(101e6);
  expect(() => parseMoment("0", { ...run, earliest: 1e6 }, "--at")).toThrow(/outside/);
});

test("an unknown mark names those that exist", () => {
  expect(() => parseMoment("mark:x", run, "--at")).toThrow(
    expect.objectContaining({ code: "usage-mark", hint: "Its marks: wifi, cycle." }),
  );
  expect(() => parseMoment("noon", run, "--at")).toThrow(expect.objectContaining({ code: "usage-time" }));
});

test("where the peak is not known it is said why, and no form that does not work is named", () => {
  const { peak: _, ...unknown } = run;
  expect(() => parseMoment("peak", unknown, "born")).toThrow(/the peak is no moment that born takes/);
});
