// Every form of an attribute's value: how many bytes it takes, and what number or text it is. DWARF 5, 7.5.6; GNU's are of DebugFission.
import { describe, expect, test } from "vitest";
import { Cursor } from "../cursor.ts";
import { fixedFormSize } from "./abbrev.ts";
import { DW_FORM } from "./constants.ts";
import { isAddressIndex, readNumber, readOffset, readText, skipForm, textOf } from "./forms.ts";
import type { DebugSections } from "./sections.ts";

const UNIT = 0x100;
const encoding = { version: 5, addressSize: 4, offsetSize: 4, offset: UNIT };
const bytes = [0x81, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x00, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11];
const u16 = 0x0281;
const u24 = 0x03_0281;
const u32 = 0x0403_0281;
const u64 = 0x0007_0605 * 2 ** 32 + u32;
const uleb = 0x101;

const forms: readonly (readonly [name: keyof typeof DW_FORM, size: number, number: number, isFixed: boolean])[] = [
  ["addr", 4, u32, true],
  ["block2", 2 + u16, 0, false],
  ["block4", 4 + u32, 0, false],
  ["data2", 2, u16, true],
  ["data4", 4, u32, true],
  ["data8", 8, u64, true],
  ["string", 8, 0, false],
  ["block", 2 + uleb, 0, false],
  ["block1", 1 + 0x81, 0, false],
  ["data1", 1, 0x81, true],
  ["flag", 1, 0x81, true],
  ["sdata", 2, uleb, false],
  ["strp", 4, u32, true],
  ["udata", 2, uleb, false],
  ["refAddr", 4, u32, false],
  ["ref1", 1, UNIT + 0x81, true],
  ["ref2", 2, UNIT + u16, true],
  ["ref4", 4, UNIT + u32, true],
  ["ref8", 8, UNIT + u64, true],
  ["refUdata", 2, UNIT + uleb, false],
  ["secOffset", 4, u32, true],
  ["exprloc", 2 + uleb, 0, false],
  ["flagPresent", 0, 1, true],
  ["strx", 2, uleb, false],
  ["addrx", 2, uleb, false],
  ["refSup4", 4, 0, true],
  ["strpSup", 4, 0, true],
  ["data16", 16, 0, true],
  ["lineStrp", 4, u32, true],
  ["refSig8", 8, 0, true],
  ["implicitConst", 0, 77, true],
  ["loclistx", 2, uleb, false],
  ["rnglistx", 2, uleb, false],
  ["refSup8", 8, 0, true],
  ["strx1", 1, 0x81, true],
  ["strx2", 2, u16, true],
  ["strx3", 3, u24, true],
  ["strx4", 4, u32, true],
  ["addrx1", 1, 0x81, true],
  ["addrx2", 2, u16, true],
  ["addrx3", 3, u24, true],
  ["addrx4", 4, u32, true],
  ["gnuAddrIndex", 2, uleb, false],
  ["gnuStrIndex", 2, uleb, false],
  ["gnuRefAlt", 4, 0, true],
  ["gnuStrpAlt", 4, 0, true],
];

/** The bytes with many more behind them: blocks are long. */
function cursorOver(...before: readonly number[]): Cursor {
  const size = before.length + bytes.length + 0x300;
  const whole = new Uint8Array(size);
  whole.set([...before, ...bytes]);
  return new Cursor(whole);
}

describe.each(forms)("%s", (name, size, number, isFixed) => {
  const form = DW_FORM[name];
  const isHuge = size > 0x1000;

  test("takes its bytes and no more", () => {
    expect(fixedFormSize(form, 4, 4)).toBe(isFixed ? size : -1);
    const skipped = cursorOver();
    skipForm(skipped, form, encoding);
    const read = cursorOver();
    readNumber(read, form, encoding, 77);
    const asText = cursorOver();
    readText(asText, form, { ...encoding, strOffsetsBase: 0 }, sections);
    for (const cursor of [skipped, read, asText]) {
      expect(cursor.overrun).toBe(isHuge);
      if (!cursor.overrun) expect(cursor.pos).toBe(size);
    }
  });

  test("is its number", () => {
    expect(readNumber(cursorOver(), form, encoding, 77)).toBe(number);
  });

  test("is the same behind an indirect form, which cannot lead to itself", () => {
    if (form === DW_FORM.implicitConst) return;
    const code = form < 0x80 ? [form] : [(form & 0x7f) | 0x80, form >> 7];
    expect(readNumber(cursorOver(...code), DW_FORM.indirect, encoding)).toBe(number);
    const cursor = cursorOver(...code);
    skipForm(cursor, DW_FORM.indirect, encoding);
    if (!cursor.overrun) expect(cursor.pos).toBe(code.length + size);
  });
});

const none = new Uint8Array(0);
const sections: DebugSections = {
  info: none,
  abbrev: none,
  line: none,
  lineStr: new TextEncoder().encode("??line\0"),
  str: new TextEncoder().encode("???str\0"),
  strOffsets: Uint8Array.from([0, 0, 0, 0, 3, 0, 0, 0]),
  addr: none,
  ranges: none,
  rnglists: none,
};

describe("texts", () => {
  const read = (form: number, ...value: readonly number[]): string =>
    textOf(readText(new Cursor(Uint8Array.from(value)), form, { ...encoding, strOffsetsBase: 0 }, sections));

  test("in place, by offset and by index", () => {
    expect(read(DW_FORM.string, 0x61, 0x62, 0)).toBe("ab");
    expect(read(DW_FORM.strp, 3, 0, 0, 0)).toBe("str");
    expect(read(DW_FORM.lineStrp, 2, 0, 0, 0)).toBe("line");
    expect(read(DW_FORM.strx, 1)).toBe("str");
    expect(read(DW_FORM.strx1, 1)).toBe("str");
    expect(read(DW_FORM.strx2, 1, 0)).toBe("str");
    expect(read(DW_FORM.strx3, 1, 0, 0)).toBe("str");
    expect(read(DW_FORM.strx4, 1, 0, 0, 0)).toBe("str");
    expect(read(DW_FORM.gnuStrIndex, 1)).toBe("str");
    expect(read(DW_FORM.indirect, DW_FORM.strp, 3, 0, 0, 0)).toBe("str");
  });

  test("none where there is none", () => {
    expect(read(DW_FORM.string, 0x61, 0x62)).toBe("");
    expect(read(DW_FORM.strx1, 2)).toBe("");
    expect(read(DW_FORM.data4, 3, 0, 0, 0)).toBe("");
    expect(read(DW_FORM.indirect, DW_FORM.indirect, DW_FORM.strp, 3, 0, 0, 0)).toBe("");
  });
});

test("widths of the 64-bit format, of wide addresses and of version 2", () => {
  const wide = { ...encoding, addressSize: 8, offsetSize: 8 };
  for (const [form, unit, size] of [
    [DW_FORM.addr, wide, 8],
    [DW_FORM.strp, wide, 8],
    [DW_FORM.secOffset, wide, 8],
    [DW_FORM.refAddr, wide, 8],
    [DW_FORM.refAddr, { ...wide, offsetSize: 4 }, 4],
    [DW_FORM.refAddr, { ...wide, offsetSize: 4, version: 2 }, 8],
    [DW_FORM.refAddr, { ...wide, addressSize: 4, version: 2 }, 4],
  ] as const) {
    const [skipped, read] = [cursorOver(), cursorOver()];
    skipForm(skipped, form, unit);
    expect(readNumber(read, form, unit)).toBe(size === 8 ? u64 : u32);
    expect([skipped.pos, read.pos]).toEqual([size, size]);
  }
});

test("a form that nobody knows ends the reading", () => {
  const cursor = cursorOver();
  skipForm(cursor, 0x7f, encoding);
  expect([cursor.overrun, cursor.atEnd]).toEqual([true, true]);
  const [skipped, read] = [cursorOver(DW_FORM.indirect), cursorOver(DW_FORM.indirect)];
  skipForm(skipped, DW_FORM.indirect, encoding);
  expect(readNumber(read, DW_FORM.indirect, encoding)).toBe(0);
  expect([skipped.overrun, read.overrun]).toEqual([true, true]);
});

test("forms whose number is an index into .debug_addr", () => {
  const indexes = forms.map(([name]) => name).filter((name) => isAddressIndex(DW_FORM[name]));
  expect(indexes).toEqual(["addrx", "addrx1", "addrx2", "addrx3", "addrx4", "gnuAddrIndex"]);
});

test("an entry of a table of offsets has four bytes, which are all there", () => {
  const table = Uint8Array.of(1, 2, 3, 0xff, 5, 6, 7, 8, 9);
  expect([0, 4, 5, 6, 9, 10, 2 ** 40].map((at) => readOffset(table, at))).toEqual([
    ...[0xff030201, 0x08070605, 0x09080706],
    ...[undefined, undefined, undefined, undefined],
  ]);
});
