import { expect, test } from "vitest";
import { once } from "./once.ts";

test("is worked out when it is first asked for, and not again", () => {
  const asked: number[] = [];
  const value = once((argument: number) => {
    asked.push(argument);
    return undefined;
  });
  expect(asked).toEqual([]);
  expect([value(1), value(2)]).toEqual([undefined, undefined]);
  expect(asked).toEqual([1]);
});
