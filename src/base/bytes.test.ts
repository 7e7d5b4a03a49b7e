import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteReader, ByteWriter } from "./bytes.ts";

test("numbers, strings and blobs come back as they were written", () => {
  const value = fc.record({
    varint: fc.oneof(fc.nat(), fc.maxSafeNat()),
    zigzag: fc.integer(),
    f64: fc.double({ noNaN: true }),
    u32: fc.nat(0xffffffff),
    text: fc.string(),
    blob: fc.uint8Array({ maxLength: 300 }),
  });
  fc.assert(
    fc.property(fc.array(value), (values) => {
      const writer = new ByteWriter(1);
      for (const v of values) {
        writer.varint(v.varint);
        writer.zigzag(v.zigzag);
        writer.f64(v.f64);
        writer.u32(v.u32);
        writer.string(v.text);
        writer.blob(v.blob);
      }
      const reader = new ByteReader(writer.toBytes());
      for (const v of values) {
        expect(reader.varint()).toBe(v.varint);
        expect(reader.zigzag()).toBe(v.zigzag);
        expect(reader.f64()).toBe(v.f64);
        expect(reader.u32()).toBe(v.u32);
        expect(reader.string()).toBe(v.text);
        expect([...reader.blob()]).toEqual([...v.blob]);
      }
      expect(reader.remaining).toBe(0);
      expect(reader.failed).toBe(false);
    }),
  );
});

test("a varint takes one byte for each 7 bits", () => {
  const lengths = [0, 127, 128, 16383, 16384, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1].map((value) => {
    const writer = new ByteWriter();
    writer.varint(value);
    return writer.length;
  });
  expect(lengths).toEqual([1, 1, 2, 2, 3, 5, 5, 8]);
});

test("any bytes read without throwing, and what is cut off says so", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const reader = new ByteReader(bytes);
      for (let i = 0; i <= bytes.length; i++) {
        reader.varint();
        reader.string();
        reader.f64();
        reader.count(4);
      }
      expect(reader.failed).toBe(true);
      expect(reader.remaining).toBe(0);
    }),
  );
});
