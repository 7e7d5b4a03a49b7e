// Addresses in logs: each form that ESP-IDF prints them in.
import { expect, test } from "vitest";
import { describeFrame, LogAnnotator, openSymbols, type Symbols } from "../../src/symbols/index.ts";
import { fixture, type FixtureName } from "./fixtures.ts";

function open(name: FixtureName): {
  symbols: Symbols;
  annotator: LogAnnotator;
  at: (name: string, offset: number) => string;
} {
  const symbols = openSymbols(fixture(name));
  const at = (symbol: string, offset: number): string =>
    `0x${((symbols.find(symbol)[0]?.address ?? 0) + offset).toString(16).padStart(8, "0")}`;
  return { symbols, annotator: new LogAnnotator(symbols), at };
}

/** What the annotations of a line say, in short: "RA: app_main:72". */
function says(annotator: LogAnnotator, line: string): string[] {
  return annotator.line(line).annotations.map(({ what, frames }) => {
    const [frame] = frames;
    return `${what}: ${frame?.function ?? "??"}:${frame?.line ?? "?"}`;
  });
}

test("a backtrace of Xtensa: the addresses are call sites already", () => {
  const { annotator, at } = open("xtensa");
  const line = `Backtrace: ${at("reading_create", 0x0b)}:0x3ffb5740 ${at("poll_sensor", 6)}:0x3ffb5760 0x40008ffb:0x3ffb5780 |<-CORRUPTED`;
  expect(says(annotator, line)).toEqual(["backtrace: reading_create:50", "backtrace: poll_sensor:66"]);
});

test("a register dump of Xtensa: A0 carries window bits and is a return address", () => {
  const { annotator, at } = open("xtensa");
  const returnAddress = (Number(at("app_main", 0x0c)) & 0x3fffffff) | 0x80000000;
  const line = `PC      : ${at("poll_sensor", 6)}  PS      : 0x00060e30  A0      : 0x${(returnAddress >>> 0).toString(16)}  A1      : 0x3ffb5740`;
  expect(says(annotator, line)).toEqual(["PC: poll_sensor:66", "A0: app_main:71"]);
});

test("a register dump of RISC-V, and the return addresses in its stack memory", () => {
  const { annotator, at } = open("riscv");
  const line = `MEPC    : ${at("sensor_sum", 0)}  RA      : ${at("app_main", 0x18)}  SP      : 0x3fc8ea70  GP      : ${at("_start", 0)}`;
  expect(says(annotator, line)).toEqual(["MEPC: sensor_sum:22", "RA: app_main:72"]);
  expect(says(annotator, "Stack memory:")).toEqual([]);
  // Behind the call in app_main; in the middle of a function; data.
  const row = `3fc8ea70: ${at("app_main", 0x18)} ${at("malloc", 6)} 0x3fc80000 0x00000000`;
  expect(says(annotator, row)).toEqual(["stack: app_main:72"]);
  expect(says(annotator, "ELF file SHA256: 0123456789abcdef")).toEqual([]);
  expect(says(annotator, `a line of the log with ${at("malloc", 6)}`)).toEqual(["address: malloc:48"]);
});

test("callers of a heap trace are return addresses", () => {
  const { annotator, at } = open("xtensa");
  const line = `    20 bytes (@ 0x3ffb68a0, Internal) allocated CPU 0 ccount 0x0161d3f0 caller ${at("reading_create", 0x0b)}:${at("poll_sensor", 0x10)}`;
  expect(says(annotator, line)).toEqual(["caller: reading_create:49", "caller: poll_sensor:66"]);
});

test("the device says which ELF it runs: a wrong one is said", () => {
  const { annotator, symbols } = open("riscv");
  expect(annotator.line(`ELF file SHA256: ${symbols.sha256.slice(0, 9)}`).elf).toEqual({ kind: "same" });
  expect(annotator.line("ELF file SHA256: 0123456789abcdef").elf).toMatchObject({
    kind: "different",
    message: expect.stringContaining("0123456789ab") as string,
  });
});

test("numbers that are no code stay alone", () => {
  const { annotator } = open("riscv");
  expect(says(annotator, "I (252) heap_init: At 3FFAE6E0 len 00001920 (6 KiB): DRAM 0x3ffae6e0")).toEqual([]);
});

test("a frame is one line: function, place, component", () => {
  const { symbols } = open("riscv");
  const [main] = symbols.find("app_main");
  const { frames } = symbols.attribute(symbols.symbolize(main?.address ?? 0));
  expect(frames.map(describeFrame)).toEqual(["app_main at main/app.c:70:1 [main]"]);
});
