// What a series turns out to be when all its figures were seen, at the limits of each rule.
import { describe, expect, test } from "vitest";
import { implausible, isNoHeap, quantityOf, scaleOf, timeOfReading, type OpenSeries } from "./open-series.ts";
import type { Quantity } from "./memory-words.ts";
import { ReadingStore } from "./reading-store.ts";
import type { FigureMemory } from "../wire/log-records.ts";

type Told = Partial<Omit<OpenSeries, "meaning">> & { readonly quantity?: Quantity; readonly memory?: FigureMemory };

let ids = 0;
function series({ quantity = "free", memory = "any", ...told }: Told = {}): OpenSeries {
  return {
    id: ids++, name: "", isForgotten: false, key: "", label: "", meaning: { quantity, memory }, unit: "none", line: 1, quote: "", store: new ReadingStore(),
    count: 10, timed: 0, min: 1, max: 50_000, last: 0, hasFraction: false, falls: 0, rises: 0, ...told,
  }; // prettier-ignore
}

test("a size that never changes is the total, else what is free", () => {
  const told = (count: number, min: number, max: number): unknown => {
    const one = series({ quantity: "size", count, min, max });
    return quantityOf(one, [one]);
  };
  expect([told(3, 7, 7), told(2, 7, 7), told(3, 7, 8)]).toEqual(["total", "free", "free"]);
  expect(quantityOf(series({ quantity: "used", min: 7, max: 7 }), [])).toBe("used");
});

describe("of columns without names", () => {
  const column = (told: Told): OpenSeries => series({ quantity: "unnamed", key: "a", ...told });

  test("the one that falls most often and never rises is the least ever free", () => {
    const [often, seldom, both, still] = [
      column({ falls: 5 }),
      column({ falls: 2 }),
      column({ falls: 9, rises: 1 }),
      column({}),
    ];
    const all = [series({ falls: 20, key: "a" }), column({ falls: 30, key: "b" }), still, seldom, often, both];
    expect([often, seldom, both, still].map((one) => quantityOf(one, all))).toEqual([
      ...["minimum", "largest"],
      ...["largest", "largest"],
    ]);
  });

  test("one fall is enough", () => {
    const one = column({ falls: 1 });
    expect(quantityOf(one, [one])).toBe("minimum");
  });

  test("one that comes seldom is what the same column of other lines is", () => {
    const once = column({ key: "once", label: "x", count: 1 });
    const often = column({ label: "x", falls: 3 });
    expect(quantityOf(once, [once, often])).toBe("minimum");
    for (const other of [column({ label: "y", falls: 3 }), column({ label: "x", falls: 3, count: 1 })])
      expect(quantityOf(once, [once, other])).toBe("largest");
    expect(quantityOf(once, [once, series({ label: "x", falls: 3, key: "a" })])).toBe("largest");
  });
});

describe("units that are not told", () => {
  const scale = (told: Told, ...others: readonly Told[]): number => {
    const one = series(told);
    return scaleOf(one, [one, ...others.map(series)]);
  };

  test("figures from 4 up to a thousand are KiB, and broken ones up to ten thousand", () => {
    expect([3, 4, 999, 1000].map((max) => scale({ max }))).toEqual([1, 1024, 1024, 1]);
    expect([3, 9999, 10_000].map((max) => scale({ max, hasFraction: true }))).toEqual([1024, 1024, 1]);
    expect([scale({ max: 50, unit: "bytes" }), scale({ max: 50, unit: "percent" })]).toEqual([1, 1]);
  });

  test("a share up to 1 with a fraction is one of a hundred", () => {
    const share = (max: number, hasFraction: boolean): number => scale({ quantity: "fragmentation", max, hasFraction });
    expect([share(1, true), share(1.01, true), share(1, false), share(50, false)]).toEqual([100, 1, 1, 1]);
  });

  test("PSRAM is in the unit of the rest", () => {
    const psram = { memory: "psram" as const, max: 4000 };
    expect(scale(psram, { max: 200 })).toBe(1024);
    expect(scale({ ...psram, max: (1 << 15) - 1 }, { max: 200 })).toBe(1024);
    expect(scale({ ...psram, max: 1 << 15 }, { max: 200 })).toBe(1);
    expect(scale({ ...psram, memory: "dma" }, { max: 200 })).toBe(1);
    expect(scale({ ...psram, unit: "bytes" }, { max: 200 })).toBe(1);
    expect(scale(psram)).toBe(1);
    expect(scale(psram, { max: 200, memory: "psram" })).toBe(1);
    expect(scale(psram, { max: 200 }, { max: 2000 })).toBe(1024);
    expect(scale(psram, { max: 200 }, { max: 1 << 15 })).toBe(1);
    expect(scale(psram, { max: 200 }, { max: 1 << 15, unit: "bytes" })).toBe(1024);
    expect(scale(psram, { max: 200 }, { max: 1 << 15, quantity: "fragmentation" })).toBe(1024);
    expect(scale(psram, { max: 2000 })).toBe(1);
    expect(scale({ ...psram, quantity: "fragmentation" }, { max: 200 })).toBe(1);
  });
});

test("a stamp of another line is the time of one reading", () => {
  const one = series();
  expect([5, undefined, { lent: 7 }, { lent: 7 }, 8, { lent: 7 }, { lent: 9 }].map((told) => timeOfReading(one, told))).toEqual(
    [5, undefined, 7, undefined, 8, undefined, 9],
  );
}); // prettier-ignore

test("what no memory has", () => {
  expect([100, 100.5].map((value) => implausible(value, "percent"))).toEqual([undefined, "more than 100 %"]);
  for (const unit of ["bytes", "none"] as const)
    expect([2 ** 28, 2 ** 28 + 1].map((value) => implausible(value, unit))).toEqual([
      undefined,
      "no chip has so much memory",
    ]);
});

test("what only the word memory names, and is another thing's", () => {
  const isNone = (told: Told, ...others: readonly Told[]): boolean => {
    const one = series({ key: "a", label: "memory free", ...told });
    return isNoHeap(one, [one, ...others.map(series)]);
  };
  const heap = { label: "free heap", max: 180_000 };
  expect(isNone({ max: 30 }, heap)).toBe(true);
  expect(isNone({ max: 30 }, { key: "a", label: "memory free", quantity: "total", max: 30 })).toBe(true);
  expect(isNone({ quantity: "size", label: "water memory", max: 3012 })).toBe(true);
  const kept: readonly Parameters<typeof isNone>[] = [
    [{ max: 30 }],
    [{ max: 30 }, { ...heap, max: 180 }],
    [{ max: 30 }, { ...heap, quantity: "minimum" }],
    [{ max: 120 }, heap],
    [{ max: 30, hasFraction: true }, heap],
    [{ max: 30, label: "free heap" }, heap],
    [{ max: 30, memory: "psram" }, heap],
    [{ max: 30 }, { key: "a", label: "memory free", quantity: "total", max: 31 }],
    [{ quantity: "size", label: "water memory", max: 30_120 }],
    [{ quantity: "size", label: "memory", max: 3012 }],
    [{ quantity: "size", label: "water memory", max: 3012, unit: "bytes" }],
    [{ quantity: "free", label: "water memory free", max: 3012 }],
  ];
  for (const told of kept) expect(isNone(...told), JSON.stringify(told)).toBe(false);
});
