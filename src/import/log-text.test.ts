// A line as its readers see it, whatever stands around it.
import { expect, test } from "vitest";
import { logLine } from "./log-text.ts";

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

test.for<readonly [string, Uint8Array, string]>([
  ["Latin-1", latin1("Größter Block: 100"), "Größter Block: 100"],
  ["UTF-8", new TextEncoder().encode("Größter Block: 100"), "Größter Block: 100"],
  ["UTF-8 with a damaged byte", new Uint8Array([...new TextEncoder().encode("Größe "), 0xff]), "Größe \ufffd"],
  [
    "letters that were lost before, in UTF-8, and one that is damaged",
    latin1("\u00ef\u00bf\u00bda\u00e9"),
    "\ufffda\ufffd",
  ],
  ["Latin-1 that looks nearly so", latin1("\u00bf\u00bf\u00bd"), "\u00bf\u00bf\u00bd"],
  ["Latin-1 with its beginning", latin1("\u00ef\u00bfx"), "\u00ef\u00bfx"],
  ["Latin-1 with its first sign", latin1("x\u00a0y"), "x\u00a0y"],
  ["a control character behind ASCII", latin1("x\u0080y"), "x\ufffdy"],
  ["what no letters are", latin1("a\u0081\u00e9b"), "a\ufffd\ufffdb"],
])("%s", ([, bytes, text]) => {
  expect(logLine(bytes, 1).text).toBe(text);
});

test.for<readonly [string, readonly string[], string]>([
  ["I (1000) app: E (94818) chip[SC]: Failed", ["app", "chip[SC]"], "Failed"],
  ["[12:34:10][D][app:123]: INFO - Heap: used 3", ["app:123", "Heap"], "used 3"],
  ["I (1000) app: free 3", ["app"], "free 3"],
  ["free 3", [], "free 3"],
])("%j: who speaks", ([line, tags, text]) => {
  expect(logLine(new TextEncoder().encode(line), 1)).toMatchObject({ tags, text });
});

test.for<readonly [string, string]>([
  ["\u001b[1;38;5;214mfree\u001b[m 3", "free 3"],
  ["\u001b]0;a title\u0007free\u001b(B 3", "free 3"],
  ["␛[0;33mfree 3␛[0m␍␊", "free 3"],
  ["^[[0;33mfree 3^[[0m", "free 3"],
  ["\\x1b[0;33mfree 3\\033[0m\\r\\n", "free 3"],
  ["[0;33mfree 3[0m<CR><LF>", "free 3"],
  ["[mem] free 3", "[mem] free 3"],
  ["free 3 [m]", "free 3 [m]"],
  ["x [1m 20s] [12m]", "x [1m 20s] [12m]"],
])("%j: what a terminal shows of it", ([line, text]) => {
  expect(logLine(new TextEncoder().encode(line), 1).text).toBe(text);
});

/** Microseconds of 2024-03-01 12:34:10. */
const NOON = Date.UTC(2024, 2, 1, 12, 34, 10) * 1e3;
const OF_DAY = ((12 * 60 + 34) * 60 + 10) * 1e6;

test.for<readonly [string, number]>([
  ["[2024-03-01T12:34:10Z INFO  app::net] x", NOON],
  ["01.03.2024 12:34:10 [RX] - x", NOON],
  ["3/1/2024, 12:34:10 PM: x", NOON],
  ["01/03/2024 12:34:10 x", NOON],
  ["3/13/2024 12:34:10 x", NOON + 12 * 86_400e6],
  ["3/1/2024, 12:34:10 AM: x", NOON - 12 * 3600e6],
  ["01:34:10 PM: x", OF_DAY + 3600e6],
  ["[12:34:10]收←◆x", OF_DAY],
  ["[1709296450] x", NOON],
  ["1709296450123 x", NOON + 123_000],
  ["1709296450.000123 x", NOON + 123],
  ["2024-03-01T12:34:10+01:00 host tio[12]: x", NOON],
  ["2024-03-01T12:34:10Z stdout F x", NOON],
  ["2024-03-01T12:34:10Z 01O x", NOON],
  ["<14>1 2024-03-01T12:34:10Z gateway serial 12 - - x", NOON],
  ["board\tRun\t2024-03-01T12:34:10Z x", NOON],
])("%j: when it was", ([line, clock]) => {
  expect(logLine(new TextEncoder().encode(line), 1)).toMatchObject({ clock, text: "x" });
});

test.for(["1709296450 180000", "free: 3000 alloc: 4000", "COM3 3000", "12:ab:34:cd:56:ef x", "- 3000", "60\t180000"])(
  "%j is all text",
  (line) => {
    expect(logLine(new TextEncoder().encode(line), 1).text).toBe(line);
  },
);

test("a label behind a level is no tag", () => {
  expect(logLine(new TextEncoder().encode("INFO - free: 3000 alloc: 4000"), 1)).toMatchObject({
    tags: [],
    text: "free: 3000 alloc: 4000",
  });
});
