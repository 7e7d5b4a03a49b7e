// A line as its readers see it, whatever stands around it.
import { expect, test } from "vitest";
import { logLine } from "./log-text.ts";

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

test.for<readonly [string, Uint8Array, string]>([
  ["Latin-1", latin1("Größter Block: 100"), "Größter Block: 100"],
  ["UTF-8", new TextEncoder().encode("Größter Block: 100"), "Größter Block: 100"],
  ["UTF-8 with a damaged byte", new Uint8Array([...new TextEncoder().encode("Größe "), 0xff]), "Größe \ufffd"],
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
