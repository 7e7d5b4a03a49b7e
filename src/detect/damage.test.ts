// What is read from bytes that were overwritten.
import { expect, test } from "vitest";
import { describeDamage, readDamage } from "./damage.ts";

const nothing = (): undefined => undefined;
const letters = (text: string): Uint8Array => new TextEncoder().encode(text);

test("text is what is mostly printable, of which the beginning is shown", () => {
  const text = (bytes: Uint8Array): string | undefined => readDamage(bytes, 0, nothing).text;
  const long = Array.from({ length: 49 }, (_, i) => String.fromCharCode(48 + i)).join("");
  expect([text(letters(long.slice(0, 48))), text(letters(long))]).toEqual([long.slice(0, 48), `${long.slice(0, 48)}…`]);
  expect([text(Uint8Array.of(0x61, 1)), text(Uint8Array.of(0x61, 0x62, 1)), text(Uint8Array.of(0x61, 0, 0))]).toEqual([undefined, "ab.", "a.."]);
  expect([0x1f, 0x20, 0x7e, 0x7f].map((byte) => text(Uint8Array.of(byte)))).toEqual([undefined, " ", "~", undefined]);
}); // prettier-ignore

test("words lie at multiples of four: pointers by what they point to, small numbers as such", () => {
  const bytes = Uint8Array.of(9, 9, 0xff, 0xff, 0, 0, 0, 0, 1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 7, 0, 0, 0);
  const read = (from: number, to = bytes.length): unknown => {
    const { integers, pointers } = readDamage(bytes.subarray(from, to), from + 2, (value) => (value === 7 ? "which is A" : undefined));
    return { integers, pointers: pointers.map(({ value }) => value) };
  };
  expect(read(0)).toEqual({ integers: [0xffff, -256, -1], pointers: [7] });
  expect(read(2)).toEqual({ integers: [0xffff, -256, -1], pointers: [7] });
  expect(read(3)).toEqual({ integers: [-256, -1], pointers: [7] });
  expect(read(0, 6)).toEqual({ integers: [0xffff], pointers: [] });
  expect(read(0, 5)).toEqual({ integers: [], pointers: [] });
  const edge = (value: number): readonly number[] => readDamage(new Uint8Array(Uint32Array.of(value).buffer), 0, nothing).integers;
  expect([0xffff, 0x1_0000, 0xffff_feff, 0xffff_ff00].map(edge)).toEqual([[0xffff], [], [], [-256]]);
}); // prettier-ignore

test("sixteen bytes are shown, two pointers, four numbers that are not 0", () => {
  const words = (...all: readonly number[]): Uint8Array => new Uint8Array(Uint32Array.from(all).buffer);
  const said = (...all: readonly number[]): readonly string[] =>
    describeDamage(readDamage(words(...all), 0, (value) => (value > 0x1000 && value < 0x2000 ? `which is ${value}` : undefined)));
  expect(said(1, 2, 0, 3)).toEqual(["The bytes there now: 01 00 00 00 02 00 00 00 00 00 00 00 03 00 00 00", "As numbers: 1, 2, 3"]);
  expect(said(1, 2, 3, 4, 5)).toEqual(["The bytes there now: 01 00 00 00 02 00 00 00 03 00 00 00 04 00 00 00 …", "As numbers: 1, 2, 3, 4"]);
  expect(said(0)).toEqual(["The bytes there now: 00 00 00 00"]);
  expect(said(0x1001, 0x1002, 0x1003).slice(1)).toEqual(["Among them the pointer 0x00001001, which is 4097", "Among them the pointer 0x00001002, which is 4098"]);
  expect(said(0x6463_6261)).toEqual(['The bytes there now: 61 62 63 64 (as text "abcd")']);
}); // prettier-ignore
