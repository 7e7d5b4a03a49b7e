// A processor as a panic prints it, line by line.
import { expect, test } from "vitest";
import { StackDump } from "./stack-dump.ts";

const values = (more: Readonly<Record<string, number>>): ReadonlyMap<string, number> => new Map(Object.entries(more));

test("registers have the numbers of RISC-V, under either of their names; a second set is another dump's", () => {
  const dump = new StackDump();
  expect(dump.takeRegisters(values({ RA: 1, "S0/FP": 8 }))).toBe(true);
  expect(dump.state).toBeUndefined();
  expect(dump.takeRegisters(values({ MEPC: 0x4200_0000, SP: 2, T6: 31, MSTATUS: 9 }))).toBe(true);
  expect(dump.state?.pc).toBe(0x4200_0000);
  expect([0, 1, 2, 8, 31, 32].map((number) => dump.state?.registers[number])).toEqual([0, 1, 2, 8, 31, undefined]);
  expect(dump.takeRegisters(values({ MEPC: 0x4200_0010, SP: 7 }))).toBe(false);
  expect([dump.state?.pc, dump.state?.registers[2]]).toEqual([0x4200_0000, 2]);
});

test("without a stack pointer there is nothing to begin from", () => {
  const dump = new StackDump();
  dump.takeRegisters(values({ MEPC: 0x4200_0000, RA: 1 }));
  expect(dump.state).toBeUndefined();
});

test("words have their addresses, and no more than 65,536 are kept", () => {
  const dump = new StackDump();
  dump.takeRow(0x3fc8_0000, [5, 6, 7, 8]);
  expect([...dump.words]).toEqual([5, 6, 7, 8].map((word, i) => [0x3fc8_0000 + 4 * i, word]));
  const row = new Array<number>(256).fill(1);
  for (let i = 0; i < 300; i++) dump.takeRow(0x1000 * i, row.slice(i === 0 ? 4 : 0));
  expect(dump.words.size).toBe(65_536);
});
