import { expect, test } from "vitest";
import { allOf, anyOf, type BlockFilter } from "./filter.ts";

const sizes = (query: string, remark: string, wanted: readonly number[], hasAge = false): BlockFilter => ({
  query,
  hasAge,
  remarks: [remark],
  accepts: (_address, size) => wanted.includes(size),
});

const accepted = (filter: BlockFilter): number[] => [1, 2, 3].filter((size) => filter.accepts(0, size, 0, 0, 0, 0));

test("filters together accept what all of them accept, or any, and tell what each would", () => {
  const [a, b] = [sizes("a", "no a", [1, 2]), sizes("b", "no b", [2, 3], true)];
  for (const [joined, query, found] of [
    [allOf([a, b]), "a b", [2]],
    [anyOf([a, b]), "a or b", [1, 2, 3]],
  ] as const) {
    const told = { query, hasAge: true, remarks: ["no a", "no b"] };
    expect(joined).toEqual({ ...told, accepts: expect.any(Function) as unknown });
    expect(accepted(joined)).toEqual(found);
  }
  expect([allOf([a, a]).hasAge, anyOf([a, a]).hasAge]).toEqual([false, false]);
  expect([allOf([a]), anyOf([b])]).toEqual([a, b]);
  expect([accepted(allOf([])), accepted(anyOf([]))]).toEqual([[1, 2, 3], []]);
});
