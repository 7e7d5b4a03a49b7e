import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { markReached, mutate, mutationsOf } from "./mutations.ts";

function all(text: string): string[] {
  return mutationsOf("x.ts", text).map((mutation) => mutate(text, mutation));
}

test("comparisons, signs, constants, booleans, negations and returns are changed one at a time", () => {
  expect(all("if (a < 1) b += 2;")).toEqual([
    "if (a >= 1) b += 2;",
    "if (a < 2) b += 2;",
    "if (a < 1) b -= 2;",
    "if (a < 1) b += 3;",
  ]);
  expect(all("const x = !y && true;")).toEqual([
    "const x = (y) && true;",
    "const x = !y || true;",
    "const x = !y && false;",
  ]);
  expect(all("function f() { return g(a); }")).toEqual(["function f() { return undefined; }"]);
});

test("types, imports, keys, joined texts and assertions stay", () => {
  expect(
    all('import { a } from "a";\ntype T = 1 | 2;\ninterface I { readonly x: true }\nlet z: -1 = f({ 1: x });'),
  ).toEqual([]);
  expect(all('const text = "a" + b;\nassert(i < 3, "inside");')).toEqual([]);
});

test("a program that tells which places it comes to does what it did", () => {
  const text = `let sum = 0;
for (let i = 1; i <= 4; i++) {
  if (i > 9 && i < 99) sum -= 1;
  sum += -i * (2 - 1);
}
function never() { return !(1 < 2) || sum; }
sum;`;
  const mutations = mutationsOf("x.ts", text);
  const reached = new Set<number>();
  const tell = (place: number): void => void reached.add(place);
  expect(runInNewContext(markReached(text, mutations, "tell"), { tell })).toBe(-10);
  const unreached = mutations.filter((_, index) => !reached.has(index)).map((mutation) => mutate(text, mutation));
  expect(
    unreached.map((changed) =>
      changed
        .split("\n")
        .filter((line) => !text.includes(line))
        .join(),
    ),
  ).toEqual([
    "  if (i > 9 && i >= 99) sum -= 1;",
    "  if (i > 9 && i < 100) sum -= 1;",
    "  if (i > 9 && i < 99) sum += 1;",
    "  if (i > 9 && i < 99) sum -= 2;",
    "function never() { return ((1 < 2)) || sum; }",
    "function never() { return undefined; }",
    "function never() { return !(2 < 2) || sum; }",
    "function never() { return !(1 >= 2) || sum; }",
    "function never() { return !(1 < 3) || sum; }",
    "function never() { return !(1 < 2) && sum; }",
  ]);
});
