// The lines of one accident: what is kept of its registers, its stack's memory and its backtrace.
import { describe, expect, test } from "vitest";
import {
  architectureOf,
  isAnother,
  isDamageAlone,
  isEmptyStatus,
  isFar,
  isUntold,
  newGroup,
  takeBacktrace,
  takeBounds,
  takeFromStack,
  takeRow,
  type Group,
} from "./crash-group.ts";
import type { IncidentDraft } from "./incident-book.ts";

const [CODE, OTHER, THIRD] = [0x400d_1234, 0x4208_5678, 0x4037_0010];
const DATA = 0x3ffb_0000;

const registers = (told: Readonly<Record<string, number>>): Map<string, number> => new Map(Object.entries(told));
const group = (told: Partial<Group> = {}): Group => ({ ...newGroup(1, 0), ...told });

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
  expect([1064, 1065].map((address) => isAnother(open(head), { expected: 2, address }))).toEqual([false, true]);
  const checked = (what: Partial<IncidentDraft>): boolean => isAnother(open(head, { isChecked: true }), what);
  expect(checked({ kind: "panic" })).toBe(true);
  expect(checked({ kind: "bad-tail", expected: 2, address: 9000 })).toBe(false);
  expect(checked({ kind: "bad-tail", expected: 2, address: 9000, allocSite: 4 })).toBe(true);
  expect(checked({ kind: "bad-tail", expected: 2, address: 1001, allocSite: 4 })).toBe(false);
  expect(checked({ kind: "write-after-free", expected: 2, address: 9000 })).toBe(true);
  const untold = [{ kind: "panic" as const }, { kind: "panic" as const, detail: "" }, { kind: "abort" as const }];
  expect([undefined, ...untold].map((what) => isUntold(open(what)))).toEqual([false, true, false, false]);
});

test("damage is alone as long as nothing but damage was said, and no backtrace was seen", () => {
  const [damage, other] = ["3: CORRUPT HEAP: Bad tail", "4: abort() was called"];
  expect([[], [damage], [damage, damage], [other], [damage, other]].map((also) => isDamageAlone(group({ also })))).toEqual([true, true, true, false, false]); // prettier-ignore
  expect(isDamageAlone(group({ also: [damage], hasBacktrace: true }))).toBe(false);
});

test("nothing had crashed where an account after a restart tells neither a reason nor calls", () => {
  const draft: IncidentDraft = { kind: "panic", line: 1, quote: "" };
  const empty = { isKept: true, draft };
  expect(isEmptyStatus(group(empty))).toBe(true);
  expect(isEmptyStatus(group({ isKept: true }))).toBe(true);
  expect(isEmptyStatus(group({ ...empty, isKept: false }))).toBe(false);
  expect(isEmptyStatus(group({ ...empty, callers: [CODE] }))).toBe(false);
  expect(isEmptyStatus(group({ ...empty, draft: { ...draft, detail: "" } }))).toBe(false);
});

test("a chip is RISC-V where the log says so or a register does", () => {
  expect([architectureOf(group(), false), architectureOf(group(), true)]).toEqual(["xtensa", "riscv"]);
  expect(architectureOf(group({ registers: registers({ MEPC: 0 }) }), false)).toBe("riscv");
});
