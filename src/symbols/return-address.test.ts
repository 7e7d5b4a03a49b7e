// Encodings by hand from the Xtensa ISA (chapter 6) and the RISC-V ISA (volume 1, chapters 2.5 and "C").
import { describe, expect, test } from "vitest";
import type { Architecture } from "./elf.ts";
import { callSiteOf, followsCall, isCallAt, returnAddressOf } from "./return-address.ts";

const START = 0x4200_0000;

/** Code at `START`, with nothing around it. */
function code(...bytes: readonly number[]): (address: number, size: number) => Uint8Array | undefined {
  return (address, size) => {
    const from = address - START;
    return from < 0 || from >= bytes.length ? undefined : Uint8Array.from(bytes.slice(from, from + size));
  };
}

const instructions: readonly (readonly [Architecture, string, readonly number[], boolean])[] = [
  ["xtensa", "call0", [0x05, 0x12, 0x34], true],
  ["xtensa", "call8", [0xa5, 0x00, 0x00], true],
  ["xtensa", "call12", [0xf5, 0xff, 0xff], true],
  ["xtensa", "callx0 a0", [0xc0, 0x00, 0x00], true],
  ["xtensa", "callx8 a8", [0xe0, 0x08, 0x00], true],
  ["xtensa", "ret", [0x80, 0x00, 0x00], false],
  ["xtensa", "retw", [0x90, 0x00, 0x00], false],
  ["xtensa", "jx a0", [0xa0, 0x00, 0x00], false],
  ["xtensa", "what begins like callx8 but is add", [0xe0, 0x18, 0x80], false],
  ["xtensa", "the same with the last byte only", [0xe0, 0x08, 0x80], false],
  ["xtensa", "j", [0x06, 0x00, 0x00], false],
  ["xtensa", "two bytes of a call at the end", [0xa5, 0x00], false],
  ["riscv", "jal ra", [0xef, 0x00, 0x00, 0x00], true],
  ["riscv", "jal t0", [0xef, 0x02, 0x00, 0x00], false],
  ["riscv", "j", [0x6f, 0x00, 0x00, 0x00], false],
  ["riscv", "jalr ra, a5", [0xe7, 0x80, 0x07, 0x00], true],
  ["riscv", "ret", [0x67, 0x80, 0x00, 0x00], false],
  ["riscv", "what is jalr but for its function", [0xe7, 0x90, 0x07, 0x00], false],
  ["riscv", "addi ra", [0x93, 0x80, 0x10, 0x00], false],
  ["riscv", "c.jalr a5", [0x82, 0x97], true],
  ["riscv", "c.jal", [0x01, 0x20], true],
  ["riscv", "c.j", [0x01, 0xa0], false],
  ["riscv", "c.jr ra", [0x82, 0x80], false],
  ["riscv", "c.ebreak", [0x02, 0x90], false],
  ["riscv", "one byte of a call at the end", [0x82], false],
  ["riscv", "three bytes of a call at the end", [0xef, 0x00, 0x00], false],
];

describe.each(instructions)("%s: %s", (architecture, _, bytes, isCall) => {
  test("whether it is a call", () => {
    expect(isCallAt(architecture, START, code(...bytes))).toBe(isCall);
  });
});

test.each(instructions.filter(([, , { length }, isCall]) => isCall || length > 2))(
  "%s: a return address stands behind %s or not",
  (architecture, _, bytes, isCall) => {
    // Something in front that is no call, where it is shorter than the longest one.
    const before = architecture === "riscv" && bytes.length === 2 ? [0x01, 0x00] : [];
    const end = START + before.length + bytes.length;
    expect(followsCall(architecture, end, code(...before, ...bytes))).toBe(isCall);
  },
);

test("there is no call where there is no code", () => {
  for (const architecture of ["xtensa", "riscv"] as const) {
    expect(isCallAt(architecture, START - 8, code(0xef, 0, 0, 0))).toBe(false);
    expect(followsCall(architecture, START, code(0xef, 0, 0, 0))).toBe(false);
  }
});

test("a call site lies inside of the call, and the way back leads to its return address", () => {
  expect(callSiteOf("riscv", START)).toBe(START - 1);
  expect(callSiteOf("riscv", 0)).toBe(0);
  // The window's size in the highest bits; none at the end of a stack.
  expect(callSiteOf("xtensa", 0x800d_1234)).toBe(0x400d_1231);
  expect(callSiteOf("xtensa", 0xc00d_1234)).toBe(0x400d_1231);
  expect(callSiteOf("xtensa", 0x400d_1234)).toBe(0x400d_1231);
  expect(callSiteOf("xtensa", 0x000d_1234)).toBe(0x000d_1234);
  for (const architecture of ["xtensa", "riscv"] as const)
    expect(callSiteOf(architecture, returnAddressOf(architecture, 0x400d_1234))).toBe(0x400d_1234);
});
