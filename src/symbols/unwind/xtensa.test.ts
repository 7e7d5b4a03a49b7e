// Register windows of Xtensa: from save area to save area, and each way in which that ends.
import { describe, expect, test } from "vitest";
import type { CallStack, CodeReader } from "./stack.ts";
import { isRom } from "./stack.ts";
import { unwindXtensa } from "./xtensa.ts";

const CODE = 0x400d_0000;
const STACK = 0x3ffb_0000;
const code: CodeReader = {
  isCode: (address) => address >= CODE && address < CODE + 0x1000,
  followsCall: () => true,
  read: (address) => (address === CODE ? Uint8Array.of(0x36) : Uint8Array.of(0x12)),
};
/** A return address as `call8` leaves it. */
const back = (offset: number): number => (((CODE + offset) & 0x3fff_ffff) | 0x8000_0000) >>> 0;

interface Stopped {
  readonly pc?: number;
  readonly ps?: number;
  readonly registers?: readonly (number | undefined)[];
  readonly words?: Readonly<Record<number, number>>;
}

const unwound = ({ pc = CODE + 0x10, ps, registers = [back(0x100), STACK], words = {} }: Stopped): CallStack =>
  unwindXtensa(code, { pc, registers, ...(ps === undefined ? {} : { ps }) }, (address) => words[address - STACK]);

const frame = (pc: number, sp: number, savedAt?: number, isReturn = true): unknown => ({
  pc,
  isReturn,
  sp: STACK + sp,
  savedAt: savedAt === undefined ? undefined : STACK + savedAt,
  certainty: "certain",
});
const first = frame(CODE + 0x10, 0, undefined, false);

test("each frame's save area has its caller's return address and stack pointer", () => {
  const words = {
    [-12]: STACK + 32,
    [-16]: back(0x200),
    [20]: STACK + 64,
    [16]: back(0x300),
    [52]: STACK + 80,
    [48]: 0,
  };
  expect(unwound({ words })).toEqual({
    frames: [first, frame(CODE + 0x100, 32), frame(CODE + 0x200, 64, -16), frame(CODE + 0x300, 80, 16)],
    end: "complete",
  });
});

describe("ends", () => {
  const second = frame(CODE + 0x100, 32);
  test.each<readonly [string, Stopped, CallStack["end"], readonly unknown[]]>([
    ["a return address of 0", { registers: [0, STACK] }, "complete", [first]],
    ["one that is not known", { registers: [undefined, STACK] }, "memory-unknown", [first]],
    ["one that is not known of a caller", { words: { [-12]: STACK + 32 } }, "memory-unknown", [first, second]],
    ["a caller's stack pointer that is not known", {}, "memory-unknown", [first, frame(CODE + 0x100, 0)]],
    ["no code", { registers: [back(0x1003), STACK], words: { [-12]: STACK + 32 } }, "corrupt", [first]],
    ["the first address of code", { registers: [back(2), STACK], words: { [-12]: STACK + 32 } }, "corrupt", [first]],
    ["no window", { registers: [CODE & 0x3fff_ffff, STACK], words: { [-12]: STACK + 32 } }, "corrupt", [first]],
    ["a stack that goes back", { words: { [-12]: STACK - 16 } }, "corrupt", [first]],
    ["a stack that stays", { words: { [-12]: STACK } }, "corrupt", [first]],
    ["a stack pointer that is not aligned", { words: { [-12]: STACK + 34 } }, "corrupt", [first]],
  ])("%s", (_, stopped, end, frames) => {
    expect(unwound(stopped)).toEqual({ frames, end });
  });

  test("the last code there is, and code of the ROM", () => {
    const words = { [-12]: STACK + 32, [-16]: 0 };
    expect(unwound({ registers: [back(0x1002), STACK], words })).toEqual({
      frames: [first, frame(CODE + 0x1002, 32)],
      end: "complete",
    });
    expect(unwound({ registers: [back(3), STACK], words }).frames[1]).toEqual(frame(CODE + 3, 32));
    expect(unwound({ registers: [0x8000_0010, STACK], words }).frames[1]).toEqual(frame(0x4000_0010, 32));
  });

  test("more than 256 frames", () => {
    const registers = [back(0x100), STACK];
    const { frames, end } = unwindXtensa(code, { pc: CODE + 0x10, registers }, (address) =>
      address % 16 === 4 ? address + 12 + 16 : back(0x200),
    );
    expect([frames.length, end]).toEqual([256, "too-deep"]);
    expect(frames[255]).toEqual(frame(CODE + 0x200, 16 * 255, 16 * 252));
  });
});

test("without a stack pointer it begins at 0", () => {
  expect(unwindXtensa(code, { pc: CODE + 0x10, registers: [0] }, () => undefined)).toEqual({
    frames: [{ pc: CODE + 0x10, isReturn: false, sp: 0, savedAt: undefined, certainty: "certain" }],
    end: "complete",
  });
});

describe("before `entry` the registers are the caller's", () => {
  const registers = [back(0x300), STACK, 0, 0, back(0x104), 0, 0, 0, back(0x108), 0, 0, 0, back(0x10c)];
  const words = { [-12]: STACK + 32, [-16]: 0 };

  test.each([
    [0, 0x300],
    [1, 0x104],
    [2, 0x108],
    [3, 0x10c],
  ])("called by the window increment %i", (increment, to) => {
    for (const ps of [increment << 16, (increment << 16) | 0x4_0020]) {
      expect(unwound({ pc: CODE, ps, registers, words })).toEqual({
        frames: [frame(CODE, 0, undefined, false), frame(CODE + to, 0), frame(CODE + 0x300, 32)],
        end: "complete",
      });
    }
  });

  test("also where it jumped to what is no code; not in the ROM, nor where the status is not known", () => {
    expect(unwound({ pc: 0x1234, ps: 2 << 16, registers, words }).frames[1]).toEqual(frame(CODE + 0x108, 0));
    expect(unwound({ pc: 0x4000_0100, ps: 2 << 16, registers, words }).frames[1]).toEqual(frame(CODE + 0x300, 32));
    expect(unwound({ pc: CODE, registers, words }).frames[1]).toEqual(frame(CODE + 0x300, 32));
    expect(unwound({ pc: CODE + 0x10, ps: 2 << 16, registers, words }).frames[1]).toEqual(frame(CODE + 0x300, 32));
  });
});

test("the ROMs of the chips", () => {
  const edges = [
    0x3fff_ffff, 0x4000_0000, 0x4006_ffff, 0x4007_0000, 0x4fbf_ffff, 0x4fc0_0000, 0x4fc1_ffff, 0x4fc2_0000,
  ];
  expect(edges.map(isRom)).toEqual([false, true, true, false, false, true, true, false]);
});
