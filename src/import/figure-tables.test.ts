// Figures whose names do not stand beside them: which line opens a table or a heading, how long it lasts, and what each tool's own lines say.
import { describe, expect, test } from "vitest";
import { FigureTables, figuresOfTool, isColumnHeader, isHeading } from "./figure-tables.ts";
import type { Figure } from "./figure.ts";

/** `index: value unit [label] quantity of memory` */
const told = (figures: readonly Figure[] | undefined): readonly string[] | undefined =>
  figures?.map(({ index, value, unit, label, meaning }) => {
    const what = typeof meaning === "string" ? meaning : `${meaning.quantity} ${meaning.memory}${meaning.isNamed ? "" : ", not named"}`; // prettier-ignore
    return `${index}: ${value} ${unit} [${label}] ${what}`;
  });

test.each<readonly [string, readonly string[] | undefined]>([
  ["No. of 1-blocks: 12, 2-blocks: 3, max blk sz: 264, max free sz: 1000", ["0: 16000 bytes [max free sz] largest any"]],
  [
    "[(240, 100, 90, 7), (20, 30, 110, 5), (1, 2, 3, 4)]",
    [
      "0: 261 bytes [idf_heap_info: total] total internal",
      "1: 132 bytes [idf_heap_info: free] free internal",
      "2: 110 bytes [idf_heap_info: largest] largest internal",
      "3: 16 bytes [idf_heap_info: least ever free] minimum internal",
    ],
  ],
  [">>> [(1, 2, 3, 4)]", [
    "0: 1 bytes [idf_heap_info: total] total internal",
    "1: 2 bytes [idf_heap_info: free] free internal",
    "2: 3 bytes [idf_heap_info: largest] largest internal",
    "3: 4 bytes [idf_heap_info: least ever free] minimum internal",
  ]],
  ["[(1, 2, 3)]", undefined],
  ["x [(1, 2, 3, 4)]", undefined],
  [
    "Total Blocks 6000 Used Blocks 1000 Free Blocks 5000",
    ["0: 48000 bytes [Total Blocks (8 B each)] total any", "1: 40000 bytes [Free Blocks (8 B each)] free any"],
  ],
  ["Fragmentation Metric: 17", ["0: 17 percent [Fragmentation Metric] fragmentation any"]],
  ["Total Entries 40", []],
  ["Usage Metric: 40", []],
  ["Entries 40", undefined],
  ['{ "usage": 1500, "total": 12000, "history": 0', ["0: 12.5 percent [used variables] used any"]],
  ["usage: 2, total: 3, gc: 0", ["0: 66.67 percent [used variables] used any"]],
  ["usage: 2, total: 0, gc: 0", ["0: 200 percent [used variables] used any"]],
  ["usage: 2, total: 3, other: 0", undefined],
  ["says nothing of it", undefined],
])("%j", (line, figures) => {
  expect(told(figuresOfTool(line))).toEqual(figures);
}); // prettier-ignore

test("headings are short, and set off by a colon or a ruler", () => {
  const short = (letters: number): string => `${"a".repeat(letters - 1)}:`;
  expect([short(2), short(60), "== Heap ==", "# PSRAM", "Internal heap: "].map(isHeading)).toEqual(Array(5).fill(true));
  expect([short(61), "Heap", "Free: 3", "== 12 ==", ""].map(isHeading)).toEqual(Array(5).fill(false));
});

test("columns are two or more kinds of memory, each once, perhaps behind a word", () => {
  for (const header of ["Description,Internal,External", "Internal,SPIRAM", "DMA,PSRAM free,DRAM", "x,dma,ps ram"])
    expect([header, isColumnHeader(header.split(","))]).toEqual([header, true]);
  for (const header of ["Internal", "x,Internal", "Internal,Internal", "x,y,Internal", "Internal,x", "SRAM,DRAM", "Internally,PSRAM"])
    expect([header, isColumnHeader(header.split(","))]).toEqual([header, false]);
}); // prettier-ignore

describe("a table with columns", () => {
  const HEADER = "Description  Internal  External";

  test("names what stands in its rows", () => {
    const tables = new FigureTables();
    expect([tables.isOpen, tables.figures("Free Memory  163000  4102344")]).toEqual([false, undefined]);
    expect([tables.figures(HEADER), tables.isOpen, tables.headers]).toEqual([undefined, true, 1]);
    expect(told(tables.figures("Current Free Memory  163000 | 4102344"))).toEqual([
      "0: 163000 bytes [Current Free Memory, internal] free internal",
      "1: 4102344 bytes [Current Free Memory, psram] free psram",
    ]);
    expect(told(tables.figures("Largest Block:  100  200"))).toEqual([
      "0: 100 bytes [Largest Block, internal] largest internal",
      "1: 200 bytes [Largest Block, psram] largest psram",
    ]);
    expect(told(tables.figures("Heap  100  200"))?.[0]).toBe("0: 100 bytes [Heap, internal] size internal");
    for (const other of ["Free Memory  163000", "Free Memory  1  2  3", "12  163000  4102344", "Sockets  1  2"])
      expect([other, tables.figures(other)]).toEqual([other, undefined]);
  });

  test("has twelve rows at most, none of them without a number", () => {
    const tables = new FigureTables();
    tables.figures(HEADER);
    tables.figures("no number");
    const read = Array.from({ length: 14 }, () => [tables.isOpen, tables.figures("Free  1  2") !== undefined]);
    expect(read).toEqual(Array.from({ length: 14 }, (_, i) => [i < 12, i < 12]));
    expect([tables.isOpen, tables.headers]).toEqual([false, 1]);
    tables.figures("Internal\tPSRAM");
    expect([tables.isOpen, tables.headers, tables.figures("Free  1  2")?.length]).toEqual([true, 2, 2]);
  });
});

describe("a heading of a kind of memory", () => {
  test("stands above twelve lines, or up to the next heading", () => {
    const tables = new FigureTables();
    expect([tables.headingOf("Free: 5"), tables.headers]).toEqual([undefined, 0]);
    expect([tables.headingOf("PSRAM:"), tables.headers]).toEqual([undefined, 1]);
    expect(["Free: 5", "  Largest block = 5", "5: 7", "says nothing"].map((line) => tables.headingOf(line))).toEqual([
      "PSRAM:",
      "PSRAM:",
      undefined,
      undefined,
    ]);
    const left = Array.from({ length: 9 }, () => tables.headingOf("Free: 5"));
    expect(left).toEqual([...Array<string>(8).fill("PSRAM:"), undefined]);
    // That it is over is told, for what has been read below it.
    expect(tables.headers).toBe(2);
  });

  test("is counted where it changes what lines mean, and only there", () => {
    const headers = (...lines: readonly string[]): number => {
      const tables = new FigureTables();
      for (const line of lines) tables.headingOf(line);
      return tables.headers;
    };
    expect(headers("Tasks:")).toBe(0);
    expect(headers("PSRAM:", "PSRAM:")).toBe(1);
    expect(headers("PSRAM:", "Internal:")).toBe(2);
    expect(headers("PSRAM:", "Tasks:")).toBe(2);
    expect(headers("PSRAM:", "Tasks:", "Other:")).toBe(2);
    expect(headers("PSRAM:", "Tasks:", "PSRAM:")).toBe(3);
    expect(headers("PSRAM:", ...Array<string>(11).fill("x"))).toBe(1);
    expect(headers("PSRAM:", ...Array<string>(12).fill("x"))).toBe(2);
    expect(headers("PSRAM:", ...Array<string>(13).fill("x"))).toBe(2);
    expect(headers("PSRAM:", ...Array<string>(11).fill("x"), "Tasks:")).toBe(2);
    const tables = new FigureTables();
    for (const line of ["PSRAM:", "Tasks:"]) tables.headingOf(line);
    expect(tables.headingOf("Free: 5")).toBeUndefined();
  });
});
