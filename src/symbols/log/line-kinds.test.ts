import { expect, test } from "vitest";
import { kindOfLine, type LineKind, registersIn } from "./line-kinds.ts";

const pair = (pc: number, hasStackPointer = true) => ({ pc, hasStackPointer });
const [A, B] = [0x400d_1234, 0x4208_5678];

const lines: readonly (readonly [string, LineKind])[] = [
  [
    "Backtrace: 0x400d1234:0x3ffb5740 0x42085678:0x3ffb5760",
    { kind: "backtrace", pairs: [pair(A), pair(B)], isNumbered: false },
  ],
  [
    "Backtrace:0x400d1234:0x3ffb57400x42085678:0x3ffb5760 |<-CORRUPTED",
    { kind: "backtrace", pairs: [pair(A), pair(B)], isNumbered: false },
  ],
  [
    "Backtrace: 0x400d1234 0x42085678",
    { kind: "backtrace", pairs: [pair(A, false), pair(B, false)], isNumbered: false },
  ],
  ["Backtrace: 0x400d1234:", { kind: "backtrace", pairs: [pair(A, false)], isNumbered: false }],
  ["Backtrace:", { kind: "backtrace", pairs: [], isNumbered: false }],
  ["[E][esp32.crash:126]:   BT0: 0x400d1234", { kind: "backtrace", pairs: [pair(A, false)], isNumbered: true }],
  ["I (1) app: Backtraces are fun 0x400d1234", { kind: "text", addresses: [A] }],
  [
    "MEPC    : 0x42085678  RA      : 0x400d1234",
    {
      kind: "registers",
      values: new Map([
        ["MEPC", B],
        ["RA", A],
      ]),
    },
  ],
  ["PC      : 0x400d1234", { kind: "text", addresses: [A] }],
  [
    "[00:00:00.312,000] <err> os:      ra: 42085678    t0: 400d1234",
    {
      kind: "registers",
      values: new Map([
        ["RA", B],
        ["T0", A],
      ]),
    },
  ],
  ["<err> os:    mepc: 42085678", { kind: "registers", values: new Map([["MEPC", B]]) }],
  ["Stack memory:", { kind: "stack-start" }],
  ["10:01 > Stack memory:  ", { kind: "stack-start" }],
  ["Stack memory: none", { kind: "text", addresses: [] }],
  ["3fc8ea60: 0x42085678 0x00000000", { kind: "stack-row", address: 0x3fc8_ea60, words: [B, 0] }],
  ["10:01 > 3fc8ea60: 0x42085678", { kind: "stack-row", address: 0x3fc8_ea60, words: [B] }],
  ["3fffff50:  400d1234 42085678 <", { kind: "stack-words", words: [A, B] }],
  ["3fffff50:  400d1234", { kind: "text", addresses: [] }],
  ["ELF file SHA256:  0123456789abcdef", { kind: "elf-sha", sha256: "0123456789abcdef" }],
  ["ELF file SHA256: 0123456", { kind: "text", addresses: [] }],
  [
    "16 bytes (@ 0x3ffb4b58) allocated CPU 0 ccount 0x1 caller 0x400d1234:0x42085678",
    { kind: "callers", addresses: [A, B] },
  ],
  ["caller 0x400d1234:0x00000000:0x00000000", { kind: "callers", addresses: [A] }],
  ["freed by 0x400d1234", { kind: "callers", addresses: [A] }],
  ["os:       0: sp: 3fc8fff0 ra: 42085678", { kind: "callers", addresses: [B] }],
  ["at 0x400d1234 and 0x42085678, not 0x400d12345", { kind: "text", addresses: [A, B] }],
  ["nothing", { kind: "text", addresses: [] }],
];

test.each(lines)("%s", (line, kind) => {
  expect(kindOfLine(line, false)).toEqual(kind);
});

test("what follows a backtrace goes on with it where it is nothing but addresses", () => {
  for (const line of ["  0x400d1234:0x3ffb5740 0x42085678", "0x400d1234:0x3ffb5740 0x42085678"])
    expect(kindOfLine(line, true)).toEqual({ kind: "backtrace", pairs: [pair(A), pair(B, false)], isNumbered: false });
  expect(kindOfLine("I (1) app: 0x400d1234", true)).toEqual({ kind: "text", addresses: [A] });
});

test("a lone register is one with its 0x; signs and blanks between name and number may be any", () => {
  const told = (text: string): readonly (readonly [string, number])[] => [...registersIn(text)];
  expect(told("EXCVADDR=0x400d1234")).toEqual([["EXCVADDR", A]]);
  expect(told("WINDOWSTART :  0x400d1234")).toEqual([["WINDOWSTART", A]]);
  expect(told("S0/FP   : 0x400d1234 PC=400d1234")).toEqual([["S0/FP", A]]);
  expect(told("MEPC: 400d1234 RA: 42085678")).toEqual([
    ["MEPC", A],
    ["RA", B],
  ]);
  expect(told("SERIAL: 20240101")).toEqual([]);
  expect(told("PC: 0x400d12345")).toEqual([]);
});
