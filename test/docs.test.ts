// docs/life-of-an-allocation.md and docs/common-tasks.md name what exists.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const pages = ["docs/life-of-an-allocation.md", "docs/common-tasks.md"];
const sources = execFileSync("git", ["ls-files", "src/*.ts", "simulator/*.ts", "test/*.ts", "firmware/*.[ch]"], {
  encoding: "utf8",
});
const text = sources
  .trim()
  .split("\n")
  .filter((path) => existsSync(path))
  .map((path) => readFileSync(path, "utf8"))
  .join("\n");

test.each(pages)("every function and file that %s names exists", (page) => {
  const code = [...readFileSync(page, "utf8").matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "");
  const functions = code.flatMap((one) => /^(?:\w+\.)?(\w+)\(\)$/.exec(one)?.[1] ?? []);
  expect(functions.length).toBeGreaterThan(3);
  expect(functions.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
  const files = code.filter(
    (one) => /^(src|test|simulator|firmware|docs|protocol)\/[\w./-]+$/.test(one) && !/NAME|PAGE/.test(one),
  );
  expect(files.filter((path) => !existsSync(path) && !existsSync(`firmware/memmap/${path}`))).toEqual([]);
});
