// Call frame information made by hand: each instruction, both sections, and what a damaged one may say. Format: DWARF 5, 6.4 and 7.24; LSB for .eh_frame.
import { Unzlib } from "fflate";
import { describe, expect, test } from "vitest";
import { elf, text, u16, u32 } from "../../../test/symbols/made-elf.ts";
import { readElf } from "../elf.ts";
import { readFrameTable, rulesAt, type FrameRules, type FrameTable } from "./frame-table.ts";

const START = 0x4200_0100;
const SIZE = 0x40;
const EH_ADDRESS = 0x3c00_0000;

function tableOf(debugFrame: readonly number[], ehFrame: readonly number[] = []): FrameTable {
  const bytes = elf([
    { name: ".text", flags: 6, address: 0x4200_0000, bytes: new Array<number>(0x400).fill(0) },
    { name: ".debug_frame", flags: 0, address: 0, bytes: debugFrame },
    { name: ".eh_frame", flags: 2, address: EH_ADDRESS, bytes: ehFrame },
  ]);
  return readFrameTable(readElf(bytes, { zlib: () => Unzlib }));
}

const entry = (id: number, body: readonly number[]): number[] => [...u32(4 + body.length), ...u32(id), ...body];

/** Code align 2, data align -4, return address in x1; the CFA is x2. */
const common = (initial: readonly number[] = [0x0c, 2, 0], version = 3): number[] =>
  entry(0xffff_ffff, [version, ...text(""), ...(version === 4 ? [4, 0] : []), 2, 0x7c, 1, ...initial]);
const described = (code: readonly number[], start = START, size = SIZE): number[] =>
  entry(0, [...u32(start), ...u32(size), ...code]);

/** The rules at an offset in the function whose program this is. */
function rules(code: readonly number[], offset = 0, initial?: readonly number[]): FrameRules | undefined {
  return rulesAt(tableOf([...common(initial), ...described(code)]), START + offset);
}

const after = (found: FrameRules | undefined): unknown =>
  found && { cfa: found.cfa, ...Object.fromEntries(found.registers) };

test("a function holds its own addresses and no others", () => {
  const table = tableOf([...common(), ...described([]), ...described([0x0e, 8], START + SIZE, 4)]);
  expect([-1, 0, SIZE - 1, SIZE, SIZE + 3, SIZE + 4].map((at) => rulesAt(table, START + at)?.cfa)).toEqual([
    undefined,
    { register: 2, offset: 0 },
    { register: 2, offset: 0 },
    { register: 2, offset: 8 },
    { register: 2, offset: 8 },
    undefined,
  ]);
  expect(rulesAt(table, START)).toMatchObject({ returnColumn: 1, isSignalFrame: false });
});

describe("instructions", () => {
  const cfa = { register: 2, offset: 0 };
  test.each([
    ["nop", [0x00], { cfa }],
    ["offset", [0x80 | 8, 3], { cfa, 8: { kind: "saved", offset: -12 } }],
    ["offset_extended", [0x05, 40, 3], { cfa, 40: { kind: "saved", offset: -12 } }],
    ["offset_extended_sf", [0x11, 8, 0x7f], { cfa, 8: { kind: "saved", offset: 4 } }],
    ["undefined", [0x07, 1], { cfa, 1: { kind: "undefined" } }],
    ["same_value", [0x08, 9], { cfa, 9: { kind: "same" } }],
    ["register", [0x09, 1, 5], { cfa, 1: { kind: "register", register: 5 } }],
    ["val_offset", [0x14, 8, 2], { cfa, 8: { kind: "value", offset: -8 } }],
    ["val_offset_sf", [0x15, 8, 0x7e], { cfa, 8: { kind: "value", offset: 8 } }],
    ["def_cfa", [0x0c, 8, 16], { cfa: { register: 8, offset: 16 } }],
    ["def_cfa_sf", [0x12, 8, 0x7c], { cfa: { register: 8, offset: 16 } }],
    ["def_cfa_register", [0x0e, 4, 0x0d, 8], { cfa: { register: 8, offset: 4 } }],
    ["def_cfa_offset", [0x0e, 32], { cfa: { register: 2, offset: 32 } }],
    ["def_cfa_offset_sf", [0x13, 0x78], { cfa: { register: 2, offset: 32 } }],
    ["def_cfa_expression", [0x0f, 2, 0x72, 4], { cfa: { code: Uint8Array.of(0x72, 4) } }],
    ["an offset behind an expression says nothing", [0x0f, 1, 0x30, 0x0e, 4], { cfa: { code: Uint8Array.of(0x30) } }],
    ["a register behind an expression begins at 0", [0x0f, 1, 0x30, 0x0d, 8], { cfa: { register: 8, offset: 0 } }],
    ["expression", [0x10, 8, 1, 0x30], { cfa, 8: { kind: "expression", code: Uint8Array.of(0x30), isValue: false } }],
    [
      "val_expression",
      [0x16, 8, 1, 0x30],
      { cfa, 8: { kind: "expression", code: Uint8Array.of(0x30), isValue: true } },
    ],
    [
      "an expression that is cut",
      [0x10, 8, 9, 0x30],
      { cfa, 8: { kind: "expression", code: Uint8Array.of(), isValue: false } },
    ],
    ["GNU_args_size", [0x2e, 16, 0x0e, 4], { cfa: { register: 2, offset: 4 } }],
    ["restore of what the beginning does not say", [0x88, 1, 0xc8], { cfa }],
    ["restore_extended", [0x88, 1, 0x06, 8], { cfa }],
    ["remember and restore", [0x0a, 0x0e, 8, 0x88, 1, 0x0b], { cfa }],
    ["restore_state of nothing", [0x0e, 8, 0x0b], { cfa: { register: 2, offset: 8 } }],
    ["one that nobody knows ends it", [0x0e, 8, 0x3f, 0x0e, 16], { cfa: { register: 2, offset: 8 } }],
  ] as const)("%s", (_, code, expected) => {
    expect(after(rules(code))).toEqual(expected);
  });

  test("restore gives back what the beginning says", () => {
    const initial = [0x0c, 2, 0, 0x88, 1];
    expect(after(rules([0x88, 2, 0xc8], 0, initial))).toEqual({ cfa, 8: { kind: "saved", offset: -4 } });
    expect(after(rules([0x88, 2, 0x06, 8], 0, initial))).toEqual({ cfa, 8: { kind: "saved", offset: -4 } });
  });

  test.each([
    ["advance_loc", [0x41]],
    ["advance_loc1", [0x02, 1]],
    ["advance_loc2", [0x03, ...u16(1)]],
    ["advance_loc4", [0x04, ...u32(1)]],
    ["set_loc", [0x01, ...u32(START + 2)]],
  ])("%s: what follows holds from there on", (_, advance) => {
    const code = [...advance, 0x0e, 8];
    expect([0, 1, 2, 3].map((at) => rules(code, at)?.cfa)).toEqual([
      cfa,
      cfa,
      { register: 2, offset: 8 },
      { register: 2, offset: 8 },
    ]);
  });
});

test("versions 1, 3 and 4; others and augmentations that nobody knows are passed over", () => {
  for (const version of [1, 3, 4]) {
    const table = tableOf([...common([0x0c, 2, version], version), ...described([])]);
    expect(rulesAt(table, START)?.cfa).toEqual({ register: 2, offset: version });
  }
  for (const version of [0, 2, 5]) expect(tableOf([...common([], version), ...described([])]).lows.length).toBe(0);
  const strange = entry(0xffff_ffff, [3, ...text("eh"), 2, 0x7c, 1]);
  expect(tableOf([...strange, ...described([])]).lows.length).toBe(0);
});

test("functions that the linker removed, and entries that are cut or lead nowhere, are left out", () => {
  expect(tableOf([...common(), ...described([], 0), ...described([], START, 0)]).lows.length).toBe(0);
  expect(tableOf([...common(), ...described([]).slice(0, -1)]).lows.length).toBe(0);
  expect(tableOf([...common(), ...entry(4, [...u32(START), ...u32(SIZE)])]).lows.length).toBe(0);
  expect(tableOf([...common(), ...entry(0, u32(START))]).lows.length).toBe(0);
});

describe(".eh_frame", () => {
  /** "zR" with the encoding of addresses; the id counts back from where it stands. */
  const eh = (
    encoding: number,
    address: (place: number) => readonly number[],
    augmentation = "zR",
    data = [encoding],
  ): number[] => {
    const cie = entry(0, [1, ...text(augmentation), 2, 0x7c, 1, data.length, ...data, 0x0c, 2, 7]);
    const place = EH_ADDRESS + cie.length + 8;
    const body = [...address(place), 0, 0x0e, 9];
    return [...cie, ...u32(4 + body.length), ...u32(cie.length + 4), ...body];
  };

  test.each([
    ["absolute", 0x00, () => [...u32(START), ...u32(SIZE)]],
    ["relative to its place, 32 bits", 0x1b, (place: number) => [...u32((START - place) >>> 0), ...u32(SIZE)]],
    ["unsigned, 32 bits", 0x03, () => [...u32(START), ...u32(SIZE)]],
  ] as const)("addresses that are %s", (_, encoding, address) => {
    const table = tableOf([], eh(encoding, address));
    expect(rulesAt(table, START)).toMatchObject({ cfa: { register: 2, offset: 9 }, isSignalFrame: false });
    expect(rulesAt(table, START + SIZE)).toBeUndefined();
  });

  test("addresses relative to something else are not known", () => {
    expect(
      tableOf(
        [],
        eh(0x3b, () => [...u32(0), ...u32(SIZE)]),
      ).lows.length,
    ).toBe(0);
  });

  test("other augmentations: a personality, language data, signal frames", () => {
    const absolute = (): number[] => [...u32(START), ...u32(SIZE)];
    const table = tableOf([], eh(0, absolute, "zPLRS", [0x00, ...u32(0x1234), 0x1b, 0x00]));
    expect(rulesAt(table, START)).toMatchObject({ isSignalFrame: true, cfa: { register: 2, offset: 9 } });
    for (const [encoding, personality] of [
      [0x02, u16(1)],
      [0x04, [...u32(1), ...u32(0)]],
      [0x01, [0x81, 1]],
    ] as const)
      expect(rulesAt(tableOf([], eh(0, absolute, "zPR", [encoding, ...personality, 0x00])), START)?.cfa).toEqual({
        register: 2,
        offset: 9,
      });
  });

  test("a zero between two parts does not end it", () => {
    const first = eh(0, () => [...u32(START), ...u32(SIZE)]);
    const second = entry(0, [1, ...text(""), 2, 0x7c, 1, 0x0c, 2, 0]);
    const body = [...u32(START + 0x80), ...u32(4), 0x0e, 3];
    const all = [...first, ...u32(0), ...second, ...u32(4 + body.length), ...u32(second.length + 4), ...body];
    expect(rulesAt(tableOf([], all), START + 0x80)?.cfa).toEqual({ register: 2, offset: 3 });
  });
});

describe("encodings", () => {
  const u64 = (value: number): number[] => [...u32(value), ...u32(0)];
  /** One function whose entry is written in the 64-bit format. */
  const wide = (length: number, cieId: number[], pointer: readonly number[]): number[] => {
    const cie = [...cieId, 3, ...text(""), 2, 0x7c, 1, 0x0c, 2, 5];
    const fde = [...pointer, ...u32(START), ...u32(SIZE)];
    return [...u32(length), ...u64(cie.length), ...cie, ...u32(length), ...u64(fde.length), ...fde];
  };

  test("the 64-bit format, in either section", () => {
    const escape = 0xffff_ffff;
    const debug = wide(escape, [...u32(escape), ...u32(escape)], u64(0));
    expect(rulesAt(tableOf(debug), START)?.cfa).toEqual({ register: 2, offset: 5 });
    expect(tableOf(wide(escape, [...u32(escape - 1), ...u32(0)], u64(0))).lows.length).toBe(0);
    const cie = [...u64(0), 1, ...text(""), 2, 0x7c, 1, 0x0c, 2, 6];
    const pointer = 12 + cie.length + 12;
    const fde = [...u64(pointer), ...u32(START), ...u32(SIZE)];
    const eh = [...u32(escape), ...u64(cie.length), ...cie, ...u32(escape), ...u64(fde.length), ...fde];
    expect(rulesAt(tableOf([], eh), START)?.cfa).toEqual({ register: 2, offset: 6 });
    expect(tableOf([], [...eh.slice(0, 12), 1, ...eh.slice(13)]).lows.length).toBe(0);
  });

  /** A function that begins where the encoding can say it. */
  const ehOf = (encoding: number, address: readonly number[], size: readonly number[]): FrameTable => {
    const cie = entry(0, [1, ...text("zR"), 2, 0x7c, 1, 1, encoding, 0x0c, 2, 0]);
    const body = [...address, ...size, 0];
    return tableOf([], [...cie, ...u32(4 + body.length), ...u32(cie.length + 4), ...body]);
  };
  /** Where the address stands, behind the common entry of 18 bytes and its own header. */
  const PLACE = EH_ADDRESS + 18 + 4 + 8;

  test.each([
    ["udata2", 0x02, [0x34, 0x92], [4, 0], 0x9234, 4],
    ["sdata2", 0x0a, [0x34, 0x92], [4, 0], 0xffff_9234, 4],
    ["udata4", 0x03, u32(0x9234_5678), u32(8), 0x9234_5678, 8],
    ["sdata4", 0x0b, u32(0x9234_5678), u32(8), 0x9234_5678, 8],
    ["udata8", 0x04, u64(0x1234), u64(8), 0x1234, 8],
    ["sdata8", 0x0c, [...u32(0x1234), ...u32(0xffff_ffff)], u64(8), 0x1234, 8],
    ["uleb128", 0x01, [0xb4, 0xa4, 1], [0x90, 1], 0x5234, 0x90],
    ["sleb128", 0x09, [0xb4, 0x24], [0x90, 1], 0x1234, 0x90],
    ["sleb128 below 0", 0x09, [0xb4, 0x64], [8], 0xffff_f234, 8],
    ["absolute", 0x00, u32(0x5678), u32(16), 0x5678, 16],
  ] as const)("%s", (_, encoding, address, size, low, length) => {
    const table = ehOf(encoding, address, size);
    expect(table.descriptions.map((one) => [one.low, one.high])).toEqual([[low, low + length]]);
  });

  test("relative to where it stands: forwards and back, and what wraps", () => {
    const at = (distance: number): unknown => ehOf(0x1b, u32(distance >>> 0), u32(4)).lows[0];
    expect(PLACE % 2).toBe(0);
    const [zero] = ehOf(0x1b, u32(0), u32(4)).lows;
    expect(zero).toBeGreaterThan(EH_ADDRESS);
    expect(at(0x100)).toBe((zero ?? 0) + 0x100);
    expect(at(-0x10)).toBe((zero ?? 0) - 0x10);
    expect(at(-(zero ?? 0))).toBeUndefined();
  });

  test("relative to text, data or function is not known", () => {
    for (const encoding of [0x23, 0x33, 0x43, 0x53]) expect(ehOf(encoding, u32(4), u32(4)).lows.length).toBe(0);
  });
});

describe("common entries", () => {
  const withAugmentation = (augmentation: string, data: readonly number[]): FrameTable => {
    const cie = entry(0, [1, ...text(augmentation), 2, 0x7c, 1, data.length, ...data, 0x0c, 2, 7]);
    const body = [...u32(START), ...u32(SIZE), 0];
    return tableOf([], [...cie, ...u32(4 + body.length), ...u32(cie.length + 4), ...body]);
  };
  const found = (table: FrameTable): unknown =>
    rulesAt(table, START) && [rulesAt(table, START)?.cfa, rulesAt(table, START)?.isSignalFrame];
  const cfa = { register: 2, offset: 7 };

  test.each([
    ["zR", [0], false],
    ["z", [], false],
    ["zS", [], true],
    ["zB", [], false],
    ["zBR", [0], false],
    ["zSR", [0], true],
    ["zLR", [0x1b, 0], false],
    ["zPR", [0x00, 1, 2, 3, 4, 0], false],
    // What is behind a letter that nobody knows is passed over by its length.
    ["zX", [1, 2, 3], false],
    ["zXR", [0x30, 0x30], false],
    ["zRX", [0, 9, 9], false],
  ] as const)("%s", (augmentation, data, isSignal) => {
    expect(found(withAugmentation(augmentation, data))).toEqual([cfa, isSignal]);
  });

  test("a return column of version 1 is a byte, later a number", () => {
    const column = (version: number): number | undefined => {
      const cie = entry(0xffff_ffff, [version, ...text(""), 2, 0x7c, 0x81, 1, 0x0c, 2, 0]);
      return rulesAt(tableOf([...cie, ...described([])]), START)?.returnColumn;
    };
    expect([column(1), column(3)]).toEqual([0x81, 0x81]);
    const two = entry(0xffff_ffff, [1, ...text(""), 2, 0x7c, 0x85, 0x0c, 2, 0]);
    expect(rulesAt(tableOf([...two, ...described([])]), START)?.returnColumn).toBe(0x85);
  });

  test("cut ones are none", () => {
    const whole = common([]);
    for (let length = 9; length < whole.length; length++) {
      const cut = [...u32(length - 4), ...whole.slice(4, length)];
      const table = tableOf([...cut, ...entry(0, [...u32(START), ...u32(SIZE)])]);
      expect([length, table.lows.length]).toEqual([length, 0]);
    }
    expect(tableOf([...whole, ...described([])]).lows.length).toBe(1);
  });
});

test("of functions that begin together the shortest that reaches is asked, of four that lie before an address", () => {
  const sized = (size: number, offset: number, start = START): number[] => described([0x0e, offset], start, size);
  const same = tableOf([...common(), ...sized(16, 3), ...sized(4, 1), ...sized(8, 2)]);
  expect([0, 4, 8, 16].map((at) => rulesAt(same, START + at)?.cfa)).toEqual([
    { register: 2, offset: 3 },
    { register: 2, offset: 3 },
    { register: 2, offset: 3 },
    undefined,
  ]);
  const short = (count: number): number[] => Array.from({ length: count }, (_, i) => sized(1, 9, START + 1 + i)).flat();
  expect(rulesAt(tableOf([...common(), ...sized(64, 5), ...short(3)]), START + 32)?.cfa).toEqual({
    register: 2,
    offset: 5,
  });
  expect(rulesAt(tableOf([...common(), ...sized(64, 5), ...short(4)]), START + 32)).toBeUndefined();
});

test("a program has no more than 20,000 instructions, and remembers no more than 64 states", () => {
  const nops = (count: number): FrameRules | undefined =>
    rules([...new Array<number>(count).fill(0), 0x0e, 8], 0, [0x0c, 2, 0]);
  expect(nops(19_998)?.cfa).toEqual({ register: 2, offset: 8 });
  expect(nops(19_999)?.cfa).toEqual({ register: 2, offset: 0 });
  // Each state has an offset of its own; those beyond the limit were not kept.
  const states = (count: number): number[] => Array.from({ length: count }, (_, i) => [0x0e, i, 0x0a]).flat();
  const back = (count: number): number[] => new Array<number>(count).fill(0x0b);
  expect(rules([...states(64), ...back(1)])?.cfa).toEqual({ register: 2, offset: 63 });
  expect(rules([...states(66), ...back(1)])?.cfa).toEqual({ register: 2, offset: 63 });
  expect(rules([...states(66), ...back(64)])?.cfa).toEqual({ register: 2, offset: 0 });
});
