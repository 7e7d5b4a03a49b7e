// Fields that count seconds or milliseconds without saying so.
import { expect, test } from "vitest";
import { fieldClock, fieldTime } from "./field-clock.ts";

const clockOf = (...texts: readonly string[]) => fieldClock(texts.map((text) => ({ text, number: 1, tags: [] })));
const rows = (values: readonly number[], row: (value: number) => string): string[] => values.map(row);
const every = (step: number, first = 7): number[] => Array.from({ length: 8 }, (_, i) => first + step * i);

test.for<readonly [string, (value: number) => string, number, number]>([
  ["up", (value) => `{"up":${value},"heap":1}`, 60, 1e6],
  ["t", (value) => `t=${value} heap=1`, 5000, 1e3],
  ["uptime", (value) => `{"uptime":"${value}"}`, 60_000, 1e3],
  ["sec", (value) => `sec:${value}, heap 1`, 3600, 1e6],
  ["elapsed", (value) => `elapsed=${value};heap=1`, 1000, 1e3],
])("%s by round steps", ([name, row, step, unit]) => {
  expect(clockOf(...rows(every(step), row))).toEqual({ name, unit });
});

test("fractions are of seconds, and a restart is no other field", () => {
  expect(clockOf(...rows([1.5, 4.2, 6.9, 9.8, 12.4, 15.2], (value) => `t=${value} heap=1`))).toEqual({ name: "t", unit: 1e6 }); // prettier-ignore
  expect(clockOf(...rows([...every(60), ...every(60)], (value) => `up=${value}`))).toEqual({ name: "up", unit: 1e6 });
});

test("no clock: other steps, too few, back and forth, with a unit, since 1970, behind a stamp", () => {
  expect(clockOf(...rows(every(7), (value) => `t=${value}`))).toBeUndefined();
  expect(clockOf(...rows(every(1), (value) => `t=${value}`))).toBeUndefined();
  expect(clockOf(...rows(every(60).slice(0, 5), (value) => `t=${value}`))).toBeUndefined();
  expect(clockOf(...rows([5, 65, 7, 67, 9, 69, 11, 71], (value) => `t=${value}`))).toBeUndefined();
  expect(clockOf(...rows(every(60), (value) => `up=${value} min`))).toBeUndefined();
  expect(clockOf(...rows(every(60, 1.76e9), (value) => `ts=${value}`))).toBeUndefined();
  expect(fieldClock(every(60).map((value) => ({ text: `t=${value}`, uptime: value })))).toBeUndefined();
});

test("of lines with stamps one that counts since the boot", () => {
  const up = every(60).map((value) => ({ text: `t=${value},up=${value}`, clock: value }));
  expect(fieldClock(up)).toEqual({ name: "up", unit: 1e6 });
  expect(up.map((line) => fieldTime(line, { name: "t", unit: 1e6 }))).not.toContain(60e6);
});

test("of one name, and no other", () => {
  expect(fieldTime({ text: '{"t":3,"up":60}' }, { name: "up", unit: 1e6 })).toBe(60e6);
  expect(fieldTime({ text: '{"t":3}' }, { name: "up", unit: 1e6 })).toBeUndefined();
});
