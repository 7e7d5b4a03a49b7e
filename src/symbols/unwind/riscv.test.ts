// From frame to frame by rules that are made by hand: every way in which a caller's registers may be kept, and every end.
import { Unzlib } from "fflate";
import { describe, expect, test } from "vitest";
import { elf, text, u32 } from "../../../test/symbols/made-elf.ts";
import { readElf } from "../elf.ts";
import { readFrameTable, type FrameTable } from "./frame-table.ts";
import { unwindRiscv } from "./riscv.ts";
import type { CallStack, CodeReader } from "./stack.ts";

const CODE = 0x4200_0000;
const STACK = 0x3fc8_0000;
const entry = (id: number, body: readonly number[]): number[] => [...u32(4 + body.length), ...u32(id), ...body];

/** Functions of 0x100 bytes each from CODE on, each with its program; the CFA begins as sp + 0. `isSignal`: the first one's frame is an interrupt's. */
function table(programs: readonly (readonly number[])[], isSignal = false): FrameTable {
  // Data align -4, the return address in ra.
  const common = entry(0, [1, ...text(isSignal ? "zRS" : "zR"), 1, 0x7c, 1, 1, 0x00, 0x0c, 2, 0]);
  let section = [...common];
  for (const [i, program] of programs.entries()) {
    const body = [...u32(CODE + 0x100 * i), ...u32(0x100), 0, ...program];
    section = [...section, ...u32(4 + body.length), ...u32(section.length + 4), ...body];
  }
  return readFrameTable(
    readElf(elf([{ name: ".eh_frame", flags: 2, address: 0x3c00_0000, bytes: section }]), { zlib: () => Unzlib }),
  );
}

const code: CodeReader = {
  isCode: (address) => address >= CODE && address < CODE + 0x1000,
  followsCall: (address) => address >= CODE && address < CODE + 0x1000 && address % 16 === 0,
  read: () => undefined,
};

interface Stopped {
  readonly pc?: number;
  readonly registers?: Readonly<Record<number, number>>;
  readonly words?: Readonly<Record<number, number>>;
}

function unwound(tables: readonly FrameTable[], { pc = CODE + 0x10, registers = {}, words = {} }: Stopped): CallStack {
  const all = Array.from({ length: 32 }, (_, i) => ({ 2: STACK, ...registers })[i]);
  return unwindRiscv(tables, code, { pc, registers: all }, (address) => words[address - STACK]);
}

/** What leads out of a function: the end of all, as its return address is undefined. */
const END = [0x07, 1];
const frame = (pc: number, sp: number, savedAt?: number, isReturn = true, certainty = "certain"): unknown => ({
  pc,
  isReturn,
  sp: STACK + sp,
  savedAt: savedAt === undefined ? undefined : STACK + savedAt,
  certainty,
});
const first = frame(CODE + 0x10, 0, undefined, false);

describe("where the return address is", () => {
  /** A function with this program, called by one that ends. */
  const called = (program: readonly number[], stopped: Stopped): unknown => unwound([table([program, END])], stopped);
  const at = (savedAt: number | undefined, sp = 16): unknown => ({
    frames: [first, frame(CODE + 0x120, sp, savedAt)],
    end: "complete",
  });
  const cfa16 = [0x0e, 16];

  test("in its register, while the innermost function has not called", () => {
    expect(called(cfa16, { registers: { 1: CODE + 0x120 } })).toEqual(at(undefined));
    expect(called([], { registers: { 1: CODE + 0x120 } })).toEqual(at(undefined, 0));
  });

  test("saved in the frame", () => {
    expect(called([...cfa16, 0x81, 1], { words: { 12: CODE + 0x120 } })).toEqual(at(12));
    expect(called([...cfa16, 0x81, 1], {})).toEqual({ frames: [first], end: "memory-unknown" });
  });

  test("in another register, or where it was", () => {
    expect(called([...cfa16, 0x09, 1, 5], { registers: { 5: CODE + 0x120 } })).toEqual(at(undefined));
    expect(called([...cfa16, 0x08, 1], { registers: { 1: CODE + 0x120 } })).toEqual(at(undefined));
  });

  test("what an expression gives, or what lies there", () => {
    // The CFA less 8; the sum of x5 and 4.
    expect(called([...cfa16, 0x10, 1, 2, 0x38, 0x1c], { words: { 8: CODE + 0x120 } })).toEqual(at(undefined));
    expect(called([...cfa16, 0x16, 1, 2, 0x75, 4], { registers: { 5: CODE + 0x11c } })).toEqual(at(undefined));
    expect(called([...cfa16, 0x10, 1, 2, 0x75, 4], { words: { 0: CODE + 0x120 } })).toEqual({
      frames: [first],
      end: "memory-unknown",
    });
  });

  test("a distance from the CFA", () => {
    const high = table([[0x0f, 2, 0x75, 0, 0x15, 1, 1, 0x07, 2], END]);
    expect(unwound([high], { registers: { 5: CODE + 0x124 } })).toEqual({ frames: [first], end: "memory-unknown" });
    const kept = table([[0x0f, 2, 0x75, 0, 0x15, 1, 1, 0x09, 2, 6], END]);
    expect(unwound([kept], { registers: { 5: CODE + 0x124, 6: STACK + 32 } })).toEqual(at(undefined, 32));
  });

  test("0, which is the end", () => {
    expect(called([...cfa16, 0x81, 1], { words: { 12: 0 } })).toEqual({ frames: [first], end: "complete" });
  });
});

describe("what the caller finds", () => {
  /** Three functions, the second of which needs a register of its own to find the third. */
  const by = (innermost: readonly number[], middle: readonly number[], stopped: Stopped): unknown =>
    unwound([table([[0x0e, 16, 0x81, 1, ...innermost], middle, END])], {
      ...stopped,
      words: { 12: CODE + 0x120, ...stopped.words },
    });
  const found = (sp: number, savedAt?: number): unknown => ({
    frames: [first, frame(CODE + 0x120, 16, 12), frame(CODE + 0x220, sp, savedAt)],
    end: "complete",
  });
  const lost = { frames: [first, frame(CODE + 0x120, 16, 12)], end: "memory-unknown" };
  /** The CFA is x8 + 32, and the return address saved below it. */
  const framePointer = [0x0c, 8, 32, 0x81, 1];

  test.each([3, 4, 8, 9, 18, 27])("x%i as it was", (register) => {
    const middle = [0x0c, register, 32, 0x81, 1];
    expect(by([], middle, { registers: { [register]: STACK + 32 }, words: { 60: CODE + 0x220 } })).toEqual(
      found(64, 60),
    );
  });

  test.each([1, 5, 7, 10, 17, 28, 31])("x%i no longer", (register) => {
    const middle = [0x0c, register, 32, 0x81, 1];
    expect(by([], middle, { registers: { [register]: STACK + 32 }, words: { 60: CODE + 0x220 } })).toEqual(lost);
  });

  test("what the innermost function has kept for it", () => {
    expect(by([0x88, 2], framePointer, { words: { 8: STACK + 32, 60: CODE + 0x220 } })).toEqual(found(64, 60));
    expect(by([0x14, 8, 0x7c], framePointer, { registers: { 8: 5 } })).toEqual(lost);
    expect(by([0x15, 8, 4], framePointer, { registers: { 8: 5 }, words: { 28: CODE + 0x220 } })).toEqual(found(32, 28));
    expect(by([0x09, 8, 5], framePointer, { registers: { 5: STACK + 32, 8: 5 }, words: { 60: CODE + 0x220 } })).toEqual(
      found(64, 60),
    );
    expect(by([0x08, 8], framePointer, { registers: { 8: STACK + 32 }, words: { 60: CODE + 0x220 } })).toEqual(
      found(64, 60),
    );
    expect(
      by([0x08, 5], [0x0c, 5, 32, 0x81, 1], { registers: { 5: STACK + 32 }, words: { 60: CODE + 0x220 } }),
    ).toEqual(found(64, 60));
    expect(by([0x07, 8], framePointer, { registers: { 8: STACK + 32 }, words: { 60: CODE + 0x220 } })).toEqual(lost);
    // The CFA plus 16; the word at the CFA less 8.
    expect(by([0x16, 8, 2, 0x23, 16], framePointer, { words: { 60: CODE + 0x220 } })).toEqual(found(64, 60));
    expect(by([0x10, 8, 2, 0x38, 0x1c], framePointer, { words: { 8: STACK + 32, 60: CODE + 0x220 } })).toEqual(
      found(64, 60),
    );
  });

  test("x0, which is 0 in every function", () => {
    const middle = [0x0f, 7, 0x70, 0, 0x82 - 0x10, 32, 0x22, 0x96, 0x96, 0x81, 1];
    expect(by([], middle, { words: { 44: CODE + 0x220 } })).toEqual(found(48, 44));
  });

  test("no return address in its register: it has called since", () => {
    expect(by([], [0x0e, 16], { registers: { 1: CODE + 0x220 } })).toEqual(lost);
  });
});

test("through an interrupt, whose frame says where it happened", () => {
  // What it leads to is no return address, and is looked up as it is: the second function begins there.
  const kept = table([[0x0e, 16, 0x81, 1, 0x08, 1], END], true);
  expect(unwound([kept], { registers: { 1: CODE + 0x100 } })).toEqual({
    frames: [first, frame(CODE + 0x100, 16, undefined, false)],
    end: "complete",
  });
});

test("in the first table that knows the function", () => {
  const [none, known] = [table([]), table([END])];
  expect(unwound([none, known, table([[0x0e, 16]])], {}).end).toBe("complete");
});

describe("where it ends early", () => {
  test("code that is none, and a stack that does not go on", () => {
    const one = table([
      [0x0e, 16, 0x81, 1],
      [0x81, 1],
    ]);
    const corrupt = (stopped: Stopped, frames = [first]): void =>
      expect(unwound([one], stopped)).toEqual({ frames, end: "corrupt" });
    corrupt({ words: { 12: 0x1234 } });
    corrupt({ words: { 12: CODE } });
    corrupt({ words: { 12: CODE + 0x1001 } });
    expect(unwound([one], { words: { 12: CODE + 1, 28: 0 } }).frames[1]).toEqual(frame(CODE + 1, 16, 12));
    // The second function's frame has no size.
    corrupt({ words: { 12: CODE + 0x120 } }, [first, frame(CODE + 0x120, 16, 12)]);
    const back = table([[0x0f, 2, 0x72, 0x70, 0x81, 1]]);
    expect(unwound([back], { words: { [-20]: CODE + 0x120 } })).toEqual({ frames: [first], end: "corrupt" });
  });

  test("a register that is not known", () => {
    expect(unwound([table([[0x0c, 9, 16]])], { registers: { 1: CODE + 0x120 } })).toEqual({
      frames: [first],
      end: "memory-unknown",
    });
    expect(unwound([table([[0x0f, 2, 0x79, 0]])], { registers: { 1: CODE + 0x120 } })).toEqual({
      frames: [first],
      end: "memory-unknown",
    });
    expect(unwoundWithout(2)).toEqual({
      frames: [{ pc: CODE + 0x10, isReturn: false, sp: 0, savedAt: undefined, certainty: "certain" }],
      end: "memory-unknown",
    });
  });

  const unwoundWithout = (register: number): CallStack => {
    const registers = Array.from({ length: 32 }, (_, i) => (i === register ? undefined : STACK));
    return unwindRiscv([table([[0x0e, 16]])], code, { pc: CODE + 0x10, registers }, () => undefined);
  };

  test("recursion of more than 256 frames", () => {
    const itself = table([[0x0e, 16, 0x81, 1]]);
    const registers = Array.from({ length: 32 }, (_, i) => (i === 2 ? STACK : undefined));
    const { frames, end } = unwindRiscv([itself], code, { pc: CODE + 0x10, registers }, () => CODE + 0x20);
    expect([frames.length, end]).toEqual([256, "too-deep"]);
    expect(frames[255]).toEqual(frame(CODE + 0x20, 16 * 255, 16 * 255 - 4));
  });
});

describe("without frame information", () => {
  const known = table([END]);
  const outside = CODE + 0x800;

  test("the return register is believed: of code it may be older, of what is no code it is right", () => {
    const registers = { 1: CODE + 0x20 };
    const stopped = (pc: number, certainty: string): unknown => ({
      frames: [{ ...(first as object), pc }, frame(CODE + 0x20, 0, undefined, true, certainty)],
      end: "complete",
    });
    expect(unwound([known], { pc: outside, registers })).toEqual(stopped(outside, "guess"));
    expect(unwound([known], { pc: 0, registers })).toEqual(stopped(0, "certain"));
    expect(unwound([known], { pc: outside })).toMatchObject({ end: "memory-unknown" });
    // Of the ROM, which no ELF has.
    expect(unwound([known], { pc: CODE + 0x10, registers: {} }).end).toBe("complete");
  });

  /** ROM code that has called, and whose caller has frame information. */
  const scanned = (words: Readonly<Record<number, number>>, tables = [table([END, [0x0e, 16, 0x81, 1]])]): CallStack =>
    unwound(tables, { pc: 0x4000_0100, registers: { 1: 0x4000_0200 }, words });
  const rom = [{ ...(first as object), pc: 0x4000_0100 }, frame(0x4000_0200, 0)];

  test("the first word behind a call from which it leads on to the end is taken", () => {
    const all = (length: number, words: Readonly<Record<number, number>>): Record<number, number> => ({
      ...Object.fromEntries(Array.from({ length }, (_, i) => [4 * i, 7])),
      ...words,
    });
    // At 12 the caller's return address; its frame begins behind it, at 16, and has its own in its last word.
    expect(scanned(all(20, { 12: CODE + 0x120, 28: CODE + 0x20 }))).toEqual({
      frames: [...rom, frame(CODE + 0x120, 16, 12, true, "guess"), frame(CODE + 0x20, 32, 28, true, "guess")],
      end: "complete",
    });
    // Up to eight words of variable arguments may lie between.
    expect(scanned(all(20, { 12: CODE + 0x120, 60: CODE + 0x20 }))).toEqual({
      frames: [...rom, frame(CODE + 0x120, 48, 12, true, "guess"), frame(CODE + 0x20, 64, 60, true, "guess")],
      end: "complete",
    });
    expect(scanned(all(40, { 12: CODE + 0x120, 76: CODE + 0x20 })).end).toBe("no-frame-information");
    // What leads nowhere, and what is no code with frame information, is passed over.
    expect(
      scanned(all(20, { 0: outside, 4: CODE + 0x140, 16: CODE + 0x120, 76: CODE + 0x20 })).frames.slice(2),
    ).toEqual([frame(CODE + 0x120, 64, 16, true, "guess"), frame(CODE + 0x20, 80, 76, true, "guess")]);
    expect(scanned(all(2, { 12: CODE + 0x120, 28: CODE + 0x20 }))).toEqual({
      frames: rom,
      end: "no-frame-information",
    });
  });

  test("a word that follows no call is passed over, wherever it would lead", () => {
    const words = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [4 * i, 7]));
    const at = (pc: number): number => scanned({ ...words, 12: pc, 28: CODE + 0x20 }).frames.length;
    expect([at(CODE + 0x120), at(CODE + 0x122)]).toEqual([4, 2]);
  });

  test("in 256 words and no more", () => {
    const words = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [4 * i, 7]));
    const at = (place: number): CallStack => scanned({ ...words, [place]: CODE + 0x120, [place + 16]: CODE + 0x20 });
    expect(at(4 * 255).frames.length).toBe(4);
    expect(at(4 * 259)).toEqual({ frames: rom, end: "no-frame-information" });
  });

  test("a single frame that ends at once is no proof", () => {
    expect(scanned({ 0: 7, 4: 7, 8: 7, 12: CODE + 0x20, 16: 7 })).toEqual({ frames: rom, end: "no-frame-information" });
  });
});
