import { expect, test } from "vitest";
import { parseSize } from "./size.ts";

test.each([
  ["64", 64],
  [" 4k ", 4096],
  ["1.5 MiB", 1.5 * 2 ** 20],
  ["16KB", 16_384],
  ["", undefined],
  ["k", undefined],
  ["-4", undefined],
  ["4 apples", undefined],
])("%s", (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});
