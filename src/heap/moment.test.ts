import { expect, test } from "vitest";
import type { MemmapError } from "../base/errors.ts";
import { parseMoment, timesOf } from "./moment.ts";
import { TableBuilder } from "./notes.ts";

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
  const at = (text: string, times = run): number => parseMoment(text, times, "--at");
  expect(["12.5s", "50%", "peak", "start", "end", "-30s", "mark:wifi", "mark:cycle"].map((text) => at(text))).toEqual([
    12.5e6, 51e6, 77e6, 1e6, 101e6, 71e6, 10e6, 30e6,
  ]);
  expect(["1:30", "0:00:05.5", "-0:30", "wifi", "cycle", " 50 % "].map((text) => at(text))).toEqual([
    90e6, 5.5e6, 71e6, 10e6, 30e6, 51e6,
  ]);
  expect(at("1:30:00", { ...run, to: 6000e6 })).toBe(5400e6);
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

test("hints name the forms, the nearest marks and the first twenty", () => {
  const hintOf = (text: string, names: readonly string[]): string | undefined => {
    const marks = names.map((name, i) => ({ name, time: i }));
    try {
      parseMoment(text, { ...run, marks }, "--at");
    } catch (error) {
      return (error as MemmapError).hint;
    }
    return undefined;
  };
  expect(hintOf("mark:x", [])).toBe('It has no marks at all; the firmware sets them with memmap_mark("name").');
  expect(hintOf("mark:wfi", ["wifi", "wifi2", "other", "wifi"])).toBe(
    "Did you mean mark:wifi? Its marks: wifi, wifi2, other.",
  );
  const many = Array.from({ length: 21 }, (_, i) => `m${i}`);
  expect(hintOf("mark:zzzz", many.slice(1))).toBe(`Its marks: ${many.slice(1).join(", ")}.`);
  expect(hintOf("mark:zzzz", many)).toBe(`Its marks: ${many.slice(0, 20).join(", ")}, ….`);
  expect(hintOf("noon", [])).toBe(
    "Write a time since boot or one of its other forms: 12.5s, 3m, 1:30, -30s (before the end), 50%, mark:NAME, start, end, peak.",
  );
  const { peak: _, ...unknown } = run;
  expect(() => parseMoment("peak", unknown, "born")).toThrow(
    expect.objectContaining({
      code: "usage-time",
      hint: "Look at the peak with --at peak, and say when blocks were born in one of the other forms.",
    }),
  );
});

test("what is shown rounded may be written at the beginning too; both ends belong to the run", () => {
  const late = { ...run, from: 1_234_567, earliest: 1_234_567 };
  expect(
    ["1.23s", "1234.567ms", "1.3s", "101s", "+2s", "12.5 %", "- 1s"].map((text) => parseMoment(text, late, "x")),
  ).toEqual([1_234_567, 1_234_567, 1.3e6, 101e6, 2e6, 1_234_567 + (101e6 - 1_234_567) / 8, 100e6]);
  expect(() => parseMoment("1.22s", late, "x")).toThrow(/lies outside the run/);
});

test("a run that was joined late begins where it was joined, any other with its boot", () => {
  const tables = (reason: "attached-late" | "frames-lost", time: number): Parameters<typeof timesOf>[1] => ({
    ...new TableBuilder().tables,
    gaps: [{ reason, time, lostFrames: 0 }],
  });
  const window = { from: 500, to: 900 };
  expect(timesOf(window, tables("attached-late", 500))).toEqual({ ...window, earliest: 500, marks: [] });
  expect(timesOf(window, tables("attached-late", 501)).earliest).toBe(0);
  expect(timesOf(window, tables("frames-lost", 500)).earliest).toBe(0);
  expect(timesOf({ from: -5, to: 9 }, tables("frames-lost", 1), 7)).toEqual({
    from: -5,
    to: 9,
    earliest: -5,
    marks: [],
    peak: 7,
  });
});
