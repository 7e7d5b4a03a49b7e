// What a line may match, by one pass over its bytes: as a plain search in the text that readers see finds it.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LINE_BYTES, logLine } from "./log-text.ts";
import { NeedleFinder, Needles } from "./needle-finder.ts";
import { needlesOf } from "./needles.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function finderOf(...words: string[]): { readonly finder: NeedleFinder; readonly found: (line: string) => string[] } {
  const finder = new NeedleFinder(new Needles(words.map((word) => [word])));
  const found = (line: string): string[] => {
    const bytes = utf8(`free ${line} heap`);
    finder.look(bytes, 5, bytes.length - 5);
    return words.filter((_, group) => finder.has(group));
  };
  return { finder, found };
}

test("all that a search in the line's own text finds is found, whatever colours and control characters stand in it", () => {
  const words = ["free", "heap", "ab", "b h", "[0", "m", "é", "12", "9", "z@"];
  const { found } = finderOf(...words);
  const parts = fc.constantFrom(
    "free", "FREE", "he", "ap", "a", "b ", "\u001b[31m", "\u001b[", "[0m", "[0;32m", "[", "]", "[12]", "\u001b", "\u0001", "\t", "\u007f", "\u009f",
    "é", "1", "2", "m", "[9", "Z", "@", "`", "{", ";", "?", "^[", "\\x1b", "(B", "K", "\u241b",
  ); // prettier-ignore
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 14 }), (some) => {
      const line = some.join("");
      const text = logLine(utf8(`x${line}x`), 1).text.toLowerCase();
      const missing = words.filter((word) => text.slice(1, -1).includes(word) && !found(line).includes(word));
      expect(missing).toEqual([]);
    }),
  );
});

describe("one line after the other", () => {
  test("is told of alone, also of whether it holds letters that are not ASCII", () => {
    const { finder, found } = finderOf("free", "é");
    expect([found("free"), finder.isForeign]).toEqual([["free"], false]);
    expect([found("x"), finder.isForeign]).toEqual([[], false]);
    expect([found("é"), finder.isForeign]).toEqual([["é"], true]);
    expect([found("fre"), finder.isForeign]).toEqual([[], false]);
    expect([found(" ree"), finder.isForeign]).toEqual([[], false]);
  });

  test("as far as lines are read", () => {
    const { found } = finderOf("needle");
    expect(found(`${"x".repeat(LINE_BYTES - 6)}needle`)).toEqual(["needle"]);
    expect(found(`${"x".repeat(LINE_BYTES - 5)}needle`)).toEqual([]);
  });

  test("with eight blanks or more read as one", () => {
    const { found } = finderOf("a b", "a  b", "a       b");
    expect(found(`a${" ".repeat(7)}b`)).toEqual(["a       b"]);
    expect(found(`a${" ".repeat(8)}b`)).toEqual(["a b"]);
    expect(found(`a${" ".repeat(20)}b`)).toEqual(["a b"]);
    expect(found(`a ${"\t".repeat(6)} b`)).toEqual(["a b"]);
    expect(found("a  b")).toEqual(["a  b"]);
    expect(found(`a${" ".repeat(3)}xxxx b`)).toEqual([]);
    expect(found(`${" ".repeat(9)}a b`)).toEqual(["a b"]);
  });
});

describe("what is no letter of the text", () => {
  test.for<readonly [string, boolean]>([
    ["fr\u001b[31mee", true],
    ["fr\u001b[31;1mee", true],
    ["fr\u001b[?25hee", true],
    ["fr\u001b[mee", true],
    ["fr\u001b[Aee", true],
    ["fr\u001b[zee", true],
    ["fr\u001bee", true],
    ["fr\u0000ee", true],
    ["fr\u001fee", true],
    ["fr\u0080ee", true],
    ["fr\u009fee", true],
    ["fr\u00a0ee", false],
    ["fr\tee", false],
    ["fr ee", false],
    ["fr\u007fee", true],
    ["fr[0mee", true],
    ["fr[31mee", true],
    ["fr[1;31mee", true],
    ["fr[mee", false],
    ["fr[31xee", false],
    ["fr[ee", false],
    ["fr]ee", false],
    ["fr~ee", false],
    ["fr^[[31mee", true],
    ["fr\\x1b[31mee", true],
    ["fr\u241b[31mee", true],
    ["fr\u001b(Bee", true],
    ["fr\u001b]0;title\u0007ee", true],
    ["fr[0m]ee", false],
  ])("%j holds “free”: %j", ([line, holds]) => {
    const { found } = finderOf("free");
    expect(found(line)).toEqual(holds ? ["free"] : []);
  });

  test("is kept where it is one: brackets, and a colour that the line's end cuts", () => {
    const { found } = finderOf("[12]", "[12", "12");
    expect(found("[12]")).toEqual(["[12]", "[12", "12"]);
    expect(found("[12")).toEqual(["[12", "12"]);
    const bytes = utf8("x[12m");
    const finder = new NeedleFinder(new Needles([["[12"]]));
    finder.look(bytes, 0, bytes.length - 1);
    expect(finder.has(0)).toBe(true);
  });
});

test("capitals are found as small letters, and nothing but letters", () => {
  const small = [..."abcdefghijklmnopqrstuvwxyz"];
  const { found } = finderOf(...small, "{", "`");
  for (const letter of small) expect(found(`.${letter.toUpperCase()}.`)).toEqual(expect.arrayContaining([letter]));
  expect([found("["), found("@")].map((some) => some.filter((one) => "{`".includes(one)))).toEqual([[], []]);
});

test("the groups that a line holds are gone through, and those of the line before are not", () => {
  const finder = new NeedleFinder(new Needles([["free"], ["heap"], ["ram"]]));
  const some = (line: string, first: number): number[] => {
    const asked: number[] = [];
    finder.look(utf8(line), 0, line.length);
    finder.hasSome(first, (group) => asked.push(group) < 0);
    return asked;
  };
  expect(some("heap free heap", 0)).toEqual([1, 0]);
  expect(some("heap free ram", 1)).toEqual([1, 2]);
  expect(some("none", 0)).toEqual([]);
  finder.look(utf8("ram"), 0, 3);
  expect([finder.hasSome(2, () => true), finder.hasSome(3, () => true), finder.hasSome(0, () => false)]).toEqual([true, false, false]); // prettier-ignore
  expect([finder.hasAll([]), finder.hasAll([2]), finder.hasAll([2, 0]), finder.hasAll([0, 2])]).toEqual([true, true, false, false]); // prettier-ignore
});

test("a picture of a control character is none of the text's letters, what looks nearly so is one", () => {
  const { found } = finderOf("free");
  for (const picture of ["\u2400", "\u241f"]) expect(found(`fr${picture}ee`)).toEqual(["free"]);
  for (const other of ["\u23ff", "\u2420", "\u2440", "\u2500", "\u3400"]) expect(found(`fr${other}ee`)).toEqual([]);
});

test("groups of patterns and words; one that needs no certain word is always there", () => {
  const finder = new NeedleFinder(new Needles([[/free|heap/], [/\d+/], ["", "x"], ["fre", "ree"], [/never/, "eap"]]));
  const groups = (line: string): number[] => {
    finder.look(utf8(line), 0, line.length);
    return [0, 1, 2, 3, 4].filter((group) => finder.has(group));
  };
  expect(groups("free")).toEqual([0, 1, 2, 3]);
  expect(groups("heap")).toEqual([0, 1, 2, 4]);
  expect(groups("")).toEqual([1, 2]);
});

test.for<readonly [RegExp, readonly string[] | undefined]>([
  [/a[bc]d/, ["abd", "acd"]],
  [/a[bcde]f/, ["abf", "acf", "adf", "aef"]],
  [/a[bcdef]gh/, ["gh"]],
  [/a[^b]cd/, ["cd"]],
  [/a[b-d]ef/, ["ef"]],
  [/ab-[x-]y/, ["ab--y", "ab-xy"]],
  [/\p{L}ab/u, ["ab"]],
  [/a\p{Lu}bcd/u, ["bcd"]],
  [/a\.b/, ["a.b"]],
  [/a\wbc/, ["bc"]],
  [/ab+cd/, ["cd"]],
  [/ab{2}cde/, ["cde"]],
  [/(?:abc){1,3}/, ["abc"]],
  [/(?:abc){0,3}/, undefined],
  [/(?:abc)?de/, ["de", "abcde"]],
  [/(?:a|b|c|d)(?:a|b|c|d)(?:a|b|c|d)e/, ["a", "b", "c", "d"].flatMap((a) => ["a", "b", "c", "d"].flatMap((b) => ["a", "b", "c", "d"].map((c) => `${a}${b}${c}e`)))],
  [/(?:a|b|c|d)(?:a|b|c|d)(?:a|b|c|d)(?:a|b)xyz/, ["axyz", "bxyz"]],
  [/abc|/, undefined],
  [/x.*yz/, ["yz"]],
  [/wx.y/, ["wx"]],
  [/ab.cd/, ["ab"]],
  [/(?<name>ab)\bcd$/, ["abcd"]],
  [/(?=x)ab(?!y)(?<=z)(?<!w)c/, ["abc"]],
  [/ABC/, ["abc"]],
  [/ab{cd/, ["ab{cd"]],
  [/(?:a|b|c|d|e)(?:f|g|h|i|j|k|l|m|n|o|p|q|r)x/, [..."fghijklmnopqr"].map((letter) => `${letter}x`)],
  [/(?:a|b|c|d)(?:f|g|h|i|j|k|l|m|n|o|p|q|r|s|t|u)x/, [..."abcd"].flatMap((a) => [..."fghijklmnopqrstu"].map((b) => `${a}${b}x`))],
])("%s needs %j", ([pattern, needles]) => {
  expect(needlesOf(pattern)?.toSorted()).toEqual(needles?.toSorted());
}); // prettier-ignore

test("a pattern that cannot be read to its end is an error", () => {
  const broken = { source: "a)b" } as RegExp;
  expect(() => needlesOf(broken)).toThrow("a pattern that cannot be read: a)b");
});
