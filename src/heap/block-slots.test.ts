// Slots against what was put into them: each belongs to one block while it lives, keeps what it holds while others come and go, and is used again.
import fc from "fast-check";
import { expect, test } from "vitest";
import { BlockSlots } from "./block-slots.ts";
import { BlockFlag } from "./types.ts";

function take(slots: BlockSlots): number {
  slots.make();
  return slots.freeSlots[--slots.freeCount] ?? -1;
}

test("a slot is one block's from when it is taken to when it is given back", () => {
  const steps = fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(-1) }, fc.nat(1000)), { maxLength: 1500 });
  fc.assert(
    fc.property(steps, (chosen) => {
      const slots = new BlockSlots();
      const held = new Map<number, number>();
      const wrong: number[] = [];
      chosen.forEach((step, i) => {
        const gone = step < 0 ? undefined : [...held.keys()][step % held.size];
        if (gone !== undefined) {
          slots.chain(gone, i, 5);
          slots.give(gone);
          if (slots.state[gone] !== 0 || slots.reallocs[gone] !== 0) wrong.push(gone);
          held.delete(gone);
          return;
        }
        const slot = take(slots);
        if (slot <= 0 || slot >= slots.capacity || held.has(slot)) wrong.push(slot);
        slots.address[slot] = i;
        slots.born[slot] = i / 2;
        held.set(slot, i);
      });
      expect(wrong).toEqual([]);
      const used = [...held.keys()].sort((a, b) => a - b);
      expect([...slots.slots()]).toEqual(used);
      expect(used.map((slot) => slots.address[slot])).toEqual(used.map((slot) => held.get(slot)));
      expect(used.map((slot) => slots.originOf(slot))).toEqual(used.map((slot) => (held.get(slot) ?? NaN) / 2));
    }),
    { numRuns: 8 },
  );
});

test.each([1, 63, 64, 65, 255, 256])("of %i blocks each slot is in use", (count) => {
  const slots = new BlockSlots();
  const taken = Array.from({ length: count }, () => take(slots)).sort((a, b) => a - b);
  expect([...slots.slots()]).toEqual(taken);
  slots.give(taken[0] ?? NaN);
  expect([...slots.slots()]).toEqual(taken.slice(1));
});

test("room is doubled when all slots are taken, and made at once for as many as are asked for", () => {
  const slots = new BlockSlots();
  const taken = Array.from({ length: 1100 }, () => {
    const slot = take(slots);
    return { slot, capacity: slots.capacity };
  });
  expect(new Set(taken.map(({ slot }) => slot)).size).toBe(1100);
  // Slot 0 is nobody's.
  expect([255, 256, 511, 512, 1023, 1024].map((count) => taken[count - 1]?.capacity)).toEqual([
    ...[256, 512, 512, 1024],
    ...[1024, 2048],
  ]);
  const after = (count: number): number => {
    const empty = new BlockSlots();
    empty.reserve(count);
    expect(empty.freeSlots).toHaveLength(empty.capacity);
    return empty.capacity;
  };
  expect([0, 255, 256, 511, 512, 1000].map(after)).toEqual([256, 256, 512, 512, 1024, 1024]);
});

test("flags are set and cleared without the chain of reallocs, and special is what has one of both", () => {
  const slots = new BlockSlots();
  const [plain, found, chained] = [take(slots), take(slots), take(slots)];
  for (const slot of [plain, found, chained]) slots.born[slot] = 7;
  slots.state[found] = BlockFlag.FOUND;
  slots.chain(chained, 3, 2);
  const flags = (): number[] => [plain, found, chained].map((slot) => slots.flags(slot));
  expect(flags()).toEqual([0, BlockFlag.FOUND, 0]);
  expect(slots.specialOf(Int32Array.of(chained, plain, found))).toEqual([0, 2]);
  slots.flagAll(BlockFlag.UNCERTAIN, true);
  expect(flags()).toEqual([BlockFlag.UNCERTAIN, BlockFlag.FOUND | BlockFlag.UNCERTAIN, BlockFlag.UNCERTAIN]);
  slots.flagAll(BlockFlag.UNCERTAIN, false);
  expect(flags()).toEqual([0, BlockFlag.FOUND, 0]);
  expect([plain, found, chained].map((slot) => [slots.originOf(slot), slots.reallocs[slot]])).toEqual([
    [7, 0],
    [7, 0],
    [3, 2],
  ]);
  slots.clear();
  expect([slots.slots().length, Math.max(...slots.state), Math.max(...slots.reallocs)]).toEqual([0, 0, 0]);
  expect(take(slots)).toBeGreaterThan(0);
});

test("a block is seen in the snapshot that has shown it, and in none after it", () => {
  const slots = new BlockSlots();
  expect([slots.snapshotOpen, slots.certain]).toEqual([false, true]);
  const [shown, other] = [take(slots), take(slots)];
  slots.snapshot++;
  slots.markSeen(shown);
  expect([slots.isSeen(shown), slots.isSeen(other)]).toEqual([true, false]);
  slots.snapshot++;
  expect([slots.isSeen(shown), slots.isSeen(other)]).toEqual([false, false]);
});
