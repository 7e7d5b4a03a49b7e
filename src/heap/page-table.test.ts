// Addresses of every part of the address space against a Map.
import fc from "fast-check";
import { expect, test } from "vitest";
import { entryOf, FIRST_ENTRY, PageTable } from "./page-table.ts";

/** Words of few pages and many, also at the ends of pages, of directories and of all. */
const word = fc
  .record({
    page: fc.constantFrom(0, 1, 0x3ff, 0x400, 0x3ff80, 0x3ffb0, 0x3ffb1, 0xfffff),
    place: fc.constantFrom(0, 1, 2, 511, 1022, 1023),
  })
  .map(({ page, place }) => (page * 4096 + place * 4) >>> 0);

test("keeps a slot for each word, and collects them by address", () => {
  const steps = fc.array(fc.record({ word, slot: fc.nat(9), isClear: fc.nat(40).map((n) => n === 0) }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(steps, (list) => {
      const table = new PageTable();
      const plain = new Map<number, number>();
      for (const { word: address, slot, isClear } of list) {
        if (isClear) {
          table.clear();
          plain.clear();
        }
        const hadPage = [...plain.keys()].some((one) => one >>> 12 === address >>> 12);
        expect(entryOf(table.top, table.directory, address) >= FIRST_ENTRY).toBe(hadPage);
        expect(table.exchange(address + (slot % 4), slot)).toBe(plain.get(address) ?? 0);
        plain.set(address, slot);
        expect(table.get(address + 3)).toBe(slot);
      }
      for (const [address, slot] of plain) expect(table.get(address)).toBe(slot);
      const expected = [...plain].filter(([, slot]) => slot !== 0).sort(([a], [b]) => a - b);
      const collected = new Int32Array(expected.length + 1);
      expect(table.collect(collected)).toBe(expected.length);
      expect([...collected]).toEqual([...expected.map(([, slot]) => slot), 0]);
    }),
    { numRuns: 60 },
  );
});

test("what has no page is not there", () => {
  const table = new PageTable();
  table.exchange(0x3ffb_0000, 5);
  expect([0, 0x3ffb_0004, 0x3ffb_1000, 0x3fff_f000, 0x4ffb_0000].map((address) => table.get(address))).toEqual([
    0, 0, 0, 0, 0,
  ]);
});
