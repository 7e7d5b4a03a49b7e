// The lines of one accident: what is kept of its registers, its stack's memory and its backtrace.
import { describe, expect, test } from "vitest";
import {
  isAnother,
  isFar,
  isUntold,
  newGroup,
  programCounters,
  recursionIn,
  takeBacktrace,
  takeBounds,
  takeFromStack,
  takeRow,
  withCaller,
  type Group,
} from "./crash-group.ts";
import type { IncidentDraft } from "./incident-book.ts";

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

test("rows of memory follow each other; what does not is another stack, and 16 KiB are enough", () => {
  const one = group();
  takeRow(one, DATA, [1, 2]);
  takeRow(one, DATA + 8, [3]);
  for (const elsewhere of [DATA, DATA + 8, DATA + 11, DATA + 13, DATA + 16, DATA - 12]) takeRow(one, elsewhere, [9]);
  takeRow(one, DATA + 12, [4]);
  expect([one.memoryAt, one.memory]).toEqual([DATA, [1, 2, 3, 4]]);
  const long = group();
  for (let row = 0; row < 1030; row++) takeRow(long, DATA + 16 * row, [row, 0, 0, 0]);
  expect([long.memory.length, long.memory[4092]]).toEqual([4096, 1023]);
});

describe("backtraces", () => {
  const taken = (
    architecture: "xtensa" | "riscv",
    isNumbered: boolean,
    ...lines: readonly (readonly [number, number])[][]
  ): Group => {
    const one = group();
    for (const pairs of lines) {
      const text = pairs.map(
        ([pc, sp]) => `0x${pc.toString(16).padStart(8, "0")}:0x${sp.toString(16).padStart(8, "0")}`,
      );
      const line = { kind: "backtrace" as const, pairs: pairs.map(([pc, sp]) => ({ pc, sp })), isNumbered };
      takeBacktrace(one, line as unknown as Parameters<typeof takeBacktrace>[1], text.join(" "), architecture);
    }
    return one;
  };

  test("all places of calls on Xtensa, only the first on RISC-V, none where frames are numbered", () => {
    const lines: (readonly [number, number])[][] = [
      [[CODE, DATA], [OTHER, DATA + 32]],
      [[0, DATA + 48], [THIRD, DATA + 64]],
    ]; // prettier-ignore
    expect(taken("xtensa", false, ...lines).callers).toEqual([CODE + 3, OTHER + 3, THIRD + 3]);
    expect(taken("riscv", false, ...lines).callers).toEqual([CODE + 1, OTHER, THIRD]);
    expect(taken("riscv", true, ...lines).callers).toEqual([CODE, OTHER, THIRD]);
    expect(taken("xtensa", true, ...lines).callers).toEqual([CODE + 3, OTHER + 3, THIRD + 3]);
    expect(taken("xtensa", false, ...lines)).toMatchObject({
      hasBacktrace: true,
      counters: 3,
      stack: [DATA, DATA + 32, DATA + 48, DATA + 64],
    });
  });

  test("the first alone, of addresses of memory, and nothing where there is none", () => {
    const done = group({ isBacktraceDone: true });
    const line = { kind: "backtrace" as const, pairs: [{ pc: CODE, sp: DATA }], isNumbered: false };
    takeBacktrace(done, line as unknown as Parameters<typeof takeBacktrace>[1], "", "xtensa");
    expect([done.callers, done.hasBacktrace]).toEqual([[], false]);
    expect(taken("xtensa", false, [])).toMatchObject({ callers: [], hasBacktrace: false });
    expect(taken("xtensa", false, [[CODE, 0x1000_0000]]).stack).toEqual([]);
    expect(taken("xtensa", false, [[CODE, 0x1000_0001]]).stack).toEqual([0x1000_0001]);
  });
});

test("a numbered backtrace may follow a first one, and be a search of the stack", () => {
  const numbered = (one: Group, text: string): Group => {
    const line = { kind: "backtrace" as const, pairs: [{ pc: CODE, sp: DATA }], isNumbered: true };
    takeBacktrace(one, line as unknown as Parameters<typeof takeBacktrace>[1], text, "riscv");
    return one;
  };
  expect(numbered(group({ isBacktraceDone: true }), "").callers).toEqual([CODE]);
  expect(numbered(group({ registers: registers({ PC: CODE }) }), "").callers).toEqual([CODE + 1]);
  expect(numbered(group({ registers: registers({ PC: CODE }), counters: 1 }), "").callers).toEqual([CODE]);
  expect(numbered(group({ isKept: true }), "").isOnStack).toBe(true);
  expect(numbered(group({ isKept: true }), "(backtrace)").isOnStack).toBe(false);
  expect(numbered(group(), "").isOnStack).toBe(false);
});

test("the stack's bounds are told as facts", () => {
  const one = group();
  expect(takeBounds(one, "nothing of it")).toBe(false);
  expect(takeBounds(one, "Stack pointer: 0x3ffb1000")).toBe(true);
  expect(takeBounds(one, "Stack bounds: 0x3ffb0000 - 0x3ffb2000")).toBe(true);
  expect(one.bounds).toEqual(["stack pointer 0x3ffb1000", "stack low 0x3ffb0000", "stack high 0x3ffb2000"]);
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

test("what was found on the stack: up to 64, none that a register has, or that came right before", () => {
  const one = group({ registers: registers({ A0: OTHER }) });
  for (const address of [CODE, CODE, OTHER, THIRD, CODE]) takeFromStack(one, address);
  expect(one.onStack).toEqual([CODE, THIRD, CODE]);
  for (let i = 0; i < 100; i++) takeFromStack(one, i);
  expect([one.onStack.length, one.onStack.at(-1)]).toEqual([64, 60]);
});

test("another accident: after a backtrace, of other damage, far from it in a check of the heap", () => {
  const draft = (what: Partial<IncidentDraft>): IncidentDraft => ({ kind: "bad-head", line: 1, quote: "", ...what });
  const open = (what: Partial<IncidentDraft> | undefined, more: Partial<Group> = {}): Group =>
    group({ draft: what && draft(what), ...more });
  const head = { expected: 1, address: 1000 };
  expect([936, 935, 1064, 1065].map((address) => isFar(open(head), { expected: 2, address }))).toEqual([
    ...[false, true],
    ...[false, true],
  ]);
  expect([isFar(open({ address: 1000 }), { expected: 2, address: 5 }), isFar(open(head), { address: 5 })]).toEqual([
    false,
    false,
  ]);
  expect([64, 65].map((address) => isFar(open({ expected: 1 }), { expected: 2, address }))).toEqual([false, true]);
  expect([64, 65].map((address) => isFar(open({ expected: 1, address }), { expected: 2 }))).toEqual([false, true]);
  expect(isAnother(open(head, { hasBacktrace: true }), {})).toBe(true);
  expect(isAnother(open({ kind: "assert" }), { expected: 2 })).toBe(true);
  expect(isAnother(open({ kind: "assert" }), {})).toBe(false);
  expect(isAnother(open(head), { expected: 2, address: 9000 })).toBe(false);
  const checked = (what: Partial<IncidentDraft>): boolean => isAnother(open(head, { isChecked: true }), what);
  expect(checked({ kind: "panic" })).toBe(true);
  expect(checked({ kind: "bad-tail", expected: 2, address: 9000 })).toBe(false);
  expect(checked({ kind: "bad-tail", expected: 2, address: 9000, allocSite: 4 })).toBe(true);
  expect(checked({ kind: "bad-tail", expected: 2, address: 1001, allocSite: 4 })).toBe(false);
  expect(checked({ kind: "write-after-free", expected: 2, address: 9000 })).toBe(true);
  const untold = [{ kind: "panic" as const }, { kind: "panic" as const, detail: "" }, { kind: "abort" as const }];
  expect([undefined, ...untold].map((what) => isUntold(open(what)))).toEqual([false, true, false, false]);
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
