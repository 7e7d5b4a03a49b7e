// The byte-level codecs against published values, against each other, and on arbitrary bytes.
import fc from "fast-check";
import { crc32 as zlibCrc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import { base64Decode, base64Encode } from "./base64.ts";
import { ByteReader, ByteWriter, encodeText } from "../base/bytes.ts";
import { cobsDecode, cobsEncode, cobsLimit } from "./cobs.ts";
import { crc32 } from "../base/crc32.ts";
import { blockHash } from "./protocol.ts";

const bytes = (limit = 600) => fc.uint8Array({ maxLength: limit });

function encodeCobs(source: Uint8Array): Uint8Array {
  const target = new Uint8Array(cobsLimit(source.length));
  return target.subarray(0, cobsEncode(source, target, 0));
}

function decodeCobs(source: Uint8Array): Uint8Array | undefined {
  const target = new Uint8Array(source.length);
  const length = cobsDecode(source, 0, source.length, target);
  return length < 0 ? undefined : target.subarray(0, length);
}

describe("CRC-32", () => {
  test("gives the catalogue's check value", () => {
    expect(crc32(encodeText("123456789"))).toBe(0xcbf43926);
    expect(crc32(new Uint8Array(0))).toBe(0);
  });

  test.skipIf(typeof zlibCrc32 !== "function")("agrees with zlib on any bytes", () => {
    fc.assert(fc.property(bytes(), (data) => crc32(data) === zlibCrc32(data)));
  });
});

describe("COBS", () => {
  test.each([
    ["", "01"],
    ["00", "0101"],
    ["0000", "010101"],
    ["11220033", "0311220233"],
    ["11000000", "0211010101"],
  ])("encodes %s as %s", (plain, encoded) => {
    expect(Buffer.from(encodeCobs(Buffer.from(plain, "hex"))).toString("hex")).toBe(encoded);
  });

  test.each([253, 254, 255, 508, 509])(
    "a run of %i bytes without zeros keeps within the limit and comes back",
    (length) => {
      const data = new Uint8Array(length).fill(7);
      const encoded = encodeCobs(data);
      expect(encoded.length).toBe(length + Math.ceil(length / 254));
      expect(decodeCobs(encoded)).toEqual(data);
      const zeroAtEnd = Uint8Array.of(...data, 0);
      expect(decodeCobs(encodeCobs(zeroAtEnd))).toEqual(zeroAtEnd);
    },
  );

  test("any bytes come back, and the encoded form has no zero", () => {
    fc.assert(
      fc.property(bytes(), (data) => {
        const encoded = encodeCobs(data);
        expect(encoded).not.toContain(0);
        expect(encoded.length).toBeLessThanOrEqual(cobsLimit(data.length));
        expect(decodeCobs(encoded)).toEqual(data);
      }),
    );
  });

  test("a code that reaches past the end, and one of zero, are refused", () => {
    expect(decodeCobs(Uint8Array.of(3, 1))).toBeUndefined();
    expect(decodeCobs(Uint8Array.of(0))).toBeUndefined();
  });
});

describe("base64", () => {
  test("agrees with the platform on any bytes, padded or not", () => {
    fc.assert(
      fc.property(bytes(), (data) => {
        const text = base64Encode(data);
        expect(text).toBe(Buffer.from(data).toString("base64"));
        for (const form of [text, text.replaceAll("=", "")]) {
          const target = new Uint8Array(form.length);
          const length = base64Decode(encodeText(form), 0, form.length, target);
          expect(target.subarray(0, length)).toEqual(data);
        }
      }),
    );
  });

  test.each(["A", "AA=A", "====", "A*AA"])("%s is refused", (text) => {
    expect(base64Decode(encodeText(text), 0, text.length, new Uint8Array(8))).toBe(-1);
  });
});

describe("numbers", () => {
  test("what the writer writes, the cursor reads", () => {
    const u32 = fc.integer({ min: 0, max: 0xffffffff });
    const i32 = fc.integer({ min: -0x80000000, max: 0x7fffffff });
    const time = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(u32, i32, time, fc.string({ unit: "grapheme" }), (unsigned, signed, long, text) => {
        const writer = new ByteWriter();
        writer.varint(unsigned);
        writer.zigzag(signed);
        writer.varint(long);
        writer.u32(unsigned);
        writer.string(text);
        const cursor = new ByteReader(writer.toBytes());
        expect([cursor.varint32(), cursor.zigzag32(), cursor.varint(), cursor.u32()]).toEqual([
          unsigned,
          signed,
          long,
          unsigned,
        ]);
        expect(cursor.string()).toBe(text);
        expect([cursor.remaining, cursor.failed]).toEqual([0, false]);
      }),
    );
  });

  test.each([
    ["cut", [0x80]],
    ["of 33 bits", [0xff, 0xff, 0xff, 0xff, 0x10]],
    ["of 6 bytes", [0x80, 0x80, 0x80, 0x80, 0x80, 0x00]],
  ])("a varint %s fails", (_what, data) => {
    const cursor = new ByteReader(Uint8Array.from(data));
    expect(cursor.varint32()).toBe(0);
    expect(cursor.failed).toBe(true);
  });

  test("a time above 2^53 fails", () => {
    const cursor = new ByteReader(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f));
    cursor.varint();
    expect(cursor.failed).toBe(true);
  });

  test("a string longer than what is left fails", () => {
    const cursor = new ByteReader(Uint8Array.of(5, 65, 66));
    expect(cursor.string()).toBe("");
    expect(cursor.failed).toBe(true);
  });
});

test("the live-set hash has the values that the C probe is held to", () => {
  expect(blockHash(0, 0, 0)).toBe(0);
  expect(blockHash(0x3ffb0010, 80, 3)).toMatchInlineSnapshot(`3842654838`);
  expect(blockHash(0xffffffff, 0xffffffff, 0xffffffff)).toMatchInlineSnapshot(`938557445`);
});
