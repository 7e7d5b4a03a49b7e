// Rows of tables, cell by cell.
import { expect, test } from "vitest";
import { cellsOf, plainCell } from "./table-cells.ts";

test.for<readonly [string, string, string, readonly string[]]>([
  ["CSV", ",", 'a,"b, c",d', ["a", "b, c", "d"]],
  ["quotes within quotes", ",", '"heap {host=""a"", id=""1""}",x', ['heap {host="a", id="1"}', "x"]],
  ["a quote that is never closed", ";", '3" pipe;5', ['3" pipe', "5"]],
  ["Markdown", "|", "| a | b |", ["a", "b"]],
  ["blanks", " ", "  a   b ", ["a", "b"]],
  ["empty cells", ",", ",,", ["", "", ""]],
])("%s", ([, separator, text, cells]) => {
  const told = cellsOf(text, separator);
  expect(told.map((cell) => plainCell(cell.text))).toEqual(cells);
  for (const cell of told) expect(text.slice(cell.start, cell.start + cell.text.length)).toBe(cell.text);
});
