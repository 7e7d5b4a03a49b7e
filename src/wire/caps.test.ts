import fc from "fast-check";
import { expect, test } from "vitest";
import { Cap, formatCaps, parseCaps, serves } from "./caps.ts";
import { CAPS_NAMES } from "./protocol.ts";

test("what is printed is read as the same capabilities", () => {
  const bits = Object.keys(CAPS_NAMES).map(Number);
  fc.assert(
    fc.property(fc.subarray(bits, { minLength: 1 }), (some) => {
      const caps = some.reduce((mask, bit) => (mask | (1 << bit)) >>> 0, 0);
      expect(parseCaps(formatCaps(caps))).toBe(caps);
      expect(parseCaps(formatCaps(caps).toLowerCase().replaceAll("|", " | malloc_cap_"))).toBe(caps);
      expect(parseCaps(formatCaps(caps).replaceAll("|", ","))).toBe(caps);
      expect(parseCaps(formatCaps(caps).replaceAll("|", "+"))).toBe(caps);
      expect(parseCaps(String(caps))).toBe(caps);
    }),
  );
});

test("a name that ESP-IDF does not have is told", () => {
  expect(parseCaps("DMA|FOO")).toEqual({ unknown: "FOO" });
});

test("the capabilities that memmap reasons about are those of ESP-IDF", () => {
  for (const [name, mask] of Object.entries(Cap)) expect(formatCaps(mask)).toBe(name);
});

test("memory serves a request for some of what it can do, up to the last bit", () => {
  const caps = fc.nat({ max: 0xffff_ffff });
  fc.assert(
    fc.property(caps, caps, (memory, wanted) => {
      const bits = (mask: number): string[] => [...mask.toString(2).padStart(32, "0")];
      const has = bits(memory);
      expect(serves(memory, wanted)).toBe(bits(wanted).every((bit, i) => bit === "0" || has[i] === "1"));
      expect(serves(memory, (memory & wanted) >>> 0)).toBe(true);
    }),
  );
});

test("bits without a name are told together, in hexadecimal", () => {
  const named = Object.keys(CAPS_NAMES).map(Number);
  const [one, two] = Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => !named.includes(bit));
  const all = (((1 << (one ?? 0)) >>> 0) + ((1 << (two ?? 0)) >>> 0)) >>> 0;
  expect(formatCaps(all)).toBe(`0x${all.toString(16)}`);
  expect(formatCaps((all | Cap.DMA) >>> 0)).toBe(`DMA|0x${all.toString(16)}`);
  if (!named.includes(31)) expect(formatCaps(0x8000_0000)).toBe("0x80000000");
  expect(formatCaps(0)).toBe("0");
});
