// Figures that tell how memory changed: which they are, and what they come to.
import { describe, expect, test } from "vitest";
import { SeriesCollector } from "./log-series.ts";

/** Of each series of these lines what it is and its values. */
function seriesOf(...lines: readonly string[]): readonly (readonly unknown[])[] {
  const collector = new SeriesCollector();
  for (const [i, text] of lines.entries()) collector.line({ number: i + 1, text, tags: [] });
  return collector.finish().map(({ series, store }) => {
    const values = Array.from({ length: store.length }, (_, i) => store.at(i)?.value);
    return [series.quantity, ...values];
  });
}

const each = (label: string, ...values: readonly (number | string)[]): readonly (readonly unknown[])[] =>
  seriesOf(...values.map((value) => label.replace("#", String(value))));

describe("changes", () => {
  test("are added up, as what is used", () => {
    expect(each("heap diff: #", -100, "+40", -20)).toEqual([["used", 100, 60, 80]]);
    expect(each("heap changed: #", -1, 0, "+2")).toEqual([["used", 2, 2, 0]]);
  });

  test("of which three are told, one of them a loss", () => {
    expect(each("heap diff: #", -100, -40)).toEqual([]);
    expect(each("heap diff: #", "+100", "+40", "+20")).toEqual([]);
    expect(each("heap diff: #", 0, 0, 0)).toEqual([]);
    expect(each("heap diff: #", 0, 0, -1)).toEqual([["used", 0, 0, 1]]);
  });

  test("may be told as sums: four that rise to three times the first", () => {
    expect(each("heap diff since start: #", -128, -256, -300, -384)).toEqual([["used", 128, 256, 300, 384]]);
    expect(each("heap diff since start: #", -128, -256, -300, -383)).toEqual([["used", 128, 384, 684, 1067]]);
    expect(each("heap diff since start: #", -128, -256, -384)).toEqual([["used", 128, 384, 768]]);
    expect(each("heap diff since start: #", -128, -256, -255, -384)).toEqual([["used", 128, 384, 639, 1023]]);
  });

  test("are none beside figures that tell a state", () => {
    const both = (states: number): readonly (readonly unknown[])[] =>
      seriesOf(
        ...["heap diff: -100", "heap diff: +40", "heap diff: -20"],
        ...Array.from({ length: states }, (_, i) => `free heap: ${90_000 - i}`),
      );
    expect(both(2).map(([quantity]) => quantity)).toEqual(["used", "free"]);
    expect(both(3).map(([quantity]) => quantity)).toEqual(["free"]);
    expect(each("heap diff: #, free heap 90000", -100, "+40", -20).map(([quantity]) => quantity)).toEqual(["free"]);
  });

  test("are of memory, and smaller than any", () => {
    expect(each("mem: rssi #", -60, -61, -62)).toEqual([]);
    expect(each("heap diff: # %", -6, -7, -8)).toEqual([]);
    const most = 2 ** 22;
    expect(each("heap diff: #", -1, -2, -most)).toHaveLength(1);
    expect(each("heap diff: # bytes", most, most, most)).toEqual([]);
  });
});

describe("losses", () => {
  test("need no sign where they are called so, and are in bytes", () => {
    expect(each("heap leaked # bytes", 64, 0, 32)).toEqual([["used", 64, 64, 96]]);
    expect(each("heap lost: # bytes", 64, 64, 64)).toEqual([["used", 64, 128, 192]]);
    expect(each("heap leaked #", 64, 0, 32)).toEqual([]);
  });

  test("may be given back", () => {
    expect(each("heap leaked: # bytes", "+64", -32, "+8")).toEqual([["used", 64, 32, 40]]);
  });
});
