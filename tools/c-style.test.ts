// One brace style in all C, as .clang-format has it: a function's on a line of its own, any other at the end of the line that it belongs to.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const files = execFileSync("git", ["ls-files", "*.c", "*.h"], { encoding: "utf8" }).trim().split("\n");

test.each([
  ["a function's brace at the end of its line", /^[A-Za-z_].*\) \{$/],
  ["any other brace on a line of its own", /^\s+\{$/],
])("nowhere %s", (_what, pattern) => {
  const found = files.flatMap((file) => {
    const lines = readFileSync(file, "utf8").split("\n");
    return lines.flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1} ${line}`] : []));
  });
  expect(found).toEqual([]);
});
