// Stamps that the whole log explains.
import { expect, test } from "vitest";
import { logLine } from "./log-text.ts";
import { stampsTold } from "./stamps-told.ts";

const lineOf = (text: string, i = 0) => logLine(new TextEncoder().encode(text), i + 1);
const told = (texts: readonly string[], isStamped = false) => {
  const lines = texts.map(lineOf);
  const retell = stampsTold(lines, isStamped);
  return retell && lines.map(retell).map(({ uptime, clock, text }) => [uptime, clock, text]);
};
const rows = (count: number, row: (i: number) => string): string[] => Array.from({ length: count }, (_, i) => row(i));

test("counters that come after round numbers of seconds are seconds", () => {
  expect(told(rows(6, (i) => `[${300 * (i + 1)}] x`))).toEqual(rows(6, String).map((_, i) => [300e6 * (i + 1), undefined, "x"])); // prettier-ignore
  expect(told(rows(6, (i) => `[${300 * (i + 1)}] INFO: x`))?.at(0)).toEqual([300e6, undefined, "x"]);
  expect(told([...rows(6, (i) => `[${60 * (i + 1)}] x`), "[7] INFO: y", "8x z"])?.slice(-2)).toEqual([
    [7e6, undefined, "y"],
    [undefined, undefined, "8x z"],
  ]);
  expect(told(rows(5, (i) => `[${300 * (i + 1)}] x`))).toBeUndefined();
  expect(told(rows(9, (i) => `[${300 * (i + 1) + (i % 2)}] x`))).toBeUndefined();
  expect(told(rows(9, (i) => `[${1000 * (i + 1)}] x`))).toBeUndefined();
  expect(told(rows(9, (i) => `[${300 * (i + 1)} ms] x`))).toBeUndefined();
});

test("each number of seconds that programs wait is a round one, and those beside it are none", () => {
  const areSeconds = (step: number): boolean => told(rows(6, (i) => `[${step * (i + 1)}] x`)) !== undefined;
  const round = [5, 10, 15, 20, 30, 60, 120, 180, 240, 300, 600, 900, 1200, 1800, 3600];
  expect(round.filter(areSeconds)).toEqual(round);
  expect(round.flatMap((step) => [step - 1, step + 1]).filter(areSeconds)).toEqual([]);
});

test("seconds that most lines begin with are their times, and those before a few are words", () => {
  expect(told(rows(8, (i) => (i === 3 ? "boot" : `${20 * i}s I (5) x: y`)))?.slice(2, 5)).toEqual([
    [40e6, undefined, "y"],
    [undefined, undefined, "boot"],
    [80e6, undefined, "y"],
  ]);
  expect(told(rows(8, (i) => (i % 2 === 0 ? `${20 * i}s x` : "y")))).toBeUndefined();
  expect(told(rows(8, () => "20s timeout"))).toBeUndefined();
  expect(told(rows(8, (i) => `${20 * ((7 * i) % 8)}s timeout`))).toBeUndefined();
});

test("a counter before nearly all lines is their time: milliseconds, or seconds where its steps are round", () => {
  expect(told(rows(8, (i) => `${1203 + 5000 * i} x=1`))?.at(-1)).toEqual([36_203e3, undefined, "x=1"]);
  expect(told(rows(8, (i) => `${30 * i}: x`))?.at(-1)).toEqual([210e6, undefined, "x"]);
  expect(told(rows(8, (i) => `${7.25 + i} x`))?.at(-1)).toEqual([14.25e6, undefined, "x"]);
  expect(told(rows(8, (i) => `${i + 1} x`))).toBeUndefined();
  expect(told(rows(8, (i) => `${4096 * i} bytes`))).toBeUndefined();
  expect(told(rows(8, (i) => (i % 4 === 0 ? "y" : `${5000 * i} x`)))).toBeUndefined();
  expect(told(rows(8, (i) => (i % 4 === 0 ? `${5 * i}s x` : `${5000 * i}ms x`)))).toBeUndefined();
});

test("hours and minutes go on past midnight", () => {
  expect(told(["23:59 x", "00:07 x", "01:00 x"])).toEqual([
    [undefined, (23 * 60 + 59) * 60e6, "x"],
    [undefined, 7 * 60e6, "x"],
    [undefined, 3600e6, "x"],
  ]);
  expect(told(["00:07 x", "01:00 x", "22:59 x"])).toBeUndefined();
  expect(told(["22:59 x", "00:07 x"])).toBeUndefined();
});

test("a time behind figures that stand before each line is the line's", () => {
  expect(told(["[98292/104972  6][44236/45408  3] 11:06:40 x", "[98292/104972  6] y", "z"], true)).toEqual([
    [undefined, ((11 * 60 + 6) * 60 + 40) * 1e6, "[98292/104972  6][44236/45408  3] 11:06:40 x"],
    [undefined, undefined, "[98292/104972  6] y"],
    [undefined, undefined, "z"],
  ]);
});
