// What an accident's lines were, once all are read: where it stopped, what called that, and calls that come again and again.
import { describe, expect, test } from "vitest";
import { newGroup, type Group } from "./crash-group.ts";
import { programCounters, recursionIn, withCaller } from "./crash-incident.ts";

const [CODE, OTHER, THIRD] = [0x400d_1234, 0x4208_5678, 0x4037_0010];
const DATA = 0x3ffb_0000;

const registers = (told: Readonly<Record<string, number>>): Map<string, number> => new Map(Object.entries(told));
const group = (told: Partial<Group> = {}): Group => ({ ...newGroup(1, 0), ...told });

test("where it stopped and what called that: return addresses, without those that are none", () => {
  const counters = (told: Readonly<Record<string, number>>, architecture: "xtensa" | "riscv"): number[] =>
    programCounters(registers(told), architecture);
  expect(counters({ PC: CODE }, "xtensa")).toEqual([CODE + 3]);
  expect(counters({ epc1: CODE, A0: 5 }, "xtensa")).toEqual([CODE + 3]);
  expect(counters({ MEPC: CODE, PC: OTHER, RA: THIRD }, "riscv")).toEqual([CODE + 1, THIRD]);
  expect(counters({ MEPC: 0, RA: THIRD }, "riscv")).toEqual([THIRD]);
  expect(counters({ MEPC: CODE, RA: 0 }, "riscv")).toEqual([CODE + 1]);
  expect(counters({}, "riscv")).toEqual([]);
});

describe("recursion", () => {
  const told = (callers: readonly number[], stack: readonly number[] = []): string[] =>
    recursionIn(group({ callers: [...callers], stack: [...stack] }), (address) => `f${address}`);
  const calls = [CODE, OTHER, THIRD, CODE + 8];

  test.each([1, 2, 3, 4])("of %i calls a round, told from four rounds on", (round) => {
    for (const before of [[], [7], [7, 8]]) {
      for (const behind of [[], [9], [9, 10]]) {
        for (const rounds of [1, 3, 4, 6]) {
          const callers = [
            ...before,
            ...Array.from({ length: rounds * round }, (_, i) => calls[i % round] ?? 0),
            ...behind,
          ];
          const name = calls[0] ?? 0;
          const is = rounds < 4 ? [] : [`recursion ${rounds} 0 f${name}`];
          expect(told(callers)).toEqual(is);
          const sized = rounds < 4 ? [] : [`recursion ${rounds} ${48 * round} f${name}`];
          expect(
            told(
              callers,
              callers.map((_, i) => DATA + 48 * i),
            ),
          ).toEqual(sized);
        }
      }
    }
  });

  test("of five calls a round, of none, and in a stack that goes down", () => {
    expect(told(Array.from({ length: 40 }, (_, i) => i % 5))).toEqual([]);
    expect(told([1, 2, 3, 4, 5, 6])).toEqual([]);
    expect(told([1, 1, 1, 2, 1, 1, 1])).toEqual([]);
    expect(told([1, 1, 1, 1], [90, 80, 70, 60])).toEqual(["recursion 4 0 f1"]);
    expect(told([1, 1, 1, 1], [90, 80, 70])).toEqual(["recursion 4 0 f1"]);
  });
});

test("what called a bad pointer is found by its return address", () => {
  const bad = 0x0000_0010;
  const found = (callers: readonly number[], told: Readonly<Record<string, number>>): readonly number[] =>
    withCaller(callers, group({ registers: registers(told) }));
  // A0 keeps the size of the register window in its highest bits.
  const windowed = CODE + 0x4000_0000;
  expect(found([], { A0: windowed })).toEqual([]);
  expect(found([OTHER, THIRD], { A0: windowed })).toEqual([OTHER, THIRD]);
  expect(found([bad, THIRD], { A0: windowed })).toEqual([CODE, THIRD]);
  expect(found([bad, CODE, THIRD], { A0: windowed })).toEqual([CODE, THIRD]);
  expect(found([bad, THIRD], { A0: 0x3ffb_0000 & 0x3fff_ffff })).toEqual([bad, THIRD]);
  expect(found([bad, THIRD], {})).toEqual([THIRD]);
  expect(found([bad], {})).toEqual([bad]);
  expect(found([bad, THIRD], { A0: windowed, MEPC: bad })).toEqual([THIRD]);
  expect(found([bad], { A0: windowed, MEPC: bad })).toEqual([bad]);
});
