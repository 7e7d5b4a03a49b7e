// Lines that come again are read as they were the first time, with their own numbers, and hold the same words.
import { expect, test } from "vitest";
import fc from "fast-check";
import { LineMemo } from "./line-memo.ts";
import { type LogLine, logLine } from "./log-text.ts";
import { NeedleFinder, Needles } from "./needle-finder.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function lineIn(memo: LineMemo, text: string, number: number): LogLine {
  const bytes = bytesOf(`<${text}>`);
  const end = bytes.length - 1;
  return memo.line(memo.find(bytes, 1, end), bytes, 1, end, number);
}

const line = fc.oneof(
  fc.constantFrom(
    "ets Jun  8 2016 00:22:57",
    "",
    "I (300) app: start",
    "\u001b[0;31mE (12) wifi: no memory\u001b[0m",
    "kein Speicher für wifi",
    "x".repeat(201),
  ),
  fc.string(),
);
const lines = fc.array(line, { maxLength: 60 });

test("any lines in any order are read as without it", () => {
  fc.assert(
    fc.property(lines, (texts) => {
      const memo = new LineMemo((bytes, number) => logLine(bytes, number));
      for (const [i, text] of texts.entries()) expect(lineIn(memo, text, i + 1)).toEqual(logLine(bytesOf(text), i + 1));
    }),
  );
});

test("a line is read twice at most while no other takes its place", () => {
  let reads = 0;
  const memo = new LineMemo((bytes, number) => {
    reads++;
    return logLine(bytes, number);
  });
  for (let number = 1; number <= 100; number++) lineIn(memo, "Rebooting...", number);
  expect(reads).toBe(2);
});

test("the words of a line that is known are those that it holds", () => {
  const needles = new Needles([["memory"], ["wifi"], ["jun"], [""]]);
  fc.assert(
    fc.property(lines, (texts) => {
      const memo = new LineMemo((bytes, number) => logLine(bytes, number));
      const again = new NeedleFinder(needles);
      const afresh = new NeedleFinder(needles);
      for (const text of texts) {
        const bytes = bytesOf(text);
        again.look(bytes, 0, bytes.length, memo.find(bytes, 0, bytes.length));
        afresh.look(bytes, 0, bytes.length);
        const told = ({ isForeign, ...finder }: NeedleFinder): unknown => [
          isForeign,
          [0, 1, 2, 3].map((group) => NeedleFinder.prototype.has.call(finder, group)),
        ];
        expect(told(again)).toEqual(told(afresh));
      }
    }),
  );
});
