// Which part of a window is looked at.
import { expect, test } from "vitest";
import { lastEvents } from "./context.ts";

test("the end of a window that holds so many events, or all of it", () => {
  const window = { from: 100, to: 300 };
  expect(lastEvents({ rows: 40 }, window, 10)).toEqual({ from: 250, to: 300 });
  expect([0, 1, 10].map((rows) => lastEvents({ rows }, window, 10))).toEqual([window, window, window]);
});
