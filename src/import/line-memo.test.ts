// Lines that come again are read as they were the first time, with their own numbers.
import { expect, test } from "vitest";
import fc from "fast-check";
import { remembering } from "./line-memo.ts";
import { logLine } from "./log-text.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test("any lines in any order are read as without it", () => {
  const line = fc.oneof(
    fc.constantFrom(
      "ets Jun  8 2016 00:22:57",
      "",
      "I (300) app: start",
      "\u001b[0;31mE (12) wifi: no memory\u001b[0m",
      "x".repeat(201),
    ),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 60 }), (lines) => {
      const again = remembering((bytes, number) => logLine(bytes, number));
      for (const [i, text] of lines.entries())
        expect(again(bytesOf(text), i + 1)).toEqual(logLine(bytesOf(text), i + 1));
    }),
  );
});

test("a line is read twice at most while no other takes its place", () => {
  let reads = 0;
  const again = remembering((bytes, number) => {
    reads++;
    return logLine(bytes, number);
  });
  for (let number = 1; number <= 100; number++) again(bytesOf("Rebooting..."), number);
  expect(reads).toBe(2);
});
