import { expect, test } from "vitest";
import { csvCell } from "./csv.ts";

test("a cell is no formula, one line, and whole whatever it holds", () => {
  expect(["=1+1", "@SUM(A1)", "-x", 'a "b", c', " x ", "a\nb", "plain", -5, true, undefined].map(csvCell)).toEqual([
    "'=1+1",
    "'@SUM(A1)",
    "'-x",
    '"a ""b"", c"',
    '" x "',
    "a\\nb",
    "plain",
    "-5",
    "true",
    "",
  ]);
});
