// Which line goes with the steps of a series, which numbers may be free memory, and what was free around an accident: by plain accounts of them.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CandidateFinder, sayCandidate } from "./candidates.ts";
import { Companions } from "./companions.ts";

const line = (number: number, text: string, isWarning?: boolean) => ({ number, text, ...(isWarning !== undefined && { isWarning }) }); // prettier-ignore

/** Between two steps each event came so often. */
function companionOf(drops: readonly number[], counts: Readonly<Record<string, readonly number[]>>, warnings: readonly string[] = []): string | undefined {
  const companions = new Companions();
  let number = 0;
  drops.forEach((drop, step) => {
    for (const [key, often] of Object.entries(counts)) {
      for (let i = 0; i < (often[step] ?? 0); i++) companions.event(line(++number, `${key} connect`, warnings.includes(key)), key);
    }
    companions.step(1, drop, number);
  });
  const found = companions.of(1);
  return found?.quote.replace(" connect", "");
} // prettier-ignore

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (some: readonly number[]): number => some.reduce((sum, one) => sum + one, 0) / some.length;
  const [ma, mb] = [mean(a), mean(b)];
  const sum = (of: (i: number) => number): number => a.reduce((total, _, i) => total + of(i), 0);
  const both = sum((i) => ((a[i] ?? 0) - ma) * ((b[i] ?? 0) - mb));
  return both / Math.sqrt(sum((i) => ((a[i] ?? 0) - ma) ** 2) * sum((i) => ((b[i] ?? 0) - mb) ** 2));
}

describe("companions", () => {
  test("are lines whose number between readings goes with what is lost, by their correlation", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(4), fc.integer({ min: -40, max: 40 }), fc.nat(300)), { minLength: 4, maxLength: 10 }),
        (steps) => {
          const counts = steps.map(([count]) => count);
          const drops = steps.map(([count, noise], i) => count * 100 + (i % 2 === 0 ? noise : 0));
          fc.pre(new Set(counts).size > 1 && new Set(drops).size > 1);
          const r = correlation(counts, drops);
          fc.pre(Math.abs(r - 0.9) > 1e-6);
          // The first reading has no step before it.
          expect(companionOf([0, ...drops], { one: [1, ...counts] })).toBe(r >= 0.9 ? "one" : undefined);
        },
      ),
    );
  });

  test("that come exactly once in each step go with it, of two or more; a warning before others", () => {
    expect(companionOf([0, 5, 7], { one: [0, 1, 1] })).toBe("one");
    expect(companionOf([0, 5], { one: [0, 1] })).toBeUndefined();
    expect(companionOf([0, 5, 7], { one: [3, 1, 1] })).toBe("one");
    expect(companionOf([0, 5, 7], { one: [0, 2, 2] })).toBeUndefined();
    expect(companionOf([0, 5, 7], { one: [0, 1, 0] })).toBeUndefined();
    expect(companionOf([0, 5, 7], { one: [0, 1, 1], two: [0, 1, 1] })).toBe("two");
    expect(companionOf([0, 5, 7], { one: [0, 1, 1], two: [0, 1, 1] }, ["one"])).toBe("one");
  });

  test("need four steps that differ for a correlation, and it says more than once in each step", () => {
    expect(companionOf([0, 100, 200, 300], { one: [0, 1, 2, 3] })).toBeUndefined();
    expect(companionOf([0, 100, 200, 300, 400], { one: [0, 1, 2, 3, 4] })).toBe("one");
    expect(companionOf([0, 100, 100, 100, 100], { one: [0, 1, 2, 3, 4] })).toBeUndefined();
    expect(companionOf([0, 100, 200, 300, 400], { two: [0, 1, 1, 1, 1], one: [0, 1, 2, 3, 4] })).toBe("one");
    expect(companionOf([0, -100, -200, -300, -400], { one: [0, 1, 2, 3, 4] })).toBeUndefined();
    // 0.86 by itself, 0.91 as a warning.
    const drops = [0, 100, 200, 300, 400, 260];
    const counts = [0, 1, 2, 3, 4, 0];
    expect(companionOf(drops, { one: counts })).toBeUndefined();
  });

  test("that come later count from there; one that never came between is none", () => {
    const companions = new Companions();
    for (const drop of [0, 100, 100]) companions.step(1, drop, 9);
    for (const count of [1, 2, 3, 4]) {
      for (let i = 0; i < count; i++) companions.event(line(7, "connect"), "a");
      companions.step(1, count * 50, 9);
    }
    expect(companions.of(1)).toEqual({ quote: "connect", line: 7 });
    expect(companions.of(2)).toBeUndefined();
  });

  test("are asked for by words or as warnings, forty-eight of them, and quoted in 160 letters", () => {
    const watched = (count: number, text: string, isWarning?: boolean): string | undefined => {
      const companions = new Companions();
      for (let i = 1; i < count; i++) companions.event(line(i, "connect"), `x${i}`);
      companions.step(1, 0, 9);
      for (const drop of [5, 7]) {
        companions.event(line(count, text, isWarning), "a");
        companions.step(1, drop, 9);
      }
      return companions.of(1)?.quote;
    };
    expect([watched(1, "said"), watched(1, "said", true), watched(1, "client"), watched(1, "said", false)]).toEqual([undefined, "said", "client", undefined]); // prettier-ignore
    expect([watched(48, "client"), watched(49, "client")]).toEqual(["client", undefined]);
    expect(watched(1, `client ${"x".repeat(200)}`)).toHaveLength(160);
  });

  test("of those that come as often the one right before the reading goes with it", () => {
    expect(companionOf([0, 5, 7, 9], { far: [0, 1, 1, 1], near: [0, 1, 1, 1] })).toBe("near");
  });

  test("that are only counted count as well", () => {
    const companions = new Companions();
    companions.event(line(1, "connect"), "a");
    companions.step(1, 0, 9);
    for (const count of [1, 2, 3, 4]) {
      for (let i = 0; i < count; i++) companions.again("a", 9);
      companions.again("unknown", 9);
      companions.step(1, count * 50, 9);
    }
    expect(companions.of(1)).toEqual({ quote: "connect", line: 1 });
  });
});

describe("numbers that behave like free memory", () => {
  const best = (...lists: readonly (readonly number[])[]) => {
    const finder = new CandidateFinder();
    lists.forEach(
      (values, i) =>
      values.forEach((value, at) => finder.line({ text: `pool${"abcdef"[i] ?? ""} level ${value}`, tags: [], number: at + 1 })), // prettier-ignore
    );
    return finder.best().map(({ label, first, last, count }) => `${label}: ${first} … ${last}, ${count}`);
  };
  const one = ["poola level: 5000 … 4500, 5"];

  test.for<readonly [string, readonly number[], readonly string[]]>([
    ["five that fall", [5000, 4900, 4800, 4700, 4500], one],
    ["four", [5000, 4900, 4800, 4500], []],
    ["one fall in four steps", [5000, 5100, 5200, 5300, 4500], one],
    ["none in four", [4500, 4600, 4700, 4800, 5000], []],
    ["one in five", [5000, 5100, 5200, 5300, 5400, 4500], []],
    ["always the same", [5000, 5000, 5000, 5000, 5000], []],
    ["the least that counts", [5000, 4000, 3000, 2500, 2048], ["poola level: 5000 … 2048, 5"]],
    ["less than that", [5000, 4000, 3000, 2500, 2047], []],
    ["an eighth", [32_000, 4000, 32_000, 4000, 32_000], []],
    ["more than an eighth", [32_000, 4001, 32_000, 4001, 32_000], ["poola level: 32000 … 32000, 5"]],
    ["the most", [8_388_608, 8_000_000, 7_000_000, 6_000_000, 5_000_000], ["poola level: 8388608 … 5000000, 5"]],
    ["more than the most", [8_388_609, 8_000_000, 7_000_000, 6_000_000, 5_000_000], []],
  ])("%s", ([, values, expected]) => {
    expect(best(values)).toEqual(expected);
  });

  test("the three that come most often, best first", () => {
    const falling = (count: number): number[] => Array.from({ length: count }, (_, i) => 9000 - i);
    expect(best(falling(6), falling(8), falling(5), falling(7))).toEqual([
      "poolb level: 9000 … 8993, 8", "poold level: 9000 … 8994, 7", "poola level: 9000 … 8995, 6",
    ]); // prettier-ignore
  });

  test("of 256 kinds of lines, and not where words or units say that they are something else", () => {
    const finder = new CandidateFinder();
    const tell = (text: string): void => {
      for (let i = 0; i < 5; i++) finder.line({ text: text.replace("#", String(9000 - i)), tags: [], number: 1 });
    };
    for (const text of ["level 12 # %", "stack #", "wait # ms", "free heap #", "one 999"]) tell(text);
    expect(finder.best()).toEqual([]);
    for (let i = 4; i < 255; i++)
      finder.line({ text: `kind ${"x".repeat(i % 16)} ${"y".repeat(i >> 4)} 1234`, tags: [], number: 1 });
    tell("last #");
    tell("late #");
    tell("last #");
    expect(finder.best().map(({ label, count }) => [label, count])).toEqual([["last", 10]]);
  });

  test("are offered by the words before them", () => {
    const told = { line: 3, first: 9000, last: 8000, lowest: 8000, highest: 9000, count: 5, falls: 4 };
    expect(sayCandidate({ ...told, label: "] pool level = (" })).toBe("“pool level” (line 3: 9000 … 8000 in 5 lines): --series 'free=pool level'"); // prettier-ignore
    expect(sayCandidate({ ...told, label: " : " })).toBe("the number that stands alone (line 3: 9000 … 8000 in 5 lines): --series 'free='"); // prettier-ignore
  });
});
