import { expect, test } from "vitest";
import { sanitize } from "./log-text.ts";

test("colours and tabs stay, what would upset a terminal goes", () => {
  expect(sanitize("\u001b[0;32mI (31)\tboot: ok\u001b[0m")).toBe("\u001b[0;32mI (31)\tboot: ok\u001b[0m");
  expect(sanitize("a\u001b[2J\u001b]0;title\u0007b\u0000\ufffdc\u009b")).toBe("a[2J]0;titlebc");
});
