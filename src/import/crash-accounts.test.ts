// What others than ESP-IDF's panic handler print within an accident: which lines are theirs, and what each of them adds.
import { describe, expect, test } from "vitest";
import { accountFields, isOfOtherCore, takeAccount, watchdogFacts } from "./crash-accounts.ts";
import { newGroup, type Group } from "./crash-group.ts";
import type { IncidentDraft } from "./incident-book.ts";

const PANIC: IncidentDraft = { kind: "panic", line: 1, quote: "" };
const group = (told: Partial<Group> = {}): Group => ({ ...newGroup(1, 0), draft: PANIC, ...told });

/** The lines one after the other: which are taken, and what the accident is then. */
function after(one: Group, ...lines: readonly string[]): { readonly taken: readonly boolean[]; readonly one: Group } {
  return { taken: lines.map((line, i) => takeAccount(one, line, i + 2)), one };
}
const registersOf = ({ registers }: Group): Readonly<Record<string, number>> => Object.fromEntries(registers);

test("a new accident knows nothing yet", () => {
  const { errorBefore, requestBefore, ...told } = newGroup(3, 7);
  expect([errorBefore(), requestBefore()]).toEqual([undefined, undefined]);
  expect(told).toEqual({
    firstLine: 3, time: 7, lastLine: 3, draft: undefined, also: [], registers: new Map(), callers: [], stack: [], memoryAt: undefined, memory: [],
    counters: 0, inBacktrace: false, cut: "", isBacktraceDone: false, unrelated: 0, hasBacktrace: false, isRust: false, inPanicInfo: false, isKept: false, isBareStack: false,
    onStack: [], inFlash: [], isDecoded: false, isOnStack: false, isChecked: false, lastDamage: undefined, more: 0, bounds: [], isAfterCall: false,
    isInInterrupt: false, details: "", check: undefined, running: new Map(), starvedOn: undefined, abortedAt: undefined, aborted: [],
  }); // prettier-ignore
});

describe("GDB", () => {
  test("names registers, and the cause where nothing has named one", () => {
    const { taken, one } = after(group(), "exccause       0x1c (LoadProhibitedCause)", "exccause       0x1d (StoreProhibitedCause)", "pc             0x40094a1c", "pc 40094a1c", "a16            0x10"); // prettier-ignore
    expect(taken).toEqual([true, true, true, false, true]);
    expect(registersOf(one)).toEqual({ EXCCAUSE: 0x1d, PC: 0x40094a1c, A16: 0x10 });
    expect(one.draft).toEqual({ ...PANIC, detail: "LoadProhibited" });
    const told = group({ draft: { ...PANIC, detail: "" } });
    expect(after(told, "exccause       0x1c (LoadProhibitedCause)", "a2             0x1").one.draft?.detail).toBe("");
    expect(after(group(), "a2             0x1").one.draft).toEqual(PANIC);
    const none = after(group({ draft: undefined }), "exccause       0x1c (LoadProhibitedCause)");
    expect([none.taken, none.one.draft, registersOf(none.one)]).toEqual([[true], undefined, { EXCCAUSE: 0x1c }]);
  });

  test("prints the line of source below a call, and no further one", () => {
    const call = "#0  0x400d5b21 in release (f=0x3ffb7e94) at frame.c:61";
    const { taken } = after(group(), call, "61\t  free(f->data);", "62\t  free(f);", call, "text", "free(f);");
    expect(taken).toEqual([false, true, false, false, false, false]);
  });
});

test("Zephyr tells where and at which address, an illegal instruction what was read there", () => {
  const { taken, one } = after(group(), "** PC 0x400d1234 VADDR 0x10", "Memory dump at 0x400d1234: 00000000 12345678 ", "** PC 0x400d1235 VADDR (nil)"); // prettier-ignore
  expect(taken).toEqual([true, true, true]);
  expect(registersOf(one)).toEqual({ PC: 0x400d1235, EXCVADDR: 0 });
  expect(one.draft?.facts).toEqual(["memory 00000000 12345678"]);
  expect(after(group({ draft: undefined }), "Memory dump at 0x400d1234: 00000000").taken).toEqual([false]);
});

describe("a crash that is told after the restart", () => {
  const kept = (...lines: readonly string[]): ReturnType<typeof after> => after(group({ isKept: true }), ...lines);

  test.for<readonly [string, object]>([
    ["Reason: Fault - LoadProhibited (exccause=28)", { kind: "panic", detail: "LoadProhibited" }],
    ["Reason: Fault - Unknown", { kind: "panic", detail: "Fault" }],
    ["Reason: Fault", { kind: "panic", detail: "Fault" }],
    ["Reason: Abort - x", { kind: "abort", detail: "Abort" }],
    ["Reason: Task wdt", { kind: "watchdog", detail: "Task wdt" }],
    ["Reason: Interrupt wdt", { kind: "watchdog", detail: "Interrupt wdt" }],
    ["Reason: Soft WDT", { kind: "watchdog", detail: "Soft WDT" }],
    ["Reason: Hardware WDT", { kind: "watchdog", detail: "Hardware WDT" }],
  ])("%j", ([line, told]) => {
    const { taken, one } = kept(`  ${line}  `);
    expect(taken).toEqual([true]);
    expect(one.draft).toEqual({ line: 2, quote: line, ...told });
  });

  test("gives its reason once, and the core; what else stands there is no part of it", () => {
    const { taken, one } = kept(
      "Reason: Abort",
      "Crashed core: 1",
      "Reason: Soft WDT",
      "  Use: addr2line -e x",
      "text",
    );
    expect(taken).toEqual([true, true, false, true, false]);
    expect(one.draft).toEqual({ kind: "abort", line: 2, quote: "Reason: Abort", detail: "Abort", core: 1 });
    expect(after(group(), "Reason: Abort", "Crashed core: 1").taken).toEqual([false, false]);
    expect(after(group({ isKept: true, draft: undefined }), "Reason: Abort", "Crashed core: 1").taken).toEqual([false, false]); // prettier-ignore
  });

  test("as Tasmota answers: the exception, the place, the calls", () => {
    const { taken, one } = kept('"Exception":28,', '"Reason":"Exception",', '"EPC":"400d1234",', '"EXCVADDR":"00000010",', '"CallChain":["400d1231","400d5678"]', '"Other":1'); // prettier-ignore
    expect(taken).toEqual([true, true, true, true, true, false]);
    expect(one).toMatchObject({
      draft: { detail: "exception 28" },
      isOnStack: false,
      callers: [0x400d1234, 0x400d567b],
    });
    expect(registersOf(one)).toEqual({ PC: 0x400d1234, EXCVADDR: 0x10 });
    expect(kept('"Reason":"Brownout"').one.draft?.detail).toBe("Brownout");
    expect(kept('"Reason":12').one.draft).toEqual(PANIC);
    expect(kept("Reason of it").taken).toEqual([false]);
    expect(registersOf(kept('"EPC":"", "EXCVADDR":""').one)).toEqual({});
  });

  test("on an ESP8266: three places, and what looks like calls on the stack", () => {
    const { one } = kept('"Exception":3,"EPC":["40201234","00000000","00000000"],"call_chain":["40201111"]');
    expect(one).toMatchObject({ isOnStack: true, callers: [0x40201111] });
    expect(registersOf(one)).toEqual({ PC: 0x40201234 });
  });
});

describe("ESP_ERROR_CHECK", () => {
  const check = (): Group["check"] => ({ error: "ESP_FAIL", place: "", function: "", expression: "" });
  const lines = ['file: "/p/main/app.c" line 12', "func: app_main", "expression: start(1) "];

  test.for<readonly [readonly number[], string]>([
    [[0, 1, 2], "start(1) gave ESP_FAIL, in app_main (app.c:12)"],
    [[0], "ESP_FAIL, in (app.c:12)"],
    [[1], "ESP_FAIL, in app_main"],
    [[2], "start(1) gave ESP_FAIL"],
    [[], "ESP_FAIL"],
  ])("with lines %j: %j", ([some, detail]) => {
    const { taken, one } = after(group({ check: check() }), ...some.map((i) => lines[i] ?? ""), "text");
    expect(taken).toEqual([...some.map(() => true), false]);
    expect(accountFields(one)).toEqual({ detail });
  });

  test("adds nothing to another accident", () => {
    const { taken, one } = after(group(), ...lines);
    expect([taken, accountFields(one)]).toEqual([[false, false, false], {}]);
  });
});

test("the task watchdog names who starved first, on which core, and who ran there", () => {
  const watchdog = (): Group => group({ draft: { ...PANIC, kind: "watchdog" } });
  const lines = [" - IDLE0 (CPU 0)", " - IDLE1 (CPU 1)", "CPU 0: main", "CPU 1: wifi", "CPU 2"];
  const { taken, one } = after(watchdog(), ...lines);
  expect(taken).toEqual([true, true, true, true, false]);
  expect([one.draft?.task, accountFields(one)]).toEqual(["IDLE0", { component: "main" }]);
  expect(accountFields(after(watchdog(), "CPU 0: main").one)).toEqual({});
  expect(accountFields(after(watchdog(), " - IDLE1 (CPU 1)", "CPU 0: main").one)).toEqual({});
  const named = after(group({ draft: { ...PANIC, kind: "watchdog", task: "net" } }), ...lines);
  expect(named.one.draft?.task).toBe("net");
  expect(after(group(), ...lines).taken).toEqual([false, false, false, false, false]);
});

test("Rust prints its message on the next line, addresses alone and names below them", () => {
  const { taken, one } = after(
    group({ isRust: true, draft: { ...PANIC, detail: "" } }), "core::panic", "", "0x4200abcd", " 0x4200abce ", "main::run", "    at src/main.rs:4", "text", "0x3ffb0000",
  ); // prettier-ignore
  expect(taken).toEqual([false, false, true, true, true, true, false, false]);
  expect([one.callers, one.draft?.detail]).toEqual([[0x4200abcd, 0x4200abce], "core::panic"]);
  expect(after(group({ isRust: true }), "main::run").taken).toEqual([false]);
  expect(after(group(), "0x4200abcd").taken).toEqual([false]);
});

test("a watchdog's backtrace is of another core where all that ran were idle, or the one that hung is another", () => {
  const watchdog = (more: Partial<Group> = {}): Group => group({ draft: { ...PANIC, kind: "watchdog" }, ...more });
  const facts = (...lines: readonly string[]): readonly unknown[] => {
    const { one } = after(watchdog(), ...lines);
    return [isOfOtherCore(one), ...watchdogFacts(one)];
  };
  expect(facts()).toEqual([false]);
  expect(facts(" - IDLE0 (CPU 0)", "CPU 0: IDLE0")).toEqual([true, "idle 1"]);
  expect(facts(" - IDLE0 (CPU 0)", "CPU 0: IDLE0", "CPU 1: IDLE1")).toEqual([true, "idle 1"]);
  expect(facts(" - IDLE0 (CPU 0)", "CPU 0: main", "CPU 1: IDLE1")).toEqual([false]);
  const on = (core: string | undefined, draftCore?: number): readonly unknown[] => {
    const { one } = after(watchdog({ backtraceOf: core }), " - IDLE1 (CPU 1)", "CPU 0: IDLE0", "CPU 1: main");
    if (one.draft !== undefined && draftCore !== undefined) one.draft = { ...one.draft, core: draftCore };
    return [isOfOtherCore(one), ...watchdogFacts(one)];
  };
  expect([on("0"), on("1"), on(undefined), on(undefined, 0), on(undefined, 1)]).toEqual([
    ...[[true, "hung on 1"], [false], [false]],
    ...[[true, "hung on 1"], [false]],
  ]);
  expect([isOfOtherCore(group()), watchdogFacts(group())]).toEqual([false, []]);
});
