// What an accident's lines were, once all are read: where it stopped, what called that, and calls that come again and again.
import { describe, expect, test } from "vitest";
import { Told } from "../../test/told.ts";
import { newGroup, type Group } from "./crash-group.ts";
import { incidentOf, programCounters, recursionIn, withCaller } from "./crash-incident.ts";
import { ReportBuilder } from "./import-report.ts";
import type { IncidentDraft } from "./incident-book.ts";
import { LogRun } from "./log-run.ts";
import { logLine, OverviewReader } from "./log-text.ts";

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

describe("what an accident was", () => {
  const overview = new OverviewReader();
  [
    "0x400d1234: own_function at /p/a.c:12",
    "0x42085678: heap_caps_malloc at /p/heap.c:1",
    "0x42085680: heap_caps_malloc at /p/heap.c:2",
    "0x40370010: operator new(unsigned int) at /p/new.cc:1",
    "0x40370020: __assert_func at /p/assert.c:1",
  ].forEach((text, i) => overview.line(logLine(new TextEncoder().encode(text), i + 1)));
  const PANIC: IncidentDraft = { kind: "panic", line: 1, quote: "q" };
  const told = (what: Partial<Group>, draft: IncidentDraft = PANIC): Partial<IncidentDraft> => {
    const run = new LogRun(new Told(false), new ReportBuilder("a.log", "log"), overview.overview, 1);
    const accident = incidentOf(group({ draft, ...what }), draft, run);
    return { ...accident.draft, ...accident.details() };
  };
  const bounds = ["stack low 0x3ffb1000", "stack high 0x3ffb2000"];

  test("a stack pointer below the stack is an overflow", () => {
    const at = (A1: number): unknown => told({ bounds, registers: registers({ A1 }) });
    expect(at(0x3ffb0fff)).toMatchObject({ kind: "stack-overflow", facts: [...bounds, "stack pointer 0x3ffb0fff"] });
    expect(at(0x3ffb1000)).toMatchObject({ kind: "panic", facts: [...bounds, "stack pointer 0x3ffb1000"] });
    expect(at(0x10)).toMatchObject({ facts: [...bounds, "stack pointer 0x00000010"] });
    const abort: IncidentDraft = { ...PANIC, kind: "abort" };
    expect(told({ bounds, registers: registers({ A1: 5 }) }, abort).kind).toBe("abort");
    expect(told({ registers: registers({ A1: 5 }) })).toEqual({ ...PANIC, registers: ["A1 0x00000005"] });
    expect(told({ bounds }).facts).toEqual(bounds);
    const named = [...bounds, "stack pointer 0x3ffb1800"];
    expect(told({ bounds: named, registers: registers({ A1: 5 }) })).toMatchObject({ kind: "panic", facts: named });
  });

  test("what else is known of it stands among its facts", () => {
    expect(told({}).facts).toBeUndefined();
    const facts = (what: Partial<Group>): unknown => told(what).facts;
    expect(facts({ isKept: true, isChecked: true })).toEqual(["kept 1", "checked 1"]);
    expect([facts({ more: 1 }), facts({ more: 0 })]).toEqual([["more 1"], undefined]);
    expect([facts({ onStack: [CODE] }), facts({ isOnStack: true })]).toEqual([["stack scan 1"], ["stack scan 1"]]);
    const asserted = { callers: [0x40370023, CODE + 3] };
    expect([facts({ ...asserted, isDecoded: true }), facts(asserted)]).toEqual([["asserted own_function"], undefined]);
    expect(told({}, { ...PANIC, facts: ["memory 00"] }).facts).toEqual(["memory 00"]);
  });

  test("without a backtrace its calls are where abort() was called, else what its registers and its stack hold", () => {
    const site = (what: Partial<Group>): number | undefined => told(what).site;
    expect([site({}), site({ callers: [CODE] }), site({ aborted: [CODE] }), site({ onStack: [CODE] })]).toEqual([undefined, 1, 1, 1]); // prettier-ignore
    expect([told({ aborted: [CODE] }).frames, told({ callers: [CODE, OTHER] }).frames]).toEqual([undefined, 2]);
  });

  test("of what died in the heap its function, of the first four frames; of what hung any", () => {
    const heap = OTHER + 3;
    const own = [CODE + 3, THIRD, THIRD + 4];
    expect(told({ callers: [...own, heap] }).function).toBe("heap_caps_malloc");
    expect(told({ callers: [...own, THIRD + 8, heap] }).function).toBeUndefined();
    const watchdog: IncidentDraft = { ...PANIC, kind: "watchdog" };
    expect(told({ callers: [...own, THIRD + 8, heap] }, watchdog).function).toBe("heap_caps_malloc");
    const abort: IncidentDraft = { ...PANIC, kind: "abort" };
    expect(told({ callers: [...own, heap] }, abort).function).toBeUndefined();
    const eight = [...own, ...[1, 2, 3, 4].map((i) => THIRD + 4 + 4 * i)];
    expect(told({ callers: [...eight, heap], isDecoded: true }, abort).function).toBe("heap_caps_malloc");
    expect(told({ callers: [...eight, THIRD + 0x100, heap], isDecoded: true }, abort).function).toBeUndefined();
  });

  test("an abort below operator new is a request that failed", () => {
    const abort: IncidentDraft = { ...PANIC, kind: "abort" };
    const isNew = { kind: "failed-allocation", known: "bad-alloc", component: "C++ new" };
    expect(told({ callers: [0x40370013] }, abort)).toMatchObject(isNew);
    expect(told({ callers: [0x40370013] }).kind).toBe("panic");
    expect(told({ callers: [CODE + 3] }, abort).kind).toBe("abort");
  });

  test("on RISC-V the return address may lie in the function that stopped", () => {
    const frames = (RA: number, MEPC = OTHER): unknown => {
      const sink = new Told(false);
      const run = new LogRun(sink, new ReportBuilder("a.log", "log"), overview.overview, 1);
      incidentOf(group({ draft: PANIC, registers: registers({ MEPC, RA }) }), PANIC, run);
      run.finish();
      return sink.lines
        .find((line) => line.startsWith("site"))
        ?.replace(/ frames=.*/, "")
        .replace(/.*callers=/, "");
    };
    expect(frames(OTHER + 8)).toBe("[0x42085679]");
    expect(frames(CODE)).toBe("[0x400d1234]");
    expect(frames(0x42000000, 0x42000100)).toBe("[0x42000101, 0x42000000]");
    expect(frames(0, 0x42000100)).toBe("[0x42000101]");
  });

  test("its stack's memory, and how far the backtrace's pointers reach", () => {
    expect(told({ memoryAt: DATA, memory: [1, 2] })).toMatchObject({ stackAt: DATA, stackWords: [1, 2] });
    expect(told({ memoryAt: DATA })).toEqual(PANIC);
    expect(told({ stack: [DATA + 32, DATA, DATA + 64] })).toMatchObject({ stackLow: DATA, stackHigh: DATA + 64 });
    expect(told({ also: ["2: x"] }).also).toEqual(["2: x"]);
  });
});
