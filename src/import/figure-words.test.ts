// Which of the words before a number are its own: they begin behind the last separator.
import { describe, expect, test } from "vitest";
import { figuresOf } from "./figures.ts";
import { NO_FIGURE, NO_WORD } from "./memory-words.ts";

/** `value unit [label] quantity of memory, named or not`, or why not. */
function told(line: string): string[] {
  return figuresOf(line).map(({ index, value, unit, label, meaning }) => {
    const what = typeof meaning === "string" ? meaning : `${meaning.quantity} ${meaning.memory}${meaning.isNamed ? "" : ", not named"}`; // prettier-ignore
    return `${index}: ${value} ${unit} [${label}] ${what}`;
  });
}

describe("where the words of a number begin", () => {
  test.for<readonly [string, readonly string[]]>([
    ["cpu /heap free: 1000", ["0: 1000 none [heap free:] free any"]],
    ["heap/ free: 1000", ["0: 1000 none [heap/ free:] free any"]],
    ["heap/x free: 1000", ["0: 1000 none [heap/x free:] free any"]],
    ["sum() free heap: 1000", ["0: 1000 none [sum() free heap:] free any"]],
    ["cpu (all) free heap: 1000", ["0: 1000 none [free heap:] free any"]],
    [") free heap: 1000", ["0: 1000 none [) free heap:] free any"]],
    ["heap low (free=8120", ["0: 8120 none [free=] free any"]],
    ["largest: 100 (min 50)", ["0: 100 none [largest:] no word of memory", "1: 50 none [min] it is the least that the figure before it was"]],
    [
      "heap free: 1, largest: 100 (min 50)",
      ["0: 1 none [heap free:] free any", "1: 100 none [largest:] largest any", "2: 50 none [min] it is the least that the figure before it was"],
    ],
    [
      "heap largest: 100, free: 7 (min 50)",
      ["0: 100 none [heap largest:] largest any", "1: 7 none [free:] free any", "2: 50 none [min] minimum any"],
    ],
    ["Free heap/min: 1000/ ", ["0: 1000 none [Free heap/min:] minimum any"]],
    ["Free heap/min: 1000/900", ["0: 1000 none [Free heap] free any", "1: 900 none [min] minimum any"]],
    ["int total: 300000, free: 100000", ["0: 300000 none [int total:] total internal, not named", "1: 100000 none [free:] free internal, not named"]],
    ["1000/2000 bytes free; x", ["0: 1000 none [free] no word of memory", "1: 2000 bytes [free] no word of memory"]],
    ["1000/2000 bytes heap free; x", ["0: 1000 none [heap free] free any", "1: 2000 bytes [heap free] total any"]],
    ["heap 1000/2000 (free)", ["0: 1000 none [heap] size any", "1: 2000 none [heap] total any"]],
  ])("%j", ([line, is]) => {
    expect(told(line)).toEqual(is);
  }); // prettier-ignore
});

test("a size beside what is free of it is the whole", () => {
  expect(told("heap size: 65536, free: 12304")).toEqual(["0: 65536 none [heap size:] total any", "1: 12304 none [free:] free any"]); // prettier-ignore
  expect(told("heap size: 12304, free: 12304")[0]).toBe("0: 12304 none [heap size:] size any");
  expect(told("heap: 65536, free: 12304")[0]).toBe("0: 65536 none [heap:] size any");
  expect(told("heap size: 65536, largest: 12304")[0]).toBe("0: 65536 none [heap size:] size any");
  expect(told("heap size: 65536, psram free: 12304")[0]).toBe("0: 65536 none [heap size:] size any");
});

test.each([
  ["learned code stored, memory left 40 codes", "it counts “codes”"],
  ["memory left 40 bytes", "free"],
  ["memory left 40 of late", "free"],
  ["memory left 4000 codes", "free"],
  ["memory: 70% used, tokens left 9000", "it counts what is left of something"],
  ["memory: 70% used, bytes left 9000", "free"],
  ["cfg peers 3, free 17 mem 151040", "it is too small beside bytes: a count"],
  ['"free_m3": 12.1', "“m3” is no unit of memory"],
  ["[fs] free 1400k", NO_WORD],
  ["[mem] free 176k", "free"],
  ["alloc 3000 free 2998 heap 139935", "it counts what was freed"],
  ["alloc 1000 free 1001 heap 139935", "free"],
  ["adc raw=3100 mV=2450 max=3300 min=812 heap 201200", "it is about the number before it"],
  ["cfg: 1%=3276 free=41%", NO_WORD],
  ["Heap status: 148405/272808 bytes free (0)", NO_FIGURE],
])("what %s tells", (line, last) => {
  const { meaning } =
    figuresOf(line).find((_, i, all) => i === all.length - (/^(?:cfg|alloc|adc)/.test(line) ? 2 : 1)) ?? {};
  expect(typeof meaning === "object" ? meaning.quantity : meaning).toBe(last);
});
