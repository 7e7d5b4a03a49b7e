import { expect, test } from "vitest";
import { formatTable, shorten } from "./table.ts";

const columns = [{ title: "address" }, { title: "size", align: "right" }, { title: "site", shorten: "start" }] as const;

test("columns line up and lines have no blanks at their end", () => {
  const rows = [
    ["0x3ffb0000", "16 B", "main.c:12"],
    ["0x3ffb1000", "1,024 B", ""],
  ];
  expect(formatTable(columns, rows, undefined)).toEqual([
    "address        size  site",
    "0x3ffb0000     16 B  main.c:12",
    "0x3ffb1000  1,024 B",
  ]);
});

test("a table too wide takes it from the column that may be shortened", () => {
  const rows = [["0x3ffb0000", "16 B", "components/http/src/client.c:120"]];
  const lines = formatTable(columns, rows, 40);
  expect(lines[1]).toBe("0x3ffb0000  16 B  …http/src/client.c:120");
  expect(lines.every((line) => [...line].length <= 40)).toBe(true);
});

test("styles are applied inside the alignment", () => {
  const styled = formatTable(
    [{ title: "a", style: (text) => `<${text}>` }, { title: "b" }],
    [["x", "y"]],
    undefined,
    (text) => text.toUpperCase(),
  );
  expect(styled).toEqual(["A  B", "<x>  y"]);
});

test("shorten keeps the side that matters", () => {
  expect(shorten("components/main.c", 8, "start")).toBe("…/main.c");
  expect(shorten("a long sentence", 7, "end")).toBe("a long…");
  expect(shorten("short", 5, "end")).toBe("short");
  expect(shorten("map_tiles.c:203 decode_tile (pixels)", 21, "middle")).toBe("map_tiles.…e (pixels)");
  expect(shorten("日本語のなまえ", 7, "middle")).toBe("日…え");
});
