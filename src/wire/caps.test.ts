import fc from "fast-check";
import { expect, test } from "vitest";
import { formatCaps, parseCaps } from "./caps.ts";
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
