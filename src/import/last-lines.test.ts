// The last lines before one that asks: how many, of what length, and which of them are errors.
import { describe, expect, test } from "vitest";
import { LastLines } from "./last-lines.ts";
import { logLine } from "./log-text.ts";

const utf8 = new TextEncoder();

/** Keeps these lines, which begin at number 1; those that are empty are left out. */
function kept(...lines: readonly string[]): LastLines {
  const last = new LastLines((bytes, number) => logLine(bytes, number));
  for (const [i, text] of lines.entries()) {
    const bytes = utf8.encode(`  ${text}xx`);
    if (text !== "") last.note(bytes, 2, bytes.length - 2, i + 1);
  }
  return last;
}

const others = (count: number): string[] => Array.from({ length: count }, () => "I (5) app: said");

describe("the last error", () => {
  const ERROR = "E (5) app: no answer";

  test("stands at most twelve lines before, and after what does not count any more", () => {
    for (let count = 0; count <= 14; count++) {
      const found = kept(ERROR, ...others(count)).errorBefore(count + 2, 0);
      expect(found, `${count} lines between`).toEqual(count <= 11 ? { line: 1, quote: "no answer" } : undefined);
    }
    const last = kept(...others(3), ERROR, ...others(2));
    expect([3, 4].map((since) => last.errorBefore(7, since)?.line)).toEqual([4, undefined]);
    expect([4, 5].map((number) => last.errorBefore(number, 0)?.line)).toEqual([undefined, 4]);
    // Also the very first line of a log.
    expect(kept(ERROR).errorBefore(2, 0)).toEqual({ line: 1, quote: "no answer" });
  });

  test("is the nearest one, and of lines that were left out nothing is said", () => {
    const again = (at: number): unknown => kept(ERROR, `E (${at}) app: again`, "", "").errorBefore(5, 0);
    expect(again(56)).toEqual({ line: 2, quote: "again" });
    // Layers that pass it on say it in the same moment.
    expect(again(55)).toEqual({ line: 2, quote: "again", first: { line: 1, quote: "no answer" } });
    expect(kept(ERROR, ...Array.from({ length: 12 }, () => "")).errorBefore(14, 0)).toBeUndefined();
  });

  test.for<readonly [string, string | undefined]>([
    ["E (5) app: no answer", "no answer"],
    ["W (5) app: no answer", undefined],
    ["W (5) app: open failed", undefined],
    ["open failed", "open failed"],
    ["could not open", "could not open"],
    ["couldn't open", "couldn't open"],
    ["I (5) app: open failed", "open failed"],
    ["said", undefined],
  ])("%j: %j", ([text, quote]) => {
    expect(kept(text).errorBefore(2, 0)?.quote).toBe(quote);
  });
});

test("the last words are those of the last line that has some, where none is missing in between", () => {
  const last = (...lines: readonly string[]): unknown => kept(...lines).lastBefore(lines.length + 1);
  expect(last("I (5) app: one", "I (6) app: two")).toEqual({ line: 2, quote: "two" });
  expect(last("I (5) app: one", "---", " ")).toEqual({ line: 1, quote: "one" });
  expect(last("I (5) app: one", "", "---")).toBeUndefined();
  expect(last()).toBeUndefined();
  const blanks = (count: number): string[] => Array.from({ length: count }, () => " ");
  expect([last("one", ...blanks(11)), last("one", ...blanks(12))]).toEqual([{ line: 1, quote: "one" }, undefined]);
});

test("of a line 300 bytes are kept", () => {
  const long = `fail ${"x".repeat(294)}y`;
  expect(kept(long).errorBefore(2, 0)?.quote).toBe(long);
  expect(kept(`${long}z`).errorBefore(2, 0)?.quote).toBe(long);
  // A shorter one in the same place has nothing of it.
  expect(kept(long, ...others(12), "fail").errorBefore(15, 0)).toEqual({ line: 14, quote: "fail" });
});
