// Which lines hold figures, and how others of the same letters are read or counted without a look at their words.
import { describe, expect, test } from "vitest";
import { SeriesCollector } from "./log-series.ts";
import type { SeriesLine } from "./series-line.ts";

const lineOf = (text: string, number = 1): SeriesLine => ({ number, text, tags: [] });

/** The lines one after the other, and for each whether it holds figures. */
function after(...lines: readonly string[]): { readonly series: SeriesCollector; readonly hold: readonly boolean[] } {
  const series = new SeriesCollector();
  return { series, hold: lines.map((text, i) => series.line(lineOf(text, i + 1))) };
}

/** Where the numbers of another such line stand. */
const placesOf = (series: SeriesCollector, text: string): readonly string[] | undefined =>
  series.rereading(lineOf(text))?.places.map(({ start, end }) => text.slice(start, end));

test("a table's header and its rows hold figures, other lines do not", () => {
  const { hold } = after("time,free_heap,largest", "1,100000,90000", "time,free_heap,largest", "text", "2,x,90000");
  expect(hold).toEqual([true, true, true, false, false]);
  expect(after("free heap: 1000", "said", "free heap: -1000").hold).toEqual([true, false, false]);
});

describe("another line of the same letters", () => {
  test("is read where its figures stand", () => {
    const { series } = after("loop 3: free heap 100000, largest 90000 B");
    expect(placesOf(series, "loop 4: free heap 99000, largest 80000 B")).toEqual(["99000", "80000"]);
    expect(placesOf(series, "said 4")).toBeUndefined();
  });

  test("of a table by its columns, and not where commas stand in its numbers", () => {
    const { series } = after("time;free_heap;largest", "1;100000;90000");
    expect(placesOf(series, "2;99000;80000")).toEqual(["99000", "80000", "2"]);
    expect(placesOf(series, "2;99000;80000,5")).toBeUndefined();
    expect(placesOf(after("time,free_heap,largest", "1,100000,90000").series, "2,99000,80000")).toEqual(["99000", "80000", "2"]); // prettier-ignore
    expect(placesOf(after("date,free_heap,largest", "10:20:30,1000,900").series, "10:20:31,99000,80000")).toBeUndefined(); // prettier-ignore
  });

  test("with the same number of a board as well", () => {
    expect(placesOf(after("node 3 free heap 100000").series, "node 3 free heap 99000")).toBeUndefined();
  });

  test("is counted where it holds none", () => {
    const { series } = after("said 3", "free heap 1000");
    const count = series.counting(lineOf("said 4"));
    count?.(9);
    count?.(9);
    expect(series.considered().map(({ quote, count }) => [quote, count])).toEqual([["free heap 1000", 1]]);
    expect(series.counting(lineOf("free heap 999"))).toBeUndefined();
    expect(series.counting(lineOf("never said 4"))).toBeUndefined();
    expect(after("free_heap,largest", "said 3").series.counting(lineOf("said 4"))).toBeUndefined();
    const other = after("heap threshold 3").series;
    other.counting(lineOf("heap threshold 4"))?.(9);
    expect(other.considered().map(({ count }) => count)).toEqual([2]);
  });
});

test("falls, rises and ends of a series", () => {
  const { series } = after("free heap 3000", "free heap 2000", "free heap 2500", "free heap 2500");
  expect(series.finish().map(({ series: { quantity, readings, unit, scale, timed } }) => ({ quantity, readings, unit, scale, timed }))).toEqual([{ quantity: "free", readings: 4, unit: "bytes", scale: 1, timed: false }]); // prettier-ignore
});

test("a byte less is a fall, a byte more a rise, and as much is neither", () => {
  const quantities = (...columns: readonly (readonly number[])[]): readonly string[] => {
    const rows = (columns[0] ?? []).map((_, i) => `heap ${columns.map((column) => column[i]).join("/")}`);
    return after(...rows).series.finish().map(({ series: { quantity } }) => quantity); // prettier-ignore
  };
  const free = [143_200, 143_300, 143_100, 143_250];
  expect(quantities(free, [65_524, 65_523, 65_523, 65_523])).toEqual(["free", "minimum"]);
  expect(quantities(free, [65_524, 65_525, 65_525, 65_525])).toEqual(["free", "largest"]);
  expect(quantities(free, [65_524, 65_523, 65_524, 65_524])).toEqual(["free", "largest"]);
  // The one that falls more often is the least.
  expect(quantities(free, [65_524, 65_523, 65_522, 65_521], [900, 800, 700, 700])).toEqual(["free", "minimum", "largest"]);
  expect(quantities(free, [65_524, 65_523, 65_522, 65_522], [900, 800, 700, 600])).toEqual(["free", "largest", "minimum"]);
}); // prettier-ignore
