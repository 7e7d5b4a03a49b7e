// Lines of a log in every encoding, cut into chunks anywhere, of any length; and lines of recordings, which are short.
import { describe, expect, test } from "vitest";
import { type Encoding, encodingOf, LineReader } from "./line-reader.ts";
import { LineSplitter } from "./lines.ts";
import { LINE_BYTES } from "./log-text.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A plain encoder for each. */
function encoded(text: string, encoding: Encoding, withMark = false): Uint8Array {
  const marked = withMark ? `\ufeff${text}` : text;
  if (encoding === "utf-8") return utf8(marked);
  const isWide = encoding.startsWith("utf-32");
  const units = isWide
    ? Array.from(marked, (letter) => letter.codePointAt(0) ?? 0)
    : Array.from({ length: marked.length }, (_, i) => marked.charCodeAt(i));
  const width = isWide ? 4 : 2;
  const bytes = new Uint8Array(units.length * width);
  const view = new DataView(bytes.buffer);
  const isLittle = encoding.endsWith("le");
  units.forEach((unit, i) => {
    if (isWide) view.setUint32(i * 4, unit, isLittle);
    else view.setUint16(i * 2, unit, isLittle);
  });
  return bytes;
}

function readIn(
  bytes: Uint8Array,
  firstBytes: number,
  chunkBytes = firstBytes,
): { readonly lines: string[]; readonly text: string } {
  const lines: string[] = [];
  const passed: number[] = [];
  const reader = new LineReader(
    (line, start, end) => lines.push(new TextDecoder().decode(line.slice(start, end))),
    (some) => passed.push(...some),
  );
  reader.push(bytes.slice(0, firstBytes));
  for (let at = firstBytes; at < bytes.length; at += chunkBytes) {
    reader.push(bytes.slice(at, at + chunkBytes));
    reader.push(new Uint8Array(0));
  }
  reader.finish();
  reader.finish();
  return { lines, text: new TextDecoder().decode(Uint8Array.from(passed)) };
}

const encodings: readonly Encoding[] = ["utf-8", "utf-16le", "utf-16be", "utf-32le", "utf-32be"];
const text = "free heap: 1\nтри öß 😀\n\nlast, with no end";

describe.for(encodings)("%s", (encoding) => {
  test("with a byte order mark is known by it", () => {
    const bytes = encoded(text, encoding, true);
    expect(encodingOf(bytes)).toEqual({ encoding, markBytes: encoding === "utf-8" ? 3 : encoding.startsWith("utf-16") ? 2 : 4 }); // prettier-ignore
    expect(readIn(bytes, bytes.length)).toEqual({ lines: text.split("\n"), text });
  });

  test("without one is known by where its zeros stand", () => {
    const latin = "free heap: 123456 bytes\nfree heap: 123440 bytes\n";
    expect(encodingOf(encoded(latin, encoding))).toEqual({ encoding, markBytes: 0 });
    expect(readIn(encoded(latin, encoding), 1 << 16).lines).toEqual(latin.trimEnd().split("\n"));
  });

  test.each([
    "E (950) net: Недостаточно памяти для буфера 2048 байт",
    "W: Δεν υπάρχει αρκετή μνήμη (4096)",
    "אין מספיק זיכרון 2048",
  ])("without one, in another alphabet, is known by its letters' pages: %s", (line) =>
    expect(readIn(encoded(line, encoding), 1 << 16).lines).toEqual([line]),
  );

  test("is read alike wherever its chunks are cut", () => {
    const bytes = encoded("free heap: 123456 bytes\nтри öß 😀\n\nend", encoding, true);
    const whole = readIn(bytes, bytes.length);
    // The first chunk says which encoding it is.
    for (let size = 4; size < 30; size++) expect(readIn(bytes, size)).toEqual(whole);
    expect(readIn(bytes, 4, 1)).toEqual(whole);
  });
});

test("what is no letter of UTF-32 is shown as one that is missing, and a cut one is left out", () => {
  const bytes = encoded("ab\nc", "utf-32le", true);
  new DataView(bytes.buffer).setUint32(4, 0x110000, true);
  expect(readIn(bytes.slice(0, -1), 1000).lines).toEqual(["\ufffdb"]);
  new DataView(bytes.buffer).setUint32(4, 0x10ffff, true);
  expect(readIn(bytes, 1000).lines).toEqual(["\u{10ffff}b", "c"]);
});

describe("zeros without a mark", () => {
  /** Quarters of four bytes, so many with a zero at the places that are given. */
  const withZeros = (quarters: number, zeros: number, ...places: number[]): Uint8Array =>
    Uint8Array.from({ length: quarters * 4 }, (_, i) => (i >> 2 < zeros && places.includes(i & 3) ? 0 : 0x41));

  test.for<readonly [readonly number[], Encoding]>([
    [[1, 2, 3], "utf-32le"],
    [[0, 1, 2], "utf-32be"],
    [[1, 3], "utf-16le"],
    [[0, 2], "utf-16be"],
    [[0, 1, 2, 3], "utf-8"],
    [[0], "utf-8"],
    [[1], "utf-8"],
    [[2], "utf-8"],
    [[3], "utf-8"],
    [[0, 1], "utf-8"],
    [[0, 3], "utf-8"],
    [[1, 2], "utf-8"],
    [[2, 3], "utf-8"],
    [[0, 1, 3], "utf-8"],
    [[0, 2, 3], "utf-8"],
  ])("at %j of four bytes: %s", ([places, encoding]) => {
    expect(encodingOf(withZeros(20, 20, ...places)).encoding).toBe(encoding);
  });

  test.for(["사용 가능한 힙: 88200 바이트\n", "可用堆内存: 88200 字节，最大块 45044\n", "空きヒープ: 88200 バイト\n"])(
    "of %s",
    (line) => {
      const text = Buffer.from(line.repeat(20), "utf16le");
      expect(encodingOf(text).encoding).toBe("utf-16le");
      expect(encodingOf(text.swap16()).encoding).toBe("utf-16be");
    },
  );

  test("of a text in which some bytes are lost", () => {
    const text = Buffer.from("free 88200\0\nfree 88100\0\n".repeat(20));
    expect(encodingOf(text).encoding).toBe("utf-8");
  });

  test("more than seven of ten quarters have them, of four or more", () => {
    expect(encodingOf(withZeros(20, 15, 1, 3)).encoding).toBe("utf-16le");
    expect(encodingOf(withZeros(20, 14, 1, 3)).encoding).toBe("utf-8");
    for (const place of [0, 1, 2, 3]) {
      // Fourteen at three places, fifteen at one.
      const bytes = withZeros(20, 14, 0, 1, 2, 3);
      bytes[56 + place] = 0;
      expect(encodingOf(bytes).encoding).toBe("utf-8");
      const other = withZeros(20, 15, (place + 2) & 3);
      for (let i = place; i < 56; i += 4) other[i] = 0;
      expect(encodingOf(other).encoding).toBe("utf-8");
    }
    expect(encodingOf(withZeros(4, 4, 1, 3)).encoding).toBe("utf-16le");
    expect(encodingOf(withZeros(3, 3, 1, 3)).encoding).toBe("utf-8");
  });

  test("only the first 4096 bytes are asked", () => {
    expect(encodingOf(withZeros(8192, 1024, 1, 3)).encoding).toBe("utf-16le");
    expect(encodingOf(withZeros(8192, 716, 1, 3)).encoding).toBe("utf-8");
  });
});

describe("line ends", () => {
  test("that are carriage returns alone, where there are two and nothing else", () => {
    expect(readIn(utf8("a\rb\rc"), 100).lines).toEqual(["a", "b", "c"]);
    expect(readIn(utf8("a\rb"), 100).lines).toEqual(["a\rb"]);
    expect(readIn(utf8("a\rb\rc\nd"), 100).lines).toEqual(["a\rb\rc", "d"]);
    // In the first 64 KiB of the first chunk.
    const late = utf8(`a\rb\r${"x".repeat((1 << 16) - 4)}\n`);
    expect(readIn(late, late.length).lines).toHaveLength(3);
    expect(readIn(late.slice(1), late.length).lines).toHaveLength(1);
  });

  test("that come first, or after each other, or in the next chunk", () => {
    expect(readIn(utf8("\na\n\nb\n"), 100).lines).toEqual(["", "a", "", "b"]);
    expect(readIn(utf8("\na\n\nb\n"), 1).lines).toEqual(["", "a", "", "b"]);
  });
});

test("what is wrapped is taken out of lines that go on over chunks, whatever the lines before held", () => {
  for (const chunk of [1, 3, 5, 100])
    expect(readIn(utf8("plain\nb&lt;c\nd&gt;e\nplain\n"), 1, chunk).lines).toEqual(["plain", "b<c", "d>e", "plain"]);
});

test("of a line that goes on over chunks, as much is kept as is read of any", () => {
  const long = "x".repeat(LINE_BYTES - 300);
  for (const more of [299, 300, 301, 2000]) {
    const line = `begin${long.slice(5)}${"y".repeat(more)}`;
    expect(readIn(utf8(`${line}\nz`), 500).lines).toEqual([line.slice(0, LINE_BYTES), "z"]);
  }
});

test("lines of recordings are put together wherever chunks are cut; the last one without its end comes at the end", () => {
  const all = "v 1\n\n+ 12 a\nlonger than the others are\nend";
  for (const rest of ["", "\n"]) {
    const bytes = utf8(all + rest);
    for (let size = 1; size <= bytes.length; size++) {
      const lines: string[] = [];
      const splitter = new LineSplitter((line, start, end) => lines.push(new TextDecoder().decode(line.slice(start, end)))); // prettier-ignore
      for (let at = 0; at < bytes.length; at += size) splitter.push(bytes.slice(at, at + size));
      const before = lines.length;
      expect(splitter.finish()).toBe(rest === "");
      expect(splitter.finish()).toBe(false);
      expect(lines.length - before).toBe(rest === "" ? 1 : 0);
      expect(lines).toEqual(all.split("\n"));
    }
  }
});
