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
