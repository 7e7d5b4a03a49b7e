// How much is lost: sums of what is old for sure, with what may be at work beside them, against the plain definition on made-up blocks.
import fc from "fast-check";
import { expect, test } from "vitest";
import { tableOf, type Block } from "../../test/detect-inputs.ts";
import { amountOf, type Amount } from "./amount.ts";

const TO = 10_000;
const block = fc.record({ size: fc.nat(500), born: fc.nat(TO) });
const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0);

function asked(blocks: readonly (readonly [size: number, born: number])[], more: { workingAge?: number; settled?: number; from?: number; weight?: (size: number) => number } = {}): Amount {
  const all = blocks.map(([size, origin], i): Block => ({ address: 16 * i, size, born: TO, origin }));
  const rows = all.map((_, i) => i);
  return amountOf({ live: tableOf(all), rows, from: 0, to: TO, workingAge: 0, settled: 0, weight: () => 1, ...more });
} // prettier-ignore

test("of all that are older than work takes, and of as many of the others as were lost before in as long a time", () => {
  fc.assert(
    fc.property(fc.array(block, { minLength: 1, maxLength: 30 }), fc.nat(TO), fc.constantFrom(1, 3), (blocks, workingAge, weight) => {
      const { blocks: count, bytes, first, last } = asked(blocks.map(({ size, born }) => [size, born]), { workingAge, weight: () => weight });
      const old = blocks.filter(({ born }) => workingAge === 0 || TO - born >= workingAge);
      const young = blocks.length - old.length;
      const begun = Math.min(...old.map(({ born }) => born));
      expect([first, last]).toEqual([begun, Math.max(...old.map(({ born }) => born))]);
      const expected = workingAge === 0 ? 0 : (old.length * workingAge) / Math.max(1, TO - workingAge - begun);
      const spread = 2 * Math.sqrt(expected) + 1;
      const within = (many: number): number => Math.max(0, Math.min(young, many));
      const [few, likely, many] = [within(Math.floor(expected - spread)), within(expected), within(Math.ceil(expected + spread))];
      const error = (sizes: readonly number[]): number => 1.96 * Math.sqrt(weight * (weight - 1) * sum(sizes.map((one) => one * one)));
      for (const [found, sizes] of [[count, old.map(() => 1)], [bytes, old.map(({ size }) => size)]] as const) {
        const certain = weight * sum(sizes);
        const mean = certain / Math.max(1, old.length);
        expect(found.low).toBeCloseTo(Math.max(0, certain + few * mean - error(sizes)), 6);
        expect(found.likely).toBeCloseTo(certain + likely * mean, 6);
        expect(found.high).toBeCloseTo(certain + many * mean + error(sizes), 6);
      }
    }),
  );
}); // prettier-ignore

test("a rate is of what was lost after the set-up, from its first block on", () => {
  const each = (count: number, size = 100): [number, number][] => Array.from({ length: count }, (_, i) => [size, (i * TO) / count]);
  expect(asked(each(3)).rate).toBeUndefined();
  // Birth at 0 is none after the beginning.
  expect(asked(each(4)).rate).toBeUndefined();
  expect(asked(each(5), { settled: 1999 }).rate?.likely).toBeCloseTo((4 * 100 * (1 - 1 / 8)) / 8000, 12);
  expect(asked(each(5), { from: 1999 }).rate?.likely).toBeCloseTo((4 * 100 * (1 - 1 / 8)) / 8000, 12);
  expect(asked(each(5), { settled: 2000 }).rate).toBeUndefined();
  expect(asked(each(5), { weight: () => 5 }).rate?.likely).toBeCloseTo((5 * 4 * 100 * (1 - 1 / 8)) / 8000, 12);
  const even = asked(each(121), { settled: 0 }).rate;
  expect([(even?.low ?? 0) / (even?.likely ?? 1), (even?.high ?? 0) / (even?.likely ?? 1)].map((one) => Number(one.toFixed(6)))).toEqual([0.995833, 1.004167]);
  expect(asked([[9, TO], [9, TO], [9, TO], [9, TO]]).rate).toBeUndefined();
}); // prettier-ignore

test("how far it may be off is seen from how evenly it came, in twelve parts of the time", () => {
  const sizes = [120, 40, 0, 80, 10, 200, 30, 70, 60, 90, 20, 100];
  const span = 9600;
  const blocks = sizes.map((size, i): [number, number] => [size, TO - span + 800 * i]);
  const rate = asked(blocks).rate;
  const mean = sum(sizes) / 12;
  const deviation = Math.sqrt(sum(sizes.map((one) => (one - mean) ** 2)) / 11);
  const error = (1.8 * deviation) / Math.sqrt(12) / mean;
  const likely = (sum(sizes) * (1 - 1 / 24)) / span;
  expect(rate?.likely).toBeCloseTo(likely, 12);
  expect(rate?.low).toBeCloseTo(likely * (1 - error), 12);
  expect(rate?.high).toBeCloseTo(likely * (1 + error), 12);
  const once = asked([[1, 1], [1, 2], [1, 3], [5000, 4]]).rate; // prettier-ignore
  expect(once?.low).toBe(0);
});
