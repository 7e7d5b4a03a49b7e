import fc from "fast-check";
import { expect, test } from "vitest";
import { AddressSpace } from "./address-space.ts";
import { LiveBlocks } from "./live-blocks.ts";

const block = (address: number, size: number): { address: number; size: number; site: number; task: number } => ({
  address,
  size,
  site: 0,
  task: 0,
});

test("blocks are found by address, by neighbourhood and by overlap", () => {
  const live = new LiveBlocks();
  for (const [address, size] of [[100, 20], [40, 10], [60, 0]] as const) live.add(block(address, size)); // prettier-ignore
  expect(live.all.map(({ address }) => address)).toEqual([40, 60, 100]);
  expect(live.at(60)?.size).toBe(0);
  expect(live.at(61)).toBeUndefined();
  expect(live.before(100)?.address).toBe(60);
  expect(live.before(40)).toBeUndefined();
  expect(live.overlapping(45, 60).map(({ address }) => address)).toEqual([40, 60, 100]);
  expect(live.overlapping(50, 10)).toEqual([]);
  expect(live.overlapping(119, 1).map(({ address }) => address)).toEqual([100]);
  expect(live.remove(60)?.address).toBe(60);
  expect(live.remove(60)).toBeUndefined();
});

test("blocks are found as by asking each of them", () => {
  const steps = fc.array(fc.record({ gap: fc.nat(3), size: fc.nat(4) }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(steps, fc.nat(7), (blocks, chosen) => {
      const live = new LiveBlocks();
      let at = 2;
      const all = blocks.map((one) => {
        const next = block(at + one.gap, one.size);
        // A block of no bytes takes an address all the same.
        at = next.address + Math.max(1, one.size);
        return next;
      });
      for (const one of [...all].reverse()) live.add(one);
      expect(live.all).toEqual(all);
      for (let address = 0; address <= at; address++) {
        expect(live.at(address)).toBe(all.find((one) => one.address === address));
        expect(live.before(address)).toBe(all.findLast((one) => one.address < address));
        for (let size = 0; size < 4; size++) {
          const end = address + Math.max(1, size);
          const isShared = (one: (typeof all)[number]): boolean =>
            one.address < end && (one.address >= address || one.address + one.size > address);
          expect(live.overlapping(address, size)).toEqual(all.filter(isShared));
        }
      }
      const which = chosen % all.length;
      const other = block(all[which]?.address ?? 0, 1);
      live.add(other);
      expect(live.all).toEqual(all.with(which, other));
      live.remove(other.address);
      expect(live.all).toEqual(all.toSpliced(which, 1));
    }),
    { numRuns: 30 },
  );
});

test("invented addresses never overlap while their blocks live", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(100), fc.boolean())), (steps) => {
      const space = new AddressSpace();
      const live = new LiveBlocks();
      for (const [size, isFree] of steps) {
        const oldest = live.all[0];
        if (isFree && oldest !== undefined) {
          live.remove(oldest.address);
          space.give(oldest.address, oldest.size);
          continue;
        }
        const address = space.take(size) ?? 0;
        expect(live.overlapping(address, size)).toEqual([]);
        live.add(block(address, size));
      }
    }),
  );
});

test("an address space ends with the 32 bits", () => {
  const space = new AddressSpace();
  expect(space.take(2 ** 31)).toBe(0x1000_0000);
  expect(space.take(2 ** 31)).toBeUndefined();
  expect(space.take(16)).toBe(0x9000_0000);
});

test("thousands of blocks that come and go in any order are found as by asking each of them", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2047), { minLength: 1500, maxLength: 3000 }), (slots) => {
      const live = new LiveBlocks();
      const known = new Map<number, ReturnType<typeof block>>();
      for (const [i, slot] of slots.entries()) {
        const one = block(slot * 16, 1 + (slot % 16));
        if (i % 3 === 2) {
          expect(live.remove(one.address)).toEqual(known.get(one.address));
          known.delete(one.address);
        } else {
          live.add(one);
          known.set(one.address, one);
        }
      }
      const all = [...known.values()].sort((a, b) => a.address - b.address);
      expect(live.all).toEqual(all);
      for (const at of [0, 15, 5000, 16_383, 32_752]) {
        expect(live.before(at)).toEqual(all.findLast(({ address }) => address < at));
        expect(live.overlapping(at, 3000)).toEqual(all.filter(({ address, size }) => address < at + 3000 && address + size > at)); // prettier-ignore
      }
    }),
    { numRuns: 20 },
  );
});
