// Readings are kept exactly up to the log's budget, then as the lowest and highest of stretches: no extreme is ever lost.
import fc from "fast-check";
import { expect, test } from "vitest";
import { ReadingBudget, ReadingStore } from "./reading-store.ts";

function points(store: ReadingStore): readonly { readonly line: number; readonly value: number }[] {
  store.finish();
  return Array.from({ length: store.length }, (_, i) => store.at(i)).filter((one) => one !== undefined);
}

test("within the budget every reading is there, with its time or without", () => {
  const store = new ReadingStore();
  for (let i = 0; i < 5000; i++) store.add(i % 2 === 0 ? i : undefined, i + 1, 1000 - i);
  expect([store.stretch, store.length, store.count]).toEqual([1, 5000, 5000]);
  expect([store.at(0), store.at(4999), store.at(5000)]).toEqual([
    { time: 0, line: 1, value: 1000 },
    { time: undefined, line: 5000, value: -3999 },
    undefined,
  ]);
});

test("beyond it, extremes stay at their places and lines stay in order", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1_000_000), { minLength: 6000, maxLength: 9000 }), (values) => {
      const store = new ReadingStore(new ReadingBudget(5000));
      values.forEach((value, i) => store.add(i, i, value));
      const kept = points(store);
      expect(store.count).toBe(values.length);
      expect(store.stretch).toBeGreaterThan(1);
      expect(kept.length).toBeLessThan(values.length);
      expect(Math.min(...kept.map(({ value }) => value))).toBe(Math.min(...values));
      expect(Math.max(...kept.map(({ value }) => value))).toBe(Math.max(...values));
      expect(kept.every(({ line, value }) => values[line] === value)).toBe(true);
      expect(kept.every(({ line }, i) => i === 0 || line > (kept[i - 1]?.line ?? 0))).toBe(true);
    }),
    { numRuns: 10 },
  );
});

test("series of one log share the budget; those with few readings keep them", () => {
  const budget = new ReadingBudget(6000);
  const [many, few] = [new ReadingStore(budget), new ReadingStore(budget)];
  for (let i = 0; i < 20_000; i++) {
    many.add(i, i, i % 97);
    if (i % 10 === 0) few.add(i, i, i);
  }
  expect(few.stretch).toBe(1);
  expect(few.length).toBe(2000);
  expect(many.stretch).toBeGreaterThan(1);
  expect(many.length).toBeLessThan(1 << 16);
});
