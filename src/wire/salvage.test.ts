import fc from "fast-check";
import { expect, test } from "vitest";
import { forEachPrintable } from "./salvage.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

function found(bytes: Uint8Array): string[] {
  const texts: string[] = [];
  forEachPrintable(bytes, 0, bytes.length, (start, end) => texts.push(decoder.decode(bytes.subarray(start, end))));
  return texts;
}

const encoded = (text: string): Uint8Array => new TextEncoder().encode(text);

test("every length of a character of UTF-8, from its first to its last", () => {
  for (const point of [0x20, 0x7e, 0x80, 0xbf, 0x100, 0x7ff, 0x800, 0xfff, 0xffff, 0x10000, 0x3ffff, 0x10ffff]) {
    const text = `${String.fromCodePoint(point)} 12345678`;
    expect(found(encoded(text)), point.toString(16)).toEqual([text]);
    // Between bytes that are no text, too.
    expect(found(Uint8Array.from([0, ...encoded(text), 1])), point.toString(16)).toEqual([text]);
  }
});

test.for([[0xc1, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe0, 0x80], [0x80], [0x7f], [0x0b], [0xc2, 0x40]])(
  "%o is no character: what stands before and behind it is found",
  (bytes) => {
    const around = [...encoded("before it"), ...bytes, ...encoded("\u0000behind it")];
    const texts = found(Uint8Array.from(around)).join("|");
    expect(texts).toContain("before it");
    expect(texts).toContain("behind it");
  },
);

test("runs of seven are chance, of eight text; a last FF belongs to the next frame", () => {
  expect(found(Uint8Array.from([0, ...encoded("1234567"), 0, ...encoded("12345678"), 0]))).toEqual(["12345678"]);
  expect(found(Uint8Array.from([...encoded("abc"), 0xff]))).toEqual(["abc"]);
});

/** Not printable: C0 but for tab, line ends and escape, and delete. */
const isControl = (char: string): boolean => (char < " " && !"\t\n\r\u001b".includes(char)) || char === "\u007f";

const anyCharacter = fc
  .oneof(fc.nat(0x7f), fc.nat(0x7f), fc.nat(0xd7ff), fc.integer({ min: 0xe000, max: 0x10ffff }))
  .map((point) => String.fromCodePoint(point));

test("no run of eight printable bytes is missed", () => {
  fc.assert(
    fc.property(fc.array(anyCharacter, { maxLength: 60 }), (characters) => {
      const text = characters.join("");
      const texts = found(encoded(text)).join("|");
      const printable = [...text].map((char) => (isControl(char) ? "\u0000" : char)).join("");
      for (const run of printable.split("\u0000")) if (encoded(run).length >= 8) expect(texts).toContain(run);
    }),
  );
});
