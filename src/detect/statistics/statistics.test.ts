import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { failureCauseIndex, rootSumSquareScore, unusableCurve, unusableShare } from "./free-space.ts";
import { bucketLimit, lifetimeQuantile, survival } from "./lifetimes.ts";
import { lifetimeBucket } from "../../heap/activity.ts";
import { mannKendall, upperTail } from "./mann-kendall.ts";
import { theilSen } from "./theil-sen.ts";

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

  test("two points are no trend", () => {
    expect(theilSen([0, 1], [0, 1])).toBeUndefined();
  });
});

describe("Mann–Kendall", () => {
  test("certain of a rise, sure that a plateau is none", () => {
    expect(mannKendall(steps(20)).pRising).toBeLessThan(1e-6);
    expect(mannKendall(steps(20).map(() => 5)).pRising).toBe(1);
    expect(mannKendall(steps(20).map((i) => -i)).pRising).toBeGreaterThan(0.999);
  });

  test("normal tail against known values", () => {
    expect(upperTail(0)).toBeCloseTo(0.5, 6);
    expect(upperTail(1.959964)).toBeCloseTo(0.025, 6);
    expect(upperTail(-1.644854)).toBeCloseTo(0.95, 6);
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
  });

  test("Kaplan–Meier counts the living as survivors of their age only", () => {
    // Ten blocks: four die in bucket 1, two are alive at age 2, four die in bucket 3.
    const curve = survival([0, 4, 0, 4], [0, 0, 2, 0]);
    expect(curve[1]).toBeCloseTo(0.6);
    expect(curve[2]).toBeCloseTo(0.6);
    expect(curve[3]).toBeCloseTo(0);
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
  });

  test("failure cause: served, lack of memory, fragmentation", () => {
    expect(failureCauseIndex([64, 128], 100)).toBeUndefined();
    expect(failureCauseIndex([64, 64], 1000)).toBe(0);
    expect(failureCauseIndex(Array<number>(100).fill(64), 100)).toBeGreaterThan(0.3);
    expect(failureCauseIndex(Array<number>(1000).fill(64), 128)).toBeCloseTo(0.499, 2);
  });
});
