// Whether a series falls for good: the borders between the verdicts, and what is said beside them.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomFrom } from "../../../test/corpus/program.ts";
import { trendOf, type SeriesTrend } from "./trend.ts";

/** Readings one step apart, judged with 16 as the least loss that counts. */
function judge(y: readonly number[], x: readonly number[] = y.map((_, i) => i)): SeriesTrend {
  return trendOf({ x, y, leastFall: 16 });
}

const said = ({ verdict, confidence, settling }: SeriesTrend): readonly unknown[] => [
  verdict,
  Number(confidence.toFixed(3)),
  settling,
];

/** Readings that begin at `first` and lose one step after the other. */
function falling(first: number, ...steps: readonly number[]): number[] {
  return steps.reduce((all, step) => [...all, (all.at(-1) ?? 0) - step], [first]);
}

describe("few readings", () => {
  test("are too few", () => {
    for (const y of [[5], [5, 4]])
      expect(judge(y)).toMatchObject({ verdict: "too-few", confidence: 0, count: y.length });
  });

  test.each<[string, readonly number[], unknown[]]>([
    ["less than counts", falling(1000, 7, 8), ["steady", 0.5, 0]],
    ["just what counts", falling(1000, 8, 8), ["falling", 0.6, 0]],
    ["a rise", falling(1000, -8, -8), ["steady", 0.5, 0]],
    ["two steps, the same", falling(1000, 100, 110), ["falling", 0.6, 0]],
    ["two steps, nearly the same", falling(1000, 100, 111), ["falling", 0.5, 0]],
    ["two steps, alike", falling(1000, 100, 130), ["falling", 0.5, 0]],
    ["two steps, not alike", falling(1000, 100, 131), ["unclear", 0.3, 0]],
    ["two steps, the first the larger", falling(1000, 131, 100), ["unclear", 0.3, 0]],
    ["two steps, one of them none", falling(1000, 0, 100), ["unclear", 0.3, 0]],
    ["three steps", falling(1000, 100, 100, 100), ["falling", 0.75, 0]],
    ["three steps, one of them none", falling(1000, 100, 0, 100), ["unclear", 0.3, 0]],
    ["three steps, the largest four times the least", falling(2000, 100, 175, 400), ["falling", 0.65, 0]],
    ["three steps, the largest more", falling(2000, 100, 175, 401), ["unclear", 0.3, 0]],
    ["four steps, the largest seven tenths", falling(2000, 100, 100, 100, 700), ["falling", 0.7, 0]],
    ["four steps, the largest more", falling(2000, 100, 100, 99, 701), ["unclear", 0.3, 0]],
    ["four steps, the later half 35 of 100", falling(2000, 325, 325, 175, 175), ["falling", 0.7, 0]],
    ["four steps, the later half less", falling(2000, 326, 325, 175, 174), ["unclear", 0.3, 0]],
    ["four steps, one of them none", falling(2000, 100, 0, 100, 100), ["falling", 0.8, 0]],
    ["four steps, two of them none", falling(2000, 100, 0, 0, 100), ["unclear", 0.3, 0]],
    ["five steps", falling(2000, 100, 100, 100, 100, 100), ["falling", 0.85, 0]],
    ["six steps", falling(2000, 100, 100, 100, 100, 100, 100), ["falling", 0.9, 0]],
    ["five steps, four of them falls", falling(2000, 100, 100, 100, 0, 100), ["falling", 0.85, 0]],
    ["five steps, three of them falls", falling(2000, 100, 0, 100, 0, 100), ["unclear", 0.3, 0]],
    ["steps that spread less than 1.3", falling(2000, 100, 100, 100, 129), ["falling", 0.8, 0]],
    ["steps that spread 1.3", falling(2000, 100, 100, 100, 130), ["falling", 0.7, 0]],
    ["one rise, small in all", falling(10_000, 110, -1, 45, 45), ["steady", 0.5, 0]],
    ["one rise, a fiftieth in all", falling(10_000, 111, -1, 45, 45), ["unclear", 0.3, 0]],
    ["one rise below nothing, as used memory counts", falling(-10_000, 110, -1, 45, 45), ["steady", 0.5, 0]],
    ["the first step settling", falling(9000, 301, 100, 100, 100), ["falling", 0.75, 1]],
    ["the first step no settling yet", falling(9000, 300, 100, 100, 100), ["unclear", 0.3, 0]],
    ["of three steps none is settling", falling(9000, 301, 100, 100), ["falling", 0.65, 0]],
    ["two of five steps settling", falling(9000, 900, 900, 100, 100, 100), ["falling", 0.75, 2]],
    ["two of six steps settling, the third not", falling(9000, 900, 900, 900, 100, 100, 100), ["unclear", 0.3, 2]],
    ["one of four settling, the second not", falling(9000, 900, 900, 100, 100), ["unclear", 0.3, 1]],
    ["steps that settle on nothing", falling(9000, 900, 4, 0, 0, 0), ["steady", 0.5, 2]],
    ["of four steps two settling, where the rest goes up and down", falling(9000, 900, 800, 3, -2), ["steady", 0.5, 2]],
    ["of six steps three", falling(9000, 900, 800, 700, 3, -2, 3), ["steady", 0.5, 3]],
    ["of six steps four are too many", falling(9000, 900, 800, 700, 200, 3, -2), ["unclear", 0.3, 3]],
    [
      "large shares, the largest four times the least",
      falling(130_000, 8000, 32_000, 12_000, 10_000),
      ["falling", 0.7, 0],
    ],
    ["large shares, the largest more", falling(130_000, 8000, 32_004, 12_000, 10_000), ["unclear", 0.3, 0]],
    ["such shares of much more", falling(300_000, 8000, 32_004, 12_000, 10_000), ["falling", 0.7, 0]],
    ["such shares of 32 KiB in all", falling(100_000, 4000, 16_388, 6380, 6000), ["falling", 0.7, 0]],
    ["steps that settle on next to nothing", falling(9000, 900, 3, 0, 0, 0), ["steady", 0.5, 1]],
  ])("%s", (_name, y, expected) => {
    expect(said(judge(y))).toEqual(expected);
  });
});

describe("many readings", () => {
  const line = (count: number, step: number, first = 100_000): number[] =>
    Array.from({ length: count }, (_, i) => first - i * step);

  test.each<[string, readonly number[], unknown[]]>([
    ["seven that fall evenly are few", line(7, 10), ["falling", 0.9, 0]],
    ["eight that fall evenly", line(8, 10), ["falling", 0.75, 0]],
    ["seventeen", line(17, 10), ["falling", 0.93, 0]],
    ["eighteen", line(18, 10), ["falling", 0.95, 0]],
    ["thirty", line(30, 10), ["falling", 0.95, 0]],
    ["eight that lose less than counts", falling(1000, 2, 2, 2, 2, 2, 2, 3), ["steady", 0.7, 0]],
    ["eight that lose what counts, but less by the trend", falling(1000, 2, 2, 2, 2, 2, 3, 3), ["steady", 0.6, 0]],
    ["nine that lose what counts", line(9, 2), ["falling", 0.77, 0]],
    ["a rise", line(20, -10), ["steady", 0.7, 0]],
    ["one step down", [...line(10, 0), ...line(10, 0, 50_000)], ["unclear", 0.4, 0]],
    ["a fall that ends after half, as settling does", [...line(10, 100), ...line(10, 0, 99_000)], ["steady", 0.6, 7]],
    ["a fall that begins at half", [...line(10, 0), ...line(10, 100)], ["unclear", 0.4, 0]],
    ["a sawtooth", line(48, 0).map((level, i) => level - 1000 * (i % 4)), ["steady", 0.7, 0]],
    ["a sawtooth that sinks", line(48, 20).map((level, i) => level - 1000 * (i % 4)), ["falling", 0.95, 0]],
    ["one large step in a slow fall", line(16, 10).map((level, i) => level - (i < 8 ? 0 : 500)), ["unclear", 0.4, 0]],
  ])("%s", (_name, y, expected) => {
    expect(said(judge(y))).toEqual(expected);
  });

  /** Levels, leaks, sawteeth, steps and bursts, with more or less noise. */
  function made(kind: number, seed: number): number[] {
    const random = randomFrom(1000 * kind + seed);
    const count = 8 + Math.floor(random() * 60);
    const noise = 10 ** (random() * 3);
    const slope = 10 ** (random() * 2);
    const [width, edge] = [2 + Math.floor(random() * 7), random() * count];
    const shape = (i: number): number =>
      [0, slope * i, 500 * (i % width), i < edge ? 0 : 40 * slope, slope * Math.sqrt(i * count), slope * Math.max(0, i - edge)][kind] ?? 0;
    return Array.from({ length: count }, (_, i) => Math.round(100_000 - shape(i) - noise * (random() + random() - 1)));
  } // prettier-ignore

  test("of made-up series it is said what was said before", async () => {
    const kinds = ["level", "leak", "sawtooth", "step", "slows down", "begins late"];
    const text = kinds.flatMap((name, kind) =>
      Array.from({ length: 40 }, (_, seed) => {
        const { verdict, confidence, settling, count, first, last, rate, step = NaN, scatter } = judge(made(kind, seed));
        const pace = rate === undefined ? "" : ` ${[rate.low, rate.slope, rate.high, step].map((one) => one.toFixed(3)).join(" ")}`;
        return `${name} ${seed}: ${verdict} ${confidence.toFixed(2)}, ${settling} + ${count} from ${first} to ${last}, scatter ${scatter.toFixed(1)}${pace}`;
      }),
    ); // prettier-ignore
    await expect(`${text.join("\n")}\n`).toMatchFileSnapshot("../../../test/answers/log-trends.txt");
  });
});

const series = fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 60 });

/** Mostly ones that fall. */
const leaking = fc
  .tuple(fc.integer({ min: 3, max: 60 }), fc.integer({ min: 20, max: 500 }), fc.infiniteStream(fc.integer({ min: 0, max: 9 })))
  .map(([count, step, noise]) => {
    const noises = noise[Symbol.iterator]() as Iterator<number>;
    return Array.from({ length: count }, (_, i) => 100_000 - i * step - Number(noises.next().value));
  }); // prettier-ignore

test("what stands beside the verdict is of the readings", () => {
  fc.assert(
    fc.property(fc.oneof(series, leaking), (y) => {
      const trend = judge(y);
      const settled = y.slice(trend.settling);
      expect(trend).toMatchObject({
        count: settled.length,
        first: settled[0],
        last: y.at(-1),
        lowest: Math.min(...y),
        highest: Math.max(...y),
      });
      expect(trend.confidence).toBeGreaterThanOrEqual(0);
      expect(trend.confidence).toBeLessThanOrEqual(0.95);
      expect(trend.rate !== undefined).toBe(trend.verdict === "falling");
      expect(trend.step).toBe(
        trend.rate === undefined ? undefined : ((settled[0] ?? 0) - (y.at(-1) ?? 0)) / (settled.length - 1),
      );
    }),
  );
});

/** The middle of the slopes between all pairs of points. */
function middleSlope(x: readonly number[], y: readonly number[]): number {
  return middle(y.flatMap((to, j) => y.slice(0, j).map((from, i) => (to - from) / ((x[j] ?? 0) - (x[i] ?? 0)))));
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low = 0, high = 0] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return (low + high) / 2;
}

test("the rate is the middle slope of fewer than 24 readings, and of the best of each twelfth of more", () => {
  fc.assert(
    fc.property(leaking, (y) => {
      const x = y.map((_, i) => i * i + 3 * i);
      const { rate, settling, scatter } = judge(y, x);
      const [places, values] = [x.slice(settling), y.slice(settling)];
      const level = values.map((value, i) => value - middleSlope(places, values) * (places[i] ?? 0));
      expect(scatter).toBeCloseTo(middle(level.map((one) => Math.abs(one - middle(level)))), 6);
      if (rate === undefined) return;
      const count = values.length;
      const best = Array.from({ length: 12 }, (_, bin) => {
        const rows = values.map((_, i) => i).filter((i) => i >= Math.floor((bin * count) / 12) && i < Math.floor(((bin + 1) * count) / 12));
        return rows.reduce((found, i) => ((values[i] ?? 0) > (values[found] ?? 0) ? i : found), rows[0] ?? 0);
      });
      const rows = count < 24 ? values.map((_, i) => i) : best;
      expect(rate.slope).toBeCloseTo(-middleSlope(rows.map((i) => places[i] ?? 0), rows.map((i) => values[i] ?? 0)), 9);
      expect(rate.low).toBeGreaterThanOrEqual(0);
      expect(rate.low).toBeLessThanOrEqual(rate.slope);
      expect(rate.high).toBeGreaterThanOrEqual(rate.slope);
    }),
  );
}); // prettier-ignore

test("when it began, and in which unit it is told, changes nothing", () => {
  fc.assert(
    fc.property(fc.oneof(series, leaking), fc.integer({ min: 1, max: 1000 }), (y, shift) => {
      const x = y.map((_, i) => 10 * i);
      const plain = judge(y, x);
      const { rate, scatter, ...same } = plain;
      const later = judge(y, x.map((one) => one + shift)); // prettier-ignore
      expect(later).toMatchObject(same);
      expect(later.scatter).toBeCloseTo(scatter, 6);
      expect(later.rate?.slope ?? 0).toBeCloseTo(rate?.slope ?? 0, 6);
      const slower = judge(y, x.map((one) => 4 * one)); // prettier-ignore
      expect(slower).toMatchObject({ verdict: plain.verdict, confidence: plain.confidence, settling: plain.settling });
      expect((slower.rate?.slope ?? 0) * 4).toBeCloseTo(rate?.slope ?? 0, 6);
    }),
  );
});

describe("a very long series", () => {
  const count = 10_000;
  const long = (step: number): number[] => Array.from({ length: count }, (_, i) => 5e6 - step * i - 1000 * (i % 3));

  test("is judged by its best readings, and told by all", () => {
    const y = long(7);
    const trend = judge(y);
    expect(trend).toMatchObject({ verdict: "falling", settling: 0, count, first: 5e6, last: y.at(-1), lowest: Math.min(...y), highest: 5e6 });
    expect(trend.rate?.slope).toBeCloseTo(7, 2);
    expect(trend.step).toBe((5e6 - (y.at(-1) ?? 0)) / (count - 1));
    expect(judge(long(0))).toMatchObject({ verdict: "steady", count });
    expect(judge(long(0)).step).toBeUndefined();
  }); // prettier-ignore

  test("its settling is counted in readings", () => {
    const y = long(7).map((level, i) => level + (i < 100 ? 1e6 * (100 - i) : 0));
    const { settling, count: rest, first } = judge(y);
    expect(settling).toBeGreaterThanOrEqual(96);
    expect(settling).toBeLessThanOrEqual(104);
    expect([rest, first]).toEqual([count - settling, y[settling]]);
  });

  test("is one from 4,097 readings on", () => {
    // One reading in two is lower by much: the best of each stretch hides that.
    const y = (length: number): number[] => Array.from({ length }, (_, i) => 5e6 - 7 * i - (i % 2) * 50_000);
    expect(judge(y(4096)).scatter).toBeCloseTo(25_000, -2);
    expect(judge(y(4097)).scatter).toBeLessThan(100);
  });
});
