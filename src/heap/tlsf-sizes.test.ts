// Against the definitions of TLSF: lists of two levels, and a request that is rounded up to the first list all of whose blocks serve it.
import { expect, test } from "vitest";
import { blockBytes, listOf, LISTS, tableBytes } from "./tlsf-sizes.ts";

/** Pools and into how many lists they divide each power of two; the size at which that changes belongs to the smaller ones. */
const POOLS = [
  [12 << 10, 8],
  [16 << 10, 8],
  [(16 << 10) + 4, 16],
  [256 << 10, 16],
  [(256 << 10) + 4, 32],
  [4 << 20, 32],
] as const;

/** The two levels of a block's list: its power of two, and its place within. Small ones are in lists of one size each. */
function levels(bytes: number, lists: number): readonly [number, number] {
  if (bytes < 4 * lists) return [0, bytes / 4];
  let power = 1;
  while (power * 2 <= bytes) power *= 2;
  return [power, Math.floor((bytes - power) / (power / lists))];
}

/** Around every power of two and a step within it. */
const SIZES = Array.from({ length: 20 }, (_, k) => 2 ** (k + 2))
  .flatMap((power) => [power, power * 1.25, power * 1.5])
  .flatMap((size) => [size - 4, size, size + 4])
  .map((size) => Math.floor(size / 4) * 4)
  .filter((size) => size >= 12);

test.each(POOLS)("a pool of %i bytes has %i lists for each power of two", (pool, lists) => {
  for (const bytes of SIZES) {
    const [power, place] = levels(bytes, lists);
    const level = power === 0 ? 0 : Math.log2(power) - Math.log2(4 * lists) + 1;
    expect([bytes, listOf(bytes, pool)]).toEqual([bytes, level * lists + place]);
    expect(listOf(bytes, pool)).toBeLessThan(LISTS);
    if (bytes > 40_000) continue;
    // The first size that begins a list.
    let need = bytes;
    const begins = (size: number): boolean => String(levels(size - 4, lists)) !== String(levels(size, lists));
    while (need >= 4 * lists && !begins(need)) need += 4;
    expect([bytes, blockBytes(bytes, pool)]).toEqual([bytes, need]);
  }
});

test("a request is whole words, and no less than three", () => {
  expect([0, 1, 11, 12, 13, 16, 17].map((size) => blockBytes(size, 1 << 14))).toEqual([12, 12, 12, 12, 16, 16, 20]);
});

test("what ESP-IDF's heap keeps for itself, as it was measured", () => {
  expect(tableBytes(20_000)).toBe(744);
});
