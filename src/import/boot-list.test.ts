// Which boots of a log are told one by one, and which within the one before them.
import { expect, test } from "vitest";
import { BootList, type LogBoot } from "./boot-list.ts";

/** Boots at these lines, behind what lies before any. */
function listOf(lines: readonly number[]): readonly LogBoot[] {
  const list = new BootList();
  for (const line of lines) {
    list.begin(line);
    list.current.appName = `app ${line}`;
    list.current.chip = "esp32c3";
  }
  return [...list.all];
}

const steps = (count: number, each: (i: number) => number): number[] => {
  let line = 1;
  return Array.from({ length: count }, (_, i) => (line += each(i)));
};
const isBrief = ({ isBrief: brief }: LogBoot): boolean => brief === true;

test("few boots are all told", () => {
  const boots = listOf(steps(511, () => 10));
  expect(boots).toHaveLength(512);
  expect(boots.some(isBrief)).toBe(false);
  expect(boots.some(({ furtherStarts }) => furtherStarts !== undefined)).toBe(false);
  expect(boots[511]).toEqual({ line: 5111, appName: "app 5111", chip: "esp32c3", isRiscV: false });
});

test("one more, and the shortest in between is brief: the boot before it counts it", () => {
  const lines = steps(512, (i) => (i === 300 ? 9 : 10));
  const boots = listOf(lines);
  expect(boots.findIndex(isBrief)).toBe(300);
  expect(boots.filter(isBrief)).toEqual([{ line: lines[299], isRiscV: false, isBrief: true }]);
  expect(boots.flatMap(({ furtherStarts }, i) => (furtherStarts === undefined ? [] : [[i, furtherStarts]]))).toEqual([
    [299, 1],
  ]);
});

test("of ten thousand the first, the last and the longest are told, wherever these are", () => {
  const long = new Set([300, 5000, 9000, 9900]);
  const boots = listOf(steps(10_000, (i) => (long.has(i) ? 1000 + i : 10 + (i % 3))));
  const whole = boots.flatMap((boot, i) => (isBrief(boot) ? [] : [i]));
  expect(whole).toHaveLength(512);
  expect(whole.slice(0, 256)).toEqual(Array.from({ length: 256 }, (_, i) => i));
  expect(whole.slice(-64)).toEqual(Array.from({ length: 64 }, (_, i) => 10_001 - 64 + i));
  for (const i of long) expect(whole).toContain(i);
  const further = boots.reduce((sum, { furtherStarts = 0 }) => sum + furtherStarts, 0);
  expect(whole.length + further).toBe(10_001);
});

test("once a board is known as RISC-V all later boots are one's", () => {
  const list = new BootList();
  for (let i = 1; i <= 5000; i++) {
    list.begin(10 * i);
    if (i === 1000) list.current.isRiscV = true;
  }
  const boots = [...list.all];
  expect(boots.every(({ line, isRiscV }) => isRiscV === line >= 10_000)).toBe(true);
  expect(boots.filter(isBrief)).toHaveLength(5001 - 512);
});
