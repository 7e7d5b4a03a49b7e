import fc from "fast-check";
import { expect, test } from "vitest";
import { columnsOf, safeJson, safeLine, safeLogLine, safeText } from "./safe-text.ts";

test("what would act on a terminal is shown instead", () => {
  expect(safeText("a\u001b[2Jb")).toBe("a\\x1b[2Jb");
  expect(safeText("\u001b]52;c;aGk=\u0007")).toBe("\\x1b]52;c;aGk=\\x07");
  expect(safeText("main\n ERROR  fake\r\t")).toBe("main\\n ERROR  fake\\r\\t");
  expect(safeText("a\u202eb\u2066c\u200b\u{e0041}\u009b2J\u2028")).toBe(
    "a\\u202eb\\u2066c\\u200b\\u{e0041}\\x9b2J\\u2028",
  );
  expect(safeText("\ud800")).toBe("\\ud800");
  expect(safeText("Übertragung 传感器 ·█ 💡 http.c:12")).toBe("Übertragung 传感器 ·█ 💡 http.c:12");
});

test("a line keeps its colours, and they end with it", () => {
  expect(safeLine("\u001b[31mred\u001b[39m")).toBe("\u001b[31mred\u001b[39m");
  expect(safeLine("\u001b[1;31mopen")).toBe("\u001b[1;31mopen\u001b[0m");
  expect(safeLine("\u001b[8mhidden\u001b[5m")).toBe("\\x1b[8mhidden\\x1b[5m");
  expect(safeLogLine("\u001b[0;32mI (1) a: b\tc\u0007\ufffd\u001b[2J\u202e")).toBe(
    "\u001b[0;32mI (1) a: b\tc[2J\u001b[0m",
  );
  expect(safeLogLine("\u001b[0;32mI (1) a: b\u001b[0m")).toBe("\u001b[0;32mI (1) a: b\u001b[0m");
});

test("JSON stays the same value", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const json = safeJson(JSON.stringify({ text }, undefined, 2));
      expect(JSON.parse(json)).toEqual({ text });
      expect(safeText(json.replaceAll("\n", ""))).toBe(json.replaceAll("\n", ""));
      expect(safeText(safeText(text))).toBe(safeText(text));
    }),
    { numRuns: 50 },
  );
});

test("noise and tricks in a log go, colours and tabs stay", () => {
  expect(safeLogLine("a\u001b[2J\u001b]0;title\u0007b\u0000\ufffdc\u009b")).toBe("a[2J]0;titlebc");
});

test("columns of a terminal", () => {
  expect([columnsOf("main.c"), columnsOf("传感"), columnsOf("e\u0301"), columnsOf("█·")]).toEqual([6, 4, 1, 2]);
});
