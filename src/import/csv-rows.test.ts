// Headers of tables, and the rows below them: which lines are any, and where in a row each figure stands.
import { describe, expect, test } from "vitest";
import { csvHeader, numberAt, rowOf, type Csv } from "./csv-rows.ts";
import { assertDefined } from "../base/assert.ts";

const header = (text: string): Csv => assertDefined(csvHeader(text, 7), text);

describe("headers", () => {
  test.each<readonly [string, object]>([
    ["time,free_heap,largest_block", { separator: ",", columns: 3, times: [{ column: 0, factor: 1e6 }], clocks: [0] }],
    ["free heap;ms", { separator: ";", columns: 2, times: [{ column: 1, factor: 1e3 }], clocks: [1] }],
    ["time_us\tfree heap", { separator: "\t", columns: 2, times: [{ column: 0, factor: 1 }], clocks: [0] }],
    ["| Date | Uptime [ms] | Free heap |", { separator: "|", columns: 3, times: [{ column: 1, factor: 1e3 }], clocks: [0, 1] }],
    ['"t","free","min"', { separator: ",", columns: 3, times: [{ column: 0, factor: 1e6 }], clocks: [0] }],
    ["free heap,task", { separator: ",", columns: 2, times: [], clocks: [] }],
    ["  total   used   free", { separator: " ", columns: 3, times: [], clocks: [] }],
    ["total\tused\tfree", { separator: "\t", columns: 3, times: [], clocks: [] }],
    ["a b c d e f g h i j  Used Free", { separator: " ", columns: 12, times: [], clocks: [] }],
  ])("%j", (text, told) => {
    const csv = csvHeader(text, 7);
    expect(csv).toMatchObject({ ...told, header: text, line: 7 });
  }); // prettier-ignore

  test.each([
    "free heap",
    "total used free",
    "used  free",
    "total  size  free 3",
    "total  size  other",
    "size  other  free",
    "a b c d e f g h i j k  used free",
    "free,a",
    "free heap,12",
    "free heap,a: b",
    "free heap,a!",
    `free heap,${"x".repeat(41)}`,
    "client 3,free heap 45",
    "free heap = 45 kB,time",
    "free heap,one two three four five",
    "Description,Internal,External",
    "time,name",
  ])("%j is none", (text) => {
    expect(csvHeader(text, 7)).toBeUndefined();
  });

  test("the figures' columns, with what each means", () => {
    const { figures } = header("ms,Free Heap,Name,Frag %,Min");
    expect(figures.map(({ column, label, meaning }) => [column, label, meaning.quantity, meaning.isNamed])).toEqual([
      [1, "Free Heap", "free", true],
      [3, "Frag %", "fragmentation", false],
      [4, "Min", "minimum", false],
    ]);
    expect(header(`free heap,${"x".repeat(40)}`).columns).toBe(2);
    expect(header("free heap,one two three four").columns).toBe(2);
  });
});

describe("rows", () => {
  /** What stands where the figures are, the stamp and the clock. */
  const read = (csv: Csv, text: string): unknown => {
    const row = rowOf(csv, text);
    return row && [row.cells.map((cell) => cell && text.slice(cell.start, cell.end)), row.stamp && numberAt(text, row.stamp), row.clock];
  }; // prettier-ignore

  test.each<readonly [string, string, unknown]>([
    ["ms,free heap,min heap", "12,3000,2000", [["3000", "2000"], 12, "12"]],
    ["ms,free heap,min heap", ' 12 , "3000" ,2000.5', [["3000", "2000.5"], 12, "12"]],
    ["ms;free heap", "12;81,5", [["81,5"], 12, "12"]],
    ["ms;free heap", '"12,5";81', [["81"], 12.5, "12,5"]],
    ["free heap,name", "3000,x", [["3000"], undefined, ""]],
    ["| ms | free heap |", "| 12 | 3000 |", [["3000"], 12, "12"]],
    ["| ms | free heap |", "12 | 3000", [["3000"], 12, "12"]],
    ["date,time,free heap", "2026-03-04,05:06:07,3000", [["3000"], undefined, "2026-03-04 05:06:07"]],
    // The line's own stamp was the first of them, or both.
    ["date,time,free heap", "05:06:07,3000", [["3000"], undefined, "05:06:07"]],
    ["date,time,free heap", "3000", [["3000"], undefined, ""]],
    ["Zeit;Uptime_s;free heap", "14:05;300;3000", [["3000"], 300, "14:05"]],
    ["timestamp;uptime_ms;free heap", "1760000000;300;3000", [["3000"], 1_760_000_000, "1760000000"]],
    ["total  used  free", "100  40   60", [["100", "40", "60"], undefined, ""]],
    ["total  used  free", "Umem: 100  40   60", [["100", "40", "60"], undefined, ""]],
    ["ms,free heap", "12", [["12"], undefined, ""]],
    ["ms,free heap", "12,3000 B", [["3000"], 12, "12"]],
    ["ms,free heap,min heap", '"12","","3.5 KiB"', [[undefined, "3.5"], 12, "12"]],
    ["ms,free heap,min heap", "12,3000,null", [["3000", undefined], 12, "12"]],
    ["| Memory | Total | Free |", "| Internal | 320000 | 3000 |", [[undefined, "320000", "3000"], undefined, ""]],
  ])("below %j: %j", (first, row, told) => {
    expect(read(header(first), row)).toEqual(told);
  });

  test.each<readonly [string, string]>([
    ["free heap,min heap,ms", "12,3000"],
    ["ms,free heap", "12,3000,4"],
    ["ms,free heap", "12,x"],
    ["ms,free heap", "12,-3000"],
    ["ms,free heap", "12,3000 mV"],
    ["name  total  used  free", "spiffs  100  40  60"],
    ["ms,free heap", "12,null"],
    ["ms,free heap,min heap", "12,3000,x"],
    ["free heap,name", "3000"],
    ["free heap,date", "3000"],
    ["date,time,free heap", ""],
    ["total  used  free", "7 100  40   60"],
    ["total  used  free", "Umem: x 100  40   60"],
    ["total  used  free", "100  40"],
  ])("below %j: none in %j", (first, row) => {
    expect(rowOf(header(first), row)).toBeUndefined();
  });

  test("a number's place, with a fraction or without", () => {
    expect(rowOf(header("ms,free heap,min heap"), "12, 3000,1.5")?.cells).toEqual([
      { start: 4, end: 8, hasFraction: false, factor: undefined },
      { start: 9, end: 12, hasFraction: true, factor: undefined },
    ]);
    expect(rowOf(header("ms,free heap"), "1,1.5 kB")?.cells[0]?.factor).toBe(1024);
    expect(numberAt("a 1,5", { start: 2, end: 5, hasFraction: true, factor: 1024 })).toBe(1536);
    expect(numberAt("a 1,5", { start: 2, end: 5, hasFraction: true, factor: undefined })).toBe(1.5);
  });
});
