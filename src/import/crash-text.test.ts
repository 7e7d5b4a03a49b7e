// The lines of accidents as they come: what an accident begins with, which lines go on with it, and where it is over.
import { describe, expect, test } from "vitest";
import { Told } from "../../test/told.ts";
import type { Incident } from "../wire/log-records.ts";
import { CrashReader } from "./crash-text.ts";
import { ReportBuilder } from "./import-report.ts";
import { LogRun } from "./log-run.ts";
import { logLine, OverviewReader } from "./log-text.ts";

function accidents(...lines: readonly string[]): { readonly found: readonly Incident[]; readonly stacks: readonly string[] } {
  const sink = new Told(false);
  const report = new ReportBuilder("a.log", "log");
  const run = new LogRun(sink, report, new OverviewReader().overview, 1);
  const reader = new CrashReader(run);
  lines.forEach((text, i) => {
    const line = logLine(new TextEncoder().encode(text), i + 1);
    run.beginLine(line);
    reader.line(line);
  });
  run.endBoot();
  run.finish();
  const stacks = sink.lines.flatMap((line) => /^site .*callers=(\[.*\])/.exec(line)?.[1] ?? []);
  return { found: report.finish().incidents, stacks };
} // prettier-ignore

const PANIC = "Guru Meditation Error: Core  0 panic'ed (LoadProhibited). Exception was unhandled.";
const other = (count: number): string[] => Array.from({ length: count }, (_, i) => `I (${i}) app: x`);

test.for<readonly [string, Partial<Incident>]>([
  [PANIC, { kind: "panic", detail: "LoadProhibited", core: 0 }],
  ["Guru Meditation Error: Core  1 panic'ed (Interrupt wdt timeout on CPU1).", { kind: "watchdog", core: 1 }],
  ["Guru Meditation Error of type StoreProhibited occurred on core  1. Exception was unhandled.", { kind: "panic", detail: "StoreProhibited", core: 1 }],
  ["Exception (28):", { kind: "panic", detail: "exception 28" }],
  ["Fatal exception (29):", { kind: "panic", detail: "exception 29" }],
  ["ZEPHYR FATAL ERROR 4: Kernel panic on CPU 0", { kind: "panic", detail: "Kernel panic on CPU 0" }],
  ["Unhandled exception at 0x40001234", { kind: "panic", detail: "at 0x40001234" }],
  ["Exception occurred 'IllegalInstruction'", { kind: "panic", detail: "IllegalInstruction" }],
  ["** CPU 0 EXCCAUSE 28 (load prohibited)", { kind: "panic", detail: "LoadProhibited" }],
  ["mcause: 5, Load access fault", { kind: "panic", detail: "Load access fault" }],
  ["Brownout detector was triggered", { kind: "panic", detail: "Brownout detector was triggered" }],
  ["abort() was called at PC 0x400d4444 on core 1", { kind: "abort", core: 1 }],
  ["Task watchdog got triggered. It was:", { kind: "watchdog", detail: "Task watchdog got triggered. It was:" }],
  ["A stack overflow in task wifi has been detected.", { kind: "stack-overflow", task: "wifi" }],
  ["Stack canary watchpoint triggered (net task)", { kind: "stack-overflow", task: "net task" }],
  ["rst:0xc (SW_CPU_RESET),boot:0x13", { kind: "restart", detail: "SW_CPU_RESET" }],
  ["Task stack [net] stack from [0x3ffb1000] to [0x3ffb2000]", { kind: "panic", task: "net", facts: ["stack low 0x3ffb1000", "stack high 0x3ffb2000"] }],
  ["Crashed task handle: 0x3ffb8000, name: 'net'", { kind: "panic", task: "net" }],
])("%j", ([line, is]) => {
  const { found } = accidents(line);
  expect(found).toMatchObject([{ line: 1, quote: line, ...is }]);
  expect(found[0]?.core).toBe(is.core);
}); // prettier-ignore

test("of an accident's line 240 letters are kept, of a restart's too", () => {
  const long = "y".repeat(300);
  const { found } = accidents(`rst:0xc (SW_CPU_RESET),${long}`, `assert failed: ${long}`);
  expect(found.map(({ quote }) => quote.length)).toEqual([240, 240]);
});

describe("what goes on with an accident", () => {
  const backtrace = "Backtrace: 0x400d1231:0x3ffb5740 0x400d5678:0x3ffb5760";
  const calls = "[0x400d1234, 0x400d567b]";

  test("stands within twelve lines of others, counted from its last line", () => {
    expect(accidents(PANIC, ...other(12), backtrace).stacks).toEqual([calls]);
    expect(accidents(PANIC, ...other(13), backtrace).stacks).toEqual([]);
    const registers = "PC      : 0x400d1234  PS      : 0x00060b30";
    expect(accidents(PANIC, ...other(12), registers, ...other(12), backtrace).stacks).toEqual([calls]);
    expect(accidents(PANIC, ...other(12), registers, ...other(13), backtrace).stacks).toEqual(["[0x400d1237]"]);
    const twice = accidents(PANIC, ...other(12), "assert failed: more", ...other(12), backtrace);
    expect(twice.stacks).toEqual([calls]);
    expect(accidents(PANIC, "assert failed: more", ...other(13), backtrace).stacks).toEqual([]);
  });

  test("is its first backtrace, which may be wrapped, and no later one", () => {
    const { stacks } = accidents(PANIC, backtrace, "text", "Backtrace: 0x400d9999:0x3ffb5740");
    expect(stacks).toEqual([calls]);
    expect(accidents(PANIC, `${backtrace} |<-CORRUPTED`).stacks).toEqual([calls]);
  });

  test("ends with a restart; a hash ends it behind a backtrace", () => {
    expect(accidents(PANIC, "Rebooting...", backtrace).stacks).toEqual([]);
    expect(accidents(PANIC, "ELF file SHA256: 0123456789abcdef", backtrace).stacks).toEqual([calls]);
    expect(accidents(PANIC, backtrace, "ELF file SHA256: 0123456789abcdef", "EXCVADDR: 0x00000010").found[0]?.registers).toBeUndefined(); // prettier-ignore
  });

  test("gives each register once", () => {
    const { found } = accidents(PANIC, "PC      : 0x400d1234  A0      : 0x00000001", "PC      : 0x400d9999  A1      : 0x3ffb0000"); // prettier-ignore
    expect(found[0]?.registers).toEqual(["PC 0x400d1234", "A0 0x00000001", "A1 0x3ffb0000"]);
  });

  test("says more of a cache's error, and of no other", () => {
    const line = "Cache disabled but cached memory region accessed";
    const detail = (reason: string): string | undefined => accidents(`Guru Meditation Error: Core  0 panic'ed (${reason}).`, line).found[0]?.detail; // prettier-ignore
    expect([detail("Cache error"), detail("LoadProhibited")]).toEqual([line, "LoadProhibited"]);
    expect(accidents("Guru Meditation Error: Core  0 panic'ed (Cache error).", "text").found[0]?.detail).toBe("Cache error"); // prettier-ignore
  });

  test("is quoted, twelve lines of it, and the rest counted; the same line again is not", () => {
    const lines = (count: number): string[] => Array.from({ length: count }, (_, i) => `assert failed: number ${i}`);
    const also = (count: number): unknown => {
      const [first] = accidents(PANIC, ...lines(count)).found;
      return [first?.also?.length, first?.facts];
    };
    expect([also(12), also(13), also(15)]).toEqual([[12, undefined], [12, ["more 1"]], [12, ["more 3"]]]); // prettier-ignore
    expect(accidents(PANIC, PANIC, "assert failed: one", "assert failed: one").found[0]?.also).toEqual(["3: assert failed: one"]); // prettier-ignore
    expect(accidents(PANIC, ...lines(12), "assert failed: number 3").found[0]?.facts).toBeUndefined();
  });
});

test("decoded calls without the crash that they are of are one, unless a crash was told", () => {
  const decoded = ["0x40081234: panic_abort at /idf/panic.c:408", "0x400d1234: app_main at /p/main.c:7"];
  const alone = accidents(...decoded);
  expect([alone.found.map(({ kind }) => kind), alone.stacks]).toEqual([["abort"], ["[0x40081237, 0x400d1237]"]]);
  expect(accidents(PANIC, "Rebooting...", ...decoded).found.map(({ kind }) => kind)).toEqual(["panic"]);
});

test("what GDB quotes of an accident among a call's arguments is no further one", () => {
  const call = '#1  0x400d5b21 in abort (text=0x3ffb7e94 "assert failed: queue.c:12 (pxQueue)") at panic.c:61';
  expect(accidents("assert failed: queue.c:12 (pxQueue)", "Rebooting...", call).found).toHaveLength(1);
  expect(accidents(call).found).toHaveLength(1);
  const another = call.replace("queue.c:12 (pxQueue)", "other.c:9 (ptr)");
  expect(accidents("assert failed: queue.c:12 (pxQueue)", "Rebooting...", another).found).toHaveLength(2);
});
