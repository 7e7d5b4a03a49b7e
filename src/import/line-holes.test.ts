// Runs of zero bytes in a log: what stands around them is read, what was cut by them is not, and they are said, however the file is cut into chunks.
import { describe, expect, test } from "vitest";
import { toldOf } from "../../test/told.ts";
import { LineReader } from "./line-reader.ts";
import { LINE_BYTES } from "./log-text.ts";

const zeros = (count: number): string => "\0".repeat(count);

function read(text: string, chunkBytes: number): string[] {
  const bytes = new TextEncoder().encode(text);
  const lines: string[] = [];
  const reader = new LineReader(
    (line, start, end) => lines.push(new TextDecoder().decode(line.slice(start, end))),
    undefined,
    () => lines.push("(hole)"),
  );
  for (let at = 0; at < bytes.length; at += chunkBytes) reader.push(bytes.slice(at, at + chunkBytes));
  reader.finish();
  return lines;
}

describe("a line with a hole", () => {
  test.for<readonly [string, string, readonly string[]]>([
    ["before it", `${zeros(4000)}a\nb\n`, ["(hole)", "a", "b"]],
    ["behind the last one", `a\nb\n${zeros(4000)}`, ["a", "b", "(hole)", ""]],
    ["inside it, whose beginning is lost", `a\nfree: 12${zeros(16)}34\nb`, ["a", "(hole)", "34", "b"]],
    ["that is longer than any line", `a\nx${zeros(3 * LINE_BYTES + 5)}y\nb`, ["a", "(hole)", "y", "b"]],
    ["and another", `x${zeros(20)}y${zeros(70_000)}z\nb`, ["(hole)", "z", "b"]],
    ["of fewer zeros than that", `\0\0a\nb${zeros(15)}c`, ["\0\0a", `b${zeros(15)}c`]],
  ])("%s", ([, text, lines]) => {
    for (const chunk of [7, 16, 1000, 65_536, 1 << 20]) expect(read(text, chunk)).toEqual(lines);
  });
});

test("is damage with its line, and no figure is made of what it has cut", async () => {
  const log = `free heap: 200000\nfree heap: 199000\nfree heap: 19${zeros(5000)}00\nfree heap: 197000\nfree heap: 196000\n`;
  const told = await toldOf(log);
  expect(told).toContain("values=[200000000, 199000000, 197000000, 196000000]");
  expect(told.match(/^damage.*/gm)).toEqual(['damage line=3 reason="zero bytes where text was lost"']);
});
