import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dresses } from "../../test/log-dresses.ts";
import { events, figures } from "../../test/log-looks.ts";
import { CORRUPT, STACK_OVERFLOW } from "../symbols/log/last-words.ts";
import { OTHER_PANIC } from "./crash-wordings.ts";
import { WORDING_PATTERNS } from "./failed-allocation-wordings.ts";
import { LineReader } from "./line-reader.ts";
import { logLine } from "./log-text.ts";
import { NeedleFinder, Needles } from "./needle-finder.ts";
import { needlesOf } from "./needles.ts";

test.for<readonly [RegExp, readonly string[] | undefined]>([
  [/free heap/i, ["free heap"]],
  [/^\s*Heap: (\d+)/, ["heap: "]],
  [/fail(?:ed|ure)? to|OOM\b/i, ["fail to", "failed to", "failure to", "oom"]],
  [/core ?dump/, ["coredump", "core dump"]],
  [/a{2,}bc*de/, ["de"]],
  [/could ?n[o']t/, ["couldnot", "couldn't", "could not", "could n't"]],
  [/(?<size>\d+) bytes(?! free)/, [" bytes"]],
  [/\brst:0x[0-9a-f]+ \(/, ["rst:0x"]],
  [/x*\d+.?/, undefined],
  [/(?:free)?\d/, undefined],
  [/(?:free|\d+)/, undefined],
])("%s needs %j", ([pattern, needles]) => {
  expect(needlesOf(pattern)?.toSorted()).toEqual(needles?.toSorted());
});

/** fast-check makes no words for what looks around; without it a pattern matches more. */
const plain = (pattern: RegExp): RegExp =>
  new RegExp(
    pattern.source.replace(/\(\?<?[!=](?:[^()]|\([^()]*\))*\)|\\b|\(\?<\w+>/g, (what) =>
      what.endsWith(">") ? "(" : "",
    ),
  );

test.for(
  [...WORDING_PATTERNS, CORRUPT, OTHER_PANIC, STACK_OVERFLOW].map((pattern) => [pattern.source, pattern] as const),
)("whatever matches %s holds one of its needles", ([, pattern]) => {
  const needles = needlesOf(pattern) ?? [];
  expect(needles.length).toBeGreaterThan(0);
  fc.assert(
    fc.property(fc.stringMatching(plain(pattern)), (text) =>
      needles.some((needle) => text.toLowerCase().includes(needle)),
    ),
  );
});

describe("a line that matches a pattern is never passed over", () => {
  const finder = new NeedleFinder(new Needles(WORDING_PATTERNS.map((pattern) => [pattern])));
  const log = Object.values({ ...figures, ...events }).map((look) => look.log).join("\n"); // prettier-ignore
  test.for(Object.entries(dresses))("in %s", ([, dress]) => {
    let matches = 0;
    const reader = new LineReader((bytes, start, end) => {
      const text = logLine(bytes.subarray(start, end), 1).text.replace(/\s{8,}/g, " ");
      finder.look(bytes, start, end);
      WORDING_PATTERNS.forEach((pattern, group) => {
        if (!pattern.test(text)) return;
        matches++;
        expect(finder.has(group), `${pattern.source} in ${text}`).toBe(true);
      });
    });
    reader.push(dress(log));
    reader.finish();
    expect(matches).toBeGreaterThan(20);
  });
});

const found = (line: string, words: readonly string[]): readonly string[] => {
  const bytes = new TextEncoder().encode(line);
  const finder = new NeedleFinder(new Needles(words.map((word) => [word])));
  finder.look(bytes, 0, bytes.length);
  return words.filter((_, group) => finder.has(group));
};

test.for<readonly [string, string]>([
  ["FREE heap", "free heap"],
  ["fr\u001b[1;31mee\u001b[0m heap", "free heap"],
  ["fr[0;32mee heap", "free heap"],
  ["fr\u0000ee\u0085 heap", "free heap"],
  ["free          heap", "free heap"],
  ["a[12] free", "[12]"],
  ["ffree", "free"],
  ["内存 free", "内存"],
])("%j holds %j", ([line, word]) => {
  expect(found(line, [word, "heap free"])).toEqual([word]);
});

test("needles that are parts of each other are all found, wherever they stand", () => {
  const letters = fc.constantFrom("a", "b", "ab", " ");
  const text = fc.array(letters, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(
      text,
      fc.uniqueArray(
        text.filter((word) => !word.includes("  ")),
        { minLength: 1, maxLength: 6 },
      ),
      (line, words) => {
        expect(found(line, words)).toEqual(words.filter((word) => line.includes(word)));
      },
    ),
  );
});
