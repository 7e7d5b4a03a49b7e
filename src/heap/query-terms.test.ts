import { expect, test } from "vitest";
import { MemmapError } from "../base/errors.ts";
import { termsOf, type Term } from "./query-terms.ts";

const word = { key: undefined, operator: ":", refuse: false } as const;

test("a query is alternatives of terms, each with its place", () => {
  const terms = (query: string): readonly (readonly Term[])[] => termsOf(query);
  expect(terms("")).toEqual([[]]);
  expect(terms('Task:wifi  -size>=1k "a b"')).toEqual([
    [
      { text: "Task:wifi", column: 1, refuse: false, key: "task", operator: ":", value: "wifi" },
      { text: "-size>=1k", column: 12, refuse: true, key: "size", operator: ">=", value: "1k" },
      { ...word, text: '"a b"', column: 22, value: "a b" },
    ],
  ]);
  expect(terms("a and b or !c && not -d || core=1")).toEqual([
    [
      { ...word, text: "a", column: 1, value: "a" },
      { ...word, text: "b", column: 7, value: "b" },
    ],
    [
      { ...word, text: "!c", column: 12, refuse: true, value: "c" },
      { ...word, text: "-d", column: 22, refuse: false, value: "d" },
    ],
    [{ text: "core=1", column: 28, refuse: false, key: "core", operator: ":", value: "1" }],
  ]);
  for (const operator of [":", ">", "<", ">=", "<="]) {
    expect(terms(`size${operator}7`)).toEqual([
      [{ text: `size${operator}7`, column: 1, refuse: false, key: "size", operator, value: "7" }],
    ]);
  }
});

test("names with :: in them, in quotes, or of a sign alone are words", () => {
  for (const text of ["std::vector<int>", '"size:7"', "-", "!", ":7", "9size:7"]) {
    expect(termsOf(text)).toEqual([[{ ...word, text, column: 1, value: text.replaceAll('"', "") }]]);
  }
});

test.each([
  ['a "b', 3, '"b', "a quote is not closed", 'Add a " to "b.'],
  ["or a", 1, "or", "nothing stands before it", "Write a or b; or a:x,y for x or y of one kind."],
  ["a || || b", 6, "||", "nothing stands before it", "Write a or b; or a:x,y for x or y of one kind."],
  ["a or", 3, "or", "nothing stands after it", "Write a or b; or a:x,y for x or y of one kind."],
  ["abc not", 5, "not", "nothing stands after it", "Write not task:wifi."],
  ["ab size>=", 4, "size>=", "size has no value", "Write size>=something."],
])("%s is refused where it is wrong", (query, column, text, what, hint) => {
  const error = new MemmapError(`the query cannot be read at column ${column}, "${text}": ${what}`, {
    code: "usage-query",
    hint,
  });
  expect(() => termsOf(query)).toThrow(expect.objectContaining({ message: error.message, code: error.code, hint }));
});
