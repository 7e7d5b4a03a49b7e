// Call stacks from registers and memory: real core dumps against what GDB made of them, and window save areas laid by hand.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { openSymbols } from "../../src/symbols/index.ts";
import { isRom } from "../../src/symbols/unwind/stack.ts";
import { unwindXtensa } from "../../src/symbols/unwind/xtensa.ts";
import { sharedData } from "../shared-data.ts";
import { readCoreDump } from "./core-dump.ts";

/** By TCB: the addresses of GDB's backtrace, outermost last; frames that it shows as inlined share one with the next. */
function gdbStacks(text: string): Map<number, (number | undefined)[]> {
  const stacks = new Map<number, (number | undefined)[]>();
  for (const block of text.split(/^=+ THREAD \d+ \(TCB: /m).slice(1)) {
    const frames = [...block.matchAll(/^#(\d+) +(0x[0-9a-f]{8})?/gm)];
    stacks.set(
      parseInt(block, 16),
      frames
        .filter(([, number, pc]) => number === "0" || pc !== undefined)
        .map(([, , pc]) => (pc === undefined ? undefined : Number(pc))),
    );
  }
  return stacks;
}

const isAbsent = sharedData() === undefined;

describe.skipIf(isAbsent)("needs the shared data", () => {
  test.each(["esp32", "esp32c3"])("every task of a core dump of %s, as GDB sees it", (chip) => {
    const read = (name: string): Buffer => readFileSync(sharedData(`coredump/${chip}/${name}`) ?? "");
    const symbols = openSymbols(read("app.elf"));
    const dump = readCoreDump(read("coredump.b64").toString());
    const expected = gdbStacks(read("expected_output").toString());
    expect(dump.threads.length).toBe(expected.size);
    for (const { tcb, state } of dump.threads) {
      const { frames, end } = symbols.unwind(state, dump.word);
      // A task that never ran: GDB goes on to the address 0 that it would return to.
      const [, ...truth] = (expected.get(tcb) ?? []).filter((pc) => pc !== 0 && pc !== 0x4000_0000);
      const [, ...found] = frames.map(({ pc }) => pc);
      // GDB knows the ROM, which is not in the application's ELF: within it, only the way in and out can be found.
      const outside = (pcs: readonly (number | undefined)[]): unknown[] =>
        pcs.filter((pc) => chip === "esp32" || !isRom(pc ?? 0));
      expect({ tcb, end, found: outside(found) }).toEqual({ tcb, end: "complete", found: outside(truth) });
    }
  });
});

const anywhere = { isCode: (address: number) => address >>> 28 === 4, followsCall: () => true };
const turned = { ...anywhere, read: () => Uint8Array.of(0x12) };

test("windows of Xtensa: the caller's registers stand below the stack pointer", () => {
  const words = new Map([
    [0x3ffb_0ff0, 0x800d_2000],
    [0x3ffb_0ff4, 0x3ffb_1040],
    [0x3ffb_1030, 0],
    [0x3ffb_1034, 0x3ffb_1080],
  ]);
  const state = { pc: 0x400d_0010, registers: [0x800d_1000, 0x3ffb_1000] };
  const { frames, end } = unwindXtensa(turned, state, (address) => words.get(address));
  expect(end).toBe("complete");
  expect(frames.map(({ pc, sp, savedAt }) => [pc, sp, savedAt])).toEqual([
    [0x400d_0010, 0x3ffb_1000, undefined],
    [0x400d_1000, 0x3ffb_1040, undefined],
    [0x400d_2000, 0x3ffb_1080, 0x3ffb_0ff0],
  ]);
});

test("before `entry`, and after a jump to nowhere, the registers are the caller's", () => {
  const words = new Map([
    [0x3ffb_0ff0, 0],
    [0x3ffb_0ff4, 0x3ffb_1040],
  ]);
  const registers = [0x800d_2000, 0x3ffb_1000, 0, 0, 0, 0, 0, 0, 0x800d_1000];
  const entry = { ...anywhere, read: () => Uint8Array.of(0x36) };
  for (const [code, pc] of [
    [entry, 0x400d_0010],
    [turned, 0],
  ] as const) {
    const { frames } = unwindXtensa(code, { pc, ps: 2 << 16, registers }, (address) => words.get(address));
    expect(frames.map((frame) => frame.pc)).toEqual([pc, 0x400d_1000, 0x400d_2000]);
  }
});

test("a stack that goes backwards, or leads out of code, ends there", () => {
  const state = { pc: 0x400d_0010, registers: [0x800d_1000, 0x3ffb_1000] };
  const backwards = new Map([[0x3ffb_0ff4, 0x3ffb_0f00]]);
  expect(unwindXtensa(turned, state, (address) => backwards.get(address))).toMatchObject({ end: "corrupt" });
  const wild = { ...state, registers: [0x1234, 0x3ffb_1000] };
  expect(unwindXtensa(turned, wild, () => 0)).toMatchObject({ end: "corrupt", frames: [{ pc: 0x400d_0010 }] });
  expect(unwindXtensa(turned, state, () => undefined)).toMatchObject({ end: "memory-unknown" });
});
