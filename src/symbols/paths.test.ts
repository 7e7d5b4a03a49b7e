import { expect, test } from "vitest";
import { joinPath, normalizePath, pathUnder } from "./paths.ts";
import { Budget, ProblemList } from "./problems.ts";

test.each([
  [["a", "b"], "a/b"],
  [["a", "/b"], "/b"],
  [["a", "", "b"], "a/b"],
  [["", "b"], "b"],
  [[], ""],
  [["/a", "..", "b"], "/b"],
  [["C:\\a", "b"], "C:/a/b"],
  [["a", "C:\\b"], "C:/b"],
  [["a", "c:/b"], "c:/b"],
  [["a", "\\b"], "/b"],
  [["a", "c:b"], "a/c:b"],
])("%j joined", (parts, joined) => {
  expect(joinPath(...parts)).toBe(joined);
});

test.each([
  ["a/./b", "a/b"],
  ["./a", "a"],
  ["a//b", "a/b"],
  ["/a/../b", "/b"],
  ["/../b", "/b"],
  ["/a/../../b", "/b"],
  ["../b", "../b"],
  ["../../b", "../../b"],
  ["a/../../b", "../b"],
  ["a/..", ""],
  ["/a/..", "/"],
  ["a/.b", "a/.b"],
  ["a\\b\\..\\c", "a/c"],
  ["a/b", "a/b"],
])("%s is %s", (path, normal) => {
  expect(normalizePath(path)).toBe(normal);
});

test.each([
  ["/a/b/c.c", "/a/b", "c.c"],
  ["/a/b/c.c", "/a/b/", "c.c"],
  ["/a/bc.c", "/a/b", undefined],
  ["/a/b", "/a/b", undefined],
  ["/x/c.c", "/a", undefined],
  ["/a/c.c", "", undefined],
  ["/a/c.c", "/", "a/c.c"],
])("%s under %s", (path, root, rest) => {
  expect(pathUnder(path, root)).toBe(rest);
});

test("problems are counted by their kind, with the first one's words", () => {
  const problems = new ProblemList();
  expect(problems.list()).toEqual([]);
  problems.add("a", "first");
  problems.add("b", "other");
  problems.add("a", "second");
  expect(problems.list()).toEqual([
    { code: "a", message: "first", count: 2 },
    { code: "b", message: "other", count: 1 },
  ]);
});

test("a budget gives what it has, and then nothing", () => {
  const budget = new Budget(5);
  expect([budget.take(3), budget.take(2), budget.take(0), budget.take(1), budget.take(0)]).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});
