import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { failureCauseIndex, rootSumSquareScore, unusableCurve, unusableShare } from "./free-space.ts";
import { bucketLimit, lifetimeQuantile, survival } from "./lifetimes.ts";
import { lifetimeBucket } from "../../heap/activity.ts";
import { mannKendall, upperTail } from "./mann-kendall.ts";
import { median, theilSen } from "./theil-sen.ts";

const steps = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe("Theil–Sen", () => {
  test("finds a line exactly, with a third of the points anywhere", () => {
    const y = steps(30).map((i) => (i % 4 === 3 ? 1e6 : 7 * i + 3));
    expect(theilSen(steps(30), y)?.slope).toBeCloseTo(7, 6);
  });

  test("the interval encloses the slope, and is narrow without noise", () => {
    const trend = theilSen(
      steps(20),
      steps(20).map((i) => 2 * i),
    );
    expect(trend).toEqual({ slope: 2, low: 2, high: 2 });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 3, maxLength: 40 }), (y) => {
        const any = theilSen(steps(y.length), y);
        expect(any !== undefined && any.low <= any.slope && any.slope <= any.high).toBe(true);
      }),
    );
  });

  test("two points are no trend, and points above each other neither", () => {
    expect(theilSen([0, 1], [0, 1])).toBeUndefined();
    expect(theilSen([0, 1, 2], [0, 1])).toBeUndefined();
    expect(theilSen([5, 5, 5], [0, 1, 2])).toBeUndefined();
    expect(theilSen([5, 5, 6], [0, 2, 3])).toMatchObject({ slope: 2 });
    expect(theilSen([0, 1, 2], [0, 1, 2, 9])).toEqual({ slope: 1, low: 1, high: 1 });
  });

  test("the middle slope, and slopes at Sen's ranks", () => {
    const point = fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: -100, max: 100 }));
    fc.assert(
      fc.property(fc.array(point, { minLength: 3, maxLength: 30 }), (points) => {
        const sorted = [...points].sort(([a], [b]) => a - b);
        const slopes = sorted
          .flatMap(([x, y], j) => sorted.slice(0, j).map(([x0, y0]) => (y - y0) / (x - x0)))
          .filter(Number.isFinite)
          .sort((a, b) => a - b);
        const trend = theilSen(
          sorted.map(([x]) => x),
          sorted.map(([, y]) => y),
        );
        if (slopes.length === 0) {
          expect(trend).toBeUndefined();
          return;
        }
        const n = sorted.length;
        const reach = 1.645 * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
        const rank = (value: number): number => slopes[Math.max(0, Math.min(slopes.length - 1, value))] ?? NaN;
        expect(trend).toEqual({
          slope: (rank((slopes.length - 1) >> 1) + rank(slopes.length >> 1)) / 2,
          low: rank(Math.floor((slopes.length - reach) / 2)),
          high: rank(Math.ceil((slopes.length + reach) / 2)),
        });
      }),
    );
  });

  test("the middle of a list", () => {
    expect([median([]), median([3]), median([3, 5]), median([1, 2, 9]), median([1, 2, 4, 9])]).toEqual([0, 3, 4, 2, 3]);
  });
});

describe("Mann–Kendall", () => {
  test("certain of a rise, sure that a plateau is none", () => {
    expect(mannKendall(steps(20)).pRising).toBeLessThan(1e-6);
    expect(mannKendall(steps(20).map(() => 5)).pRising).toBe(1);
    expect(mannKendall(steps(20).map((i) => -i)).pRising).toBeGreaterThan(0.999);
  });

  test("S counts the pairs that rise and those that fall, its variance has Kendall's correction for ties", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 25 }), (values) => {
        const n = values.length;
        const s = values.flatMap((to, j) => values.slice(0, j).map((from) => Math.sign(to - from) + 0)).reduce((a, b) => a + b, 0);
        const ties = [...new Set(values)].map((one) => values.filter((value) => value === one).length);
        const f = (t: number): number => t * (t - 1) * (2 * t + 5);
        const variance = (f(n) - ties.reduce((sum, t) => sum + f(t), 0)) / 18;
        const { s: found, pRising } = mannKendall(values);
        expect(found).toBe(s);
        const z = s === 0 ? 0 : (s - Math.sign(s)) / Math.sqrt(variance);
        expect(pRising).toBeCloseTo(variance === 0 ? 1 : tail(z), 6);
      }),
    );
  }); // prettier-ignore

  /** The upper tail of the normal distribution by Simpson's rule. */
  function tail(from: number): number {
    const [to, parts] = [12, 4000];
    const width = (to - from) / parts;
    const density = (x: number): number => Math.exp(-(x ** 2) / 2) / Math.sqrt(2 * Math.PI);
    const weights = steps(parts + 1).map((i) => (i === 0 || i === parts ? 1 : i % 2 === 1 ? 4 : 2) * density(from + i * width));
    return (weights.reduce((a, b) => a + b, 0) * width) / 3;
  } // prettier-ignore

  test("the normal tail against the integral", () => {
    for (let z = -5; z <= 5; z += 0.125) expect(Math.abs(upperTail(z) - tail(z))).toBeLessThan(7.6e-8);
    for (let z = 0; z <= 5; z += 0.125) expect(upperTail(z) + upperTail(-z)).toBeCloseTo(1, 6);
  });
});

describe("lifetimes", () => {
  test("every duration lies below the limit of its bucket and not below the limit before", () => {
    fc.assert(
      fc.property(fc.double({ min: 2, max: 1e13, noNaN: true }), (time) => {
        const bucket = lifetimeBucket(time);
        expect(bucketLimit(bucket)).toBeGreaterThan(time);
        expect(bucketLimit(bucket - 1)).toBeLessThanOrEqual(time);
      }),
    );
    expect(lifetimeBucket(0)).toBe(0);
    expect(lifetimeBucket(Infinity)).toBe(47);
  });

  test("quantile is the limit of the bucket that reaches it", () => {
    const freed = new Uint32Array(48);
    freed[10] = 99;
    freed[40] = 1;
    expect(lifetimeQuantile(freed, 0.99)).toBe(bucketLimit(10));
    expect(lifetimeQuantile(freed, 1)).toBe(bucketLimit(40));
    expect(lifetimeQuantile([1, 1], 0.5)).toBe(2);
    expect(lifetimeQuantile([1, 1], 0.51)).toBe(4);
    expect(lifetimeQuantile([0, 3], 0)).toBe(2);
    expect(lifetimeQuantile([0, 0, 0], 0.5)).toBe(0);
    expect(lifetimeQuantile([], 0.5)).toBe(0);
  });

  test("Kaplan–Meier counts the living as survivors of their age only", () => {
    // Ten blocks: four die in bucket 1, two are alive at age 2, four die in bucket 3.
    const curve = survival([0, 4, 0, 4], [0, 0, 2, 0]);
    expect(curve[1]).toBeCloseTo(0.6);
    expect(curve[2]).toBeCloseTo(0.6);
    expect(curve[3]).toBeCloseTo(0);
    // Two of four die, one is alive, one of one dies.
    expect([...survival([2, 0, 1, 0], [0, 1, 0, 0])]).toEqual([0.5, 0.5, 0, 0]);
    expect([...survival([0, 0], [0, 0])]).toEqual([1, 1]);
    expect([...survival([1, 1], [0, 0])]).toEqual([0.5, 0]);
  });
});

describe("free space", () => {
  test("the root-sum-square score agrees with Pigweed's published example", () => {
    expect(rootSumSquareScore([200, 10, 300])).toBeCloseTo(0.2929, 3);
    expect(rootSumSquareScore([4096])).toBe(0);
    expect(rootSumSquareScore([])).toBe(0);
  });

  test("unusable share rises with the request", () => {
    expect(unusableShare([100, 300], 200)).toBeCloseTo(0.25);
    const shares = unusableCurve([16, 48, 1000]).map((point) => point.share);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
    expect(unusableCurve([16, 48])).toEqual([
      { request: 16, share: 0 },
      { request: 32, share: 0.25 },
      { request: 64, share: 1 },
    ]);
    expect([unusableShare([100, 300], 100), unusableShare([100, 300], 101), unusableShare([], 1)]).toEqual([
      0, 0.25, 0,
    ]);
    expect(unusableCurve([]).map(({ request }) => request)).toEqual(steps(28).map((i) => 16 * 2 ** i));
  });

  test("failure cause: served, lack of memory, fragmentation", () => {
    expect(failureCauseIndex([64, 128], 100)).toBeUndefined();
    expect(failureCauseIndex([64, 64], 1000)).toBe(0);
    expect(failureCauseIndex([100], 100)).toBeUndefined();
    expect([failureCauseIndex([], 100), failureCauseIndex([0, 0], 0.5)]).toEqual([0, 0]);
    expect(failureCauseIndex([50, 50], 100)).toBe(0);
    expect(failureCauseIndex([50, 50, 60, 0], 100)).toBeCloseTo(1 - (1 + 1.6) / 3, 12);
    expect(failureCauseIndex([99], 100)).toBe(0);
    expect(failureCauseIndex(Array<number>(100).fill(64), 100)).toBeGreaterThan(0.3);
    expect(failureCauseIndex(Array<number>(1000).fill(64), 128)).toBeCloseTo(0.499, 2);
  });
});
