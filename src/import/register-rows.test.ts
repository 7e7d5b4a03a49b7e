// Rows of a register dump are read from their bytes as from their text; what is none is left alone.
import { expect, test } from "vitest";
import { registersIn } from "../symbols/log/line-kinds.ts";
import { takeRegisterRow } from "./register-rows.ts";

function told(text: string): readonly (readonly [string, number])[] | undefined {
  const registers = new Map<string, number>();
  const bytes = new TextEncoder().encode(`<${text}: 0x00000000`);
  return takeRegisterRow(registers, bytes, 1, 1 + text.length) ? [...registers] : undefined;
}

const ROWS = [
  "PC      : 0x400d1234  PS      : 0x00060030  A0      : 0x800d5678  A1      : 0x3ffb1234  ",
  "A14     : 0x00000000  A15     : 0xffffffff  SAR     : 0x0000001c  EXCCAUSE: 0x0000001d\r",
  "EXCVADDR: 0x00000000  LBEG    : 0x4000c2e0",
  "MEPC    : 0x42007c9e  RA      : 0x42007c96  SP      : 0x3fc91120  GP      : 0x3fc8b600",
  "S0/FP   : 0x3fc91150  S1      : 0x3fc91154",
];

test.each(ROWS)("%s", (row) => {
  expect(told(row)).toEqual([...registersIn(row)]);
});

test.each([
  "Backtrace: 0x400d1234:0x3ffb1234 0x400d5678:0x3ffb1254",
  "PC      : 0x400d1234",
  "PC      : 0x400d1234  PS      : 0x0006003",
  "PC      : 0x400d1234  PS      : 0x0006003g",
  "PC      : 0x400d1234  PS      : 0x000600301",
  "PC      : 0x400d1234  PS      : 60030",
  "PC      : 0x400d1234  SIZE    : 0x00000030",
  "PC      : 0x400d1234  PS      ",
  "PC      : 0x400d1234  PS      : 0x00060030 <<<",
  "pc      : 0x400d1234  ps      : 0x00060030",
])("none: %s", (text) => {
  expect(told(text)).toBeUndefined();
});

test("a blank line tells none, and a register is what it was called first", () => {
  expect(told(" \r")).toEqual([]);
  const registers = new Map([["PC", 1]]);
  const bytes = new TextEncoder().encode("PC      : 0x400d1234  PS      : 0x00000002");
  expect(takeRegisterRow(registers, bytes, 0, bytes.length)).toBe(true);
  expect([...registers]).toEqual([["PC", 1], ["PS", 2]]); // prettier-ignore
});
