import { expect, test } from "vitest";
import { mutate, mutationsOf } from "./mutations.ts";

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
