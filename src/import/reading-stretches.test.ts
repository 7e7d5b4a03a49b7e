// Readings beyond the budget, compared with a plain account of stretches: the lowest and the highest of each, where they stood.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Reading, ReadingBudget, ReadingStore } from "./reading-store.ts";

const FEW = 1 << 12;

const kept = (store: ReadingStore): (Reading | undefined)[] =>
  Array.from({ length: store.length }, (_, i) => store.at(i));

/** The lowest, of equal ones the first, and the highest, of equal ones the last, in their order; one where they are the same reading. */
function ofStretch(readings: readonly Reading[]): Reading[] {
  const low = readings.reduce((best, one) => (one.value < best.value ? one : best));
  const high = readings.reduce((best, one) => (one.value >= best.value ? one : best));
  const [first, second] = low.line <= high.line ? [low, high] : [high, low];
  return first === second ? [first] : [first, second];
}

function inStretches(readings: readonly Reading[], stretch: number): Reading[] {
  return Array.from({ length: Math.ceil(readings.length / stretch) }, (_, i) =>
    ofStretch(readings.slice(i * stretch, (i + 1) * stretch)),
  ).flat();
}

test("what is beyond the budget is kept in stretches of eight, closed at the end", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { minLength: FEW + 1, maxLength: FEW + 100 }), (values) => {
      const readings = values.map((value, i) => ({ time: i % 3 === 0 ? undefined : i * 10, line: 2 * i + 1, value }));
      const store = new ReadingStore(new ReadingBudget(FEW));
      for (const { time, line, value } of readings) store.add(time, line, value);
      store.finish();
      store.finish();
      // The reading that is one too many joins all so far, and closes the stretch under way.
      const whole = inStretches(readings.slice(0, FEW + 1), 8);
      expect([store.stretch, store.count]).toEqual([8, values.length]);
      const last = readings.slice(FEW);
      expect(kept(store)).toEqual([...whole.slice(0, -1), ...inStretches(last, 8)]);
    }),
    { numRuns: 20 },
  );
});

describe("the budget", () => {
  test("is what all series of a log may keep together; the one that reads the last of it is stretched", () => {
    const budget = new ReadingBudget(6000);
    const [many, few] = [new ReadingStore(budget), new ReadingStore(budget)];
    for (let i = 0; i < 5000; i++) many.add(i, i, i);
    for (let i = 0; i < 1000; i++) few.add(i, i, i);
    expect([many.stretch, few.stretch, budget.left]).toEqual([1, 1, 0]);
    few.add(1000, 1000, 1000);
    expect([many.stretch, few.stretch, budget.left]).toEqual([1, 1, -1]);
    many.add(5000, 5000, 5000);
    // 5001 readings are 626 stretches of two; what it no longer keeps is given back.
    expect([many.stretch, few.stretch, many.length]).toEqual([8, 1, 1250]);
    expect(budget.left).toBe(6000 - 1001 - 1250);
    many.finish();
    expect(many.length).toBe(1251);
  });

  test("is a million by itself", () => {
    expect([new ReadingBudget().left, new ReadingBudget(5).left]).toEqual([1_000_000, 5]);
  });

  test("spares those that have few, exactly", () => {
    const store = new ReadingStore(new ReadingBudget(0));
    for (let i = 0; i < FEW; i++) store.add(i, i, i);
    expect([store.stretch, store.length]).toEqual([1, FEW]);
    store.add(FEW, FEW, FEW);
    expect([store.stretch, store.length]).toEqual([8, 1024]);
  });
});

test("stretches of a long series are joined in pairs, so that it never has many more points than 65,536", () => {
  const count = 700_000;
  const valueAt = (i: number): number => (i * 7919) % 10_007;
  const store = new ReadingStore(new ReadingBudget(300_000));
  let most = 0;
  for (let i = 0; i < count; i++) {
    store.add(i, i, valueAt(i));
    if (store.stretch > 1) most = Math.max(most, store.length);
  }
  store.finish();
  const points = kept(store).filter((one) => one !== undefined);
  // 300,001 readings at once are joined to stretches of ten; twice as long whenever there are too many points.
  expect([store.count, store.stretch]).toEqual([count, 40]);
  expect(most).toBeLessThanOrEqual((1 << 16) + 2);
  expect(points.every(({ time, line, value }) => time === line && value === valueAt(line))).toBe(true);
  expect(points.every(({ line }, i) => i === 0 || line > (points[i - 1]?.line ?? 0))).toBe(true);
  // Each extreme of each thousand readings is there, or one as low and as high beside it.
  for (let start = 0; start < count; start += 100_000) {
    const here = points.filter(({ line }) => line >= start && line < start + 1000).map(({ value }) => value);
    const all = Array.from({ length: 1000 }, (_, i) => valueAt(start + i));
    expect([Math.min(...here), Math.max(...here)]).toEqual([Math.min(...all), Math.max(...all)]);
  }
});

test("what is not there has no reading", () => {
  const store = new ReadingStore();
  expect([store.at(-1), store.at(0)]).toEqual([undefined, undefined]);
  store.add(5, 7, 9);
  expect([store.at(-1), store.at(0), store.at(1)]).toEqual([undefined, { time: 5, line: 7, value: 9 }, undefined]);
  expect([store.lineAt(0), store.lineAt(99)]).toEqual([7, 0]);
  store.finish();
  expect(store.length).toBe(1);
});
