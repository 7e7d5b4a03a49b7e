// Which frame of a backtrace is the program's, with names and without.
import { describe, expect, test } from "vitest";
import type { IncidentKind } from "../wire/log-records.ts";
import { firstOwnFrame, isCode } from "./own-frame.ts";

const RAM = 0x40081234;
const FLASH = 0x400d1234;
const BAD = 0x3ffb0000;

describe("by names", () => {
  const heap = "heap_caps_malloc";
  const panic = "panic_abort";
  test.for<readonly [readonly (string | undefined)[], number | undefined]>([
    [["own", heap], 0],
    [[panic, heap, "own", "main"], 2],
    [[undefined, heap, "own"], 2],
    [[panic, undefined, undefined], 1],
    [[panic, undefined, heap, undefined], 3],
    [[panic, heap], undefined],
    [[undefined, "own"], 1],
    [[panic, "??", undefined], 1],
    [[panic, "0x400d1234"], 1],
  ])("%j: %j", ([names, own]) => {
    const callers = names.map(() => RAM);
    expect(firstOwnFrame("panic", callers, names, undefined)).toBe(own);
  });

  test("what stands before the ROM's malloc or free is the heap's, but where anything may have happened", () => {
    const [FREE, MALLOC] = [0x4000beb7, 0x4000bebc];
    const first = (kind: IncidentKind, rom: number, ...names: readonly (string | undefined)[]): number | undefined =>
      firstOwnFrame(kind, [FLASH, rom, FLASH, RAM], names, undefined);
    for (const rom of [FREE, MALLOC]) {
      expect(first("bad-head", rom, "other", "other", "own", "main")).toBe(2);
      expect(first("bad-head", rom, "other", "other", undefined, undefined)).toBe(2);
      expect(first("panic", rom, "own", "other", "other", "main")).toBe(0);
    }
    expect(firstOwnFrame("bad-head", [FREE, FLASH], ["own", "main"], undefined)).toBe(1);
    expect(firstOwnFrame("bad-head", [FREE], ["own"], undefined)).toBeUndefined();
  });

  test("of those without a name behind the heap's, the first in flash", () => {
    const names = [panic, heap, undefined, undefined, undefined];
    expect(firstOwnFrame("panic", [FLASH, FLASH, RAM, FLASH, FLASH], names, undefined)).toBe(3);
  });
});

describe("without names", () => {
  test.for<readonly [IncidentKind, readonly number[], number | undefined, number | undefined]>([
    ["panic", [], undefined, undefined],
    ["assert", [RAM, RAM, 0x4ff00000, 0x40001234], undefined, 3],
    ["assert", [RAM, RAM, 0x4ffbffff, 0x40001234], undefined, 3],
    ["assert", [RAM, RAM, 0x4ffc0000, 0x40001234], undefined, undefined],
    ["assert", [RAM, RAM, 0x4fefffff, 0x40001234], undefined, undefined],
    ["panic", [FLASH], undefined, 0],
    ["watchdog", [RAM], undefined, 0],
    ["sanitizer", [0x40000000], undefined, 0],
    ["panic", [0x3fffffff], undefined, undefined],
    ["panic", [0x4fffffff], undefined, 0],
    ["panic", [0x50000000], undefined, undefined],
    ["watchdog", [BAD, FLASH], undefined, undefined],
    ["abort", [RAM, FLASH, FLASH + 4], FLASH, 1],
    ["abort", [FLASH, RAM], FLASH, 0],
    ["abort", [RAM, FLASH], FLASH + 4, undefined],
    ["abort", [RAM, FLASH], undefined, undefined],
    // The frames of the assertion itself, then what lies in RAM.
    ["assert", [RAM, RAM, FLASH, FLASH + 4], undefined, 3],
    ["assert", [FLASH, FLASH, FLASH, RAM, FLASH], undefined, 4],
    ["assert", [RAM, FLASH, RAM], undefined, undefined],
    ["assert", [FLASH, FLASH], undefined, undefined],
    ["assert", [FLASH], undefined, undefined],
    ["heap-metadata", [RAM, RAM, RAM, FLASH, FLASH + 4], FLASH, 4],
    ["heap-metadata", [RAM, FLASH, RAM, FLASH + 4], FLASH, 3],
    // What the heap prints lies behind the ROM's free, and what called that behind it.
    ["bad-head", [RAM, RAM, RAM, FLASH, 0x4000bec7, FLASH], undefined, 5],
    ["bad-head", [RAM, RAM, RAM, FLASH, 0x4000bf10, FLASH], undefined, 3],
    ["bad-head", [RAM, RAM, RAM, FLASH, 0x4000bbc2, FLASH, FLASH], undefined, 5],
    // The borders of these two in the ROM.
    ...[0x4000bbb4, 0x4000bbff, 0x4000bea0, 0x4000bf0f].map((rom) => {
      return ["bad-head", [RAM, RAM, RAM, FLASH, rom, FLASH], undefined, 5] as const;
    }),
    ...[0x4000bbb3, 0x4000bc00, 0x4000be9f, 0x4000bf10].map((other) => {
      return ["bad-head", [RAM, RAM, RAM, FLASH, other, FLASH], undefined, 3] as const;
    }),
    // The P4's flash lies where others have their ROM.
    ["assert", [0x4ff0f28a, 0x4ff0ee4c, 0x4ff1b526, 0x4fc00010, 0x40063650], undefined, 4],
  ])("%s of %j, aborted at %j: %j", ([kind, callers, abortedAt, own]) => {
    const names = callers.map(() => undefined);
    expect(firstOwnFrame(kind, callers, names, abortedAt)).toBe(own);
  });

  test("an overflow that is found at a switch of tasks has none, any other the first in flash", () => {
    const names = [undefined, undefined];
    expect(firstOwnFrame("stack-overflow", [RAM, FLASH], names, undefined, true)).toBeUndefined();
    expect(firstOwnFrame("stack-overflow", [RAM, FLASH], names, undefined, false)).toBe(1);
    expect(firstOwnFrame("stack-overflow", [FLASH, FLASH], names, undefined)).toBe(0);
    expect(firstOwnFrame("stack-overflow", [RAM, RAM], names, undefined)).toBeUndefined();
  });
});

test("where the chips run code", () => {
  const borders = [0x40000000, 0x44000000, 0x4fc00000, 0x50000000];
  expect(borders.map((address) => [isCode(address - 1), isCode(address)])).toEqual([
    [false, true],
    [true, false],
    [false, true],
    [true, false],
  ]);
});
