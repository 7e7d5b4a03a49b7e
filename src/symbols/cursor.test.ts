// Each read at its place, at the last byte and one past it.
import fc from "fast-check";
import { expect, test } from "vitest";
import { sleb, u64, uleb } from "../../test/symbols/made-dwarf.ts";
import { Cursor, stringAt } from "./cursor.ts";

const bytes = Uint8Array.from([0x81, 0xf2, 0x73, 0xf4, 0x75, 0x06, 0x07, 0x00, 0x09]);

const reads: readonly (readonly [string, number, number, (cursor: Cursor) => number])[] = [
  ["u8", 1, 0x81, (cursor) => cursor.u8()],
  ["s8", 1, -0x7f, (cursor) => cursor.s8()],
  ["u16", 2, 0xf281, (cursor) => cursor.u16()],
  ["u24", 3, 0x73_f281, (cursor) => cursor.u24()],
  ["u32", 4, 0xf473_f281, (cursor) => cursor.u32()],
  ["u64", 8, 0x07_0675 * 2 ** 32 + 0xf473_f281, (cursor) => cursor.u64()],
  ["unsigned 1", 1, 0x81, (cursor) => cursor.unsigned(1)],
  ["unsigned 2", 2, 0xf281, (cursor) => cursor.unsigned(2)],
  ["unsigned 4", 4, 0xf473_f281, (cursor) => cursor.unsigned(4)],
  ["unsigned 8", 8, 0x07_0675 * 2 ** 32 + 0xf473_f281, (cursor) => cursor.unsigned(8)],
  ["uleb", 3, 0x81 - 0x80 + 0x72 * 128 + 0x73 * 128 * 128, (cursor) => cursor.uleb()],
  ["sleb", 3, 1 + 0x72 * 128 + (0x73 - 128) * 128 * 128, (cursor) => cursor.sleb()],
];

test.each(reads)("%s", (_, size, value, read) => {
  for (const end of [size, size + 1, undefined]) {
    const whole = new Cursor(bytes, 0, end);
    expect([read(whole), whole.pos, whole.overrun, whole.atEnd]).toEqual([value, size, false, end === size]);
  }
  for (let end = 0; end < size; end++) {
    const cut = new Cursor(bytes, 0, end);
    expect([read(cut), cut.pos, cut.overrun]).toEqual([0, end, true]);
    // And so are all that follow.
    expect([read(cut), cut.overrun, cut.atEnd]).toEqual([0, true, true]);
  }
});

test("other sizes are none", () => {
  for (const size of [0, 3, 5, 16]) {
    const cursor = new Cursor(bytes);
    expect([cursor.unsigned(size), cursor.overrun, cursor.pos]).toEqual([0, true, bytes.length]);
  }
});

test("a place outside of the bytes is an end, and an end beyond them is theirs", () => {
  for (const pos of [-1, 10, NaN]) expect(new Cursor(bytes, pos)).toMatchObject({ overrun: true, pos: 9, end: 9 });
  expect(new Cursor(bytes, 9)).toMatchObject({ overrun: false, atEnd: true });
  expect(new Cursor(bytes, 5, 4)).toMatchObject({ overrun: true, pos: 4 });
  expect(new Cursor(bytes, 5, 100)).toMatchObject({ overrun: false, end: 9, pos: 5 });
});

test("skipping numbers, bytes and strings", () => {
  const at = (skip: (cursor: Cursor) => void, pos = 0, end?: number): unknown => {
    const cursor = new Cursor(bytes, pos, end);
    skip(cursor);
    return [cursor.pos, cursor.overrun];
  };
  expect(at((cursor) => cursor.skipLeb())).toEqual([3, false]);
  expect(at((cursor) => cursor.skipLeb(), 2)).toEqual([3, false]);
  expect(at((cursor) => cursor.skipLeb(), 0, 2)).toEqual([2, true]);
  expect(at((cursor) => cursor.skip(9))).toEqual([9, false]);
  expect(at((cursor) => cursor.skip(10))).toEqual([9, true]);
  expect(at((cursor) => cursor.skip(NaN))).toEqual([9, true]);
  expect(at((cursor) => cursor.skipString(), 4)).toEqual([8, false]);
  expect(at((cursor) => cursor.skipString(), 4, 8)).toEqual([8, false]);
  expect(at((cursor) => cursor.skipString(), 4, 7)).toEqual([7, true]);
  expect(at((cursor) => cursor.skipString(), 8)).toEqual([9, true]);
  const cursor = new Cursor(Uint8Array.from([0x61, 0x62, 0, 0, 0x63]));
  expect([cursor.string(), cursor.string(), cursor.pos, cursor.string(), cursor.overrun]).toEqual([
    "ab",
    "",
    4,
    "",
    true,
  ]);
});

test("LEB128 of every size comes back, padded too", () => {
  fc.assert(
    fc.property(fc.oneof(fc.maxSafeNat(), fc.nat(300)), fc.boolean(), fc.nat(12), (size, isNegative, padding) => {
      const padded = (body: readonly number[], fill: number): Uint8Array =>
        padding === 0
          ? Uint8Array.from([...body, 7])
          : Uint8Array.from([
              ...body.slice(0, -1),
              (body.at(-1) ?? 0) | 0x80,
              ...new Array<number>(padding - 1).fill(fill | 0x80),
              fill,
              7,
            ]);
      const value = isNegative ? -size : size;
      const unsigned = new Cursor(padded(uleb(size), 0));
      expect([unsigned.uleb(), unsigned.u8()]).toEqual([size, 7]);
      // Beyond 2^53 the sign is no longer told by what follows.
      const small = (value % 2 ** 40) + 0; // and not -0
      const signed = new Cursor(padded(sleb(small), small < 0 ? 0x7f : 0));
      if (padding === 0) expect([signed.sleb(), signed.u8()]).toEqual([small, 7]);
    }),
  );
});

test("64 bits; of longer LEB128 those above 56 are not told", () => {
  for (const [zeros, value] of [
    [7, 2 ** 49],
    [8, 0],
    [20, 0],
  ] as const) {
    const long = Uint8Array.from([...new Array<number>(zeros).fill(0x80), 1]);
    expect([new Cursor(long).uleb(), new Cursor(long).sleb()]).toEqual([value, value]);
  }
  expect(new Cursor(Uint8Array.from(u64(2 ** 53 - 1))).u64()).toBe(2 ** 53 - 1);
});

test("strings: short and long, plain or not, up to 8 KiB", () => {
  const encoded = (text: string): Uint8Array => Uint8Array.from([9, ...new TextEncoder().encode(text), 0, 9]);
  for (const length of [0, 1, 63, 64, 65, 8191, 8192])
    for (const letter of ["a", "ö"]) {
      const text = letter.repeat(letter === "a" ? length : length >> 1);
      expect(stringAt(encoded(text), 1)).toBe(text);
    }
  expect(stringAt(encoded("a".repeat(8193)), 1)).toBe("a".repeat(8192));
  expect(stringAt(Uint8Array.of(0x61, 0x80, 0x62), 0)).toBe("a\ufffdb");
  expect(stringAt(Uint8Array.of(0x61, 0x62), 0)).toBe("ab");
  expect(stringAt(Uint8Array.of(0x61, 0x62), 1)).toBe("b");
  for (const offset of [-1, 2, NaN]) expect(stringAt(Uint8Array.of(0x61, 0x62), offset)).toBe("");
});
