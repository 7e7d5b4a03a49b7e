import fc from "fast-check";
import { expect, test } from "vitest";
import { anyShare } from "../../test/share.ts";
import { addressAt, fitLayout, layOut, LEAST_ROW_BYTES, placeOf } from "./map-layout.ts";

const esp32 = [
  { start: 0x3ffae6e0, end: 0x3ffb0000 },
  { start: 0x3ffb8a58, end: 0x3ffe0000 },
  { start: 0x3ffe4350, end: 0x40000000 },
];
const psram = [...esp32, { start: 0x3c0a0000, end: 0x3c8a0000 }];

test("every address has a place, and the place is its own", () => {
  fc.assert(
    fc.property(fc.constantFrom(...psram), anyShare, fc.integer({ min: 0, max: 14 }), (region, share, zoom) => {
      const layout = layOut(psram, LEAST_ROW_BYTES << zoom, 13, 1024);
      const address = region.start + Math.floor(share * (region.end - region.start));
      const place = placeOf(layout, address);
      expect(place).toBeDefined();
      const found = addressAt(layout, (place?.x ?? 0) + 1e-6, (place?.y ?? 0) + 1) ?? -1;
      expect(Math.abs(found - address)).toBeLessThanOrEqual(1);
    }),
  );
});

test("all regions are seen at once, on a small screen too, and finer where there is room", () => {
  for (const regions of [esp32, psram]) {
    const small = fitLayout(regions, 800, 360);
    expect(small.height).toBeLessThanOrEqual(360);
    expect(fitLayout(regions, 800, 1400).rowBytes).toBeLessThanOrEqual(small.rowBytes);
  }
});

test("more regions than there is room for still have rows that show something", () => {
  const many = Array.from({ length: 9 }, (_, i) => ({
    start: 0x3ff00000 + i * 0x20000,
    end: 0x3ff18000 + i * 0x20000,
  }));
  const { rowBytes, height } = fitLayout(many, 800, 250);
  expect(rowBytes).toBeLessThanOrEqual(32 * 1024);
  expect(height).toBeLessThan(600);
});

test("between regions there is no address", () => {
  const layout = fitLayout(esp32, 800, 500);
  const [first] = layout.boxes;
  expect(addressAt(layout, 10, (first?.height ?? 0) + 3)).toBeUndefined();
});
