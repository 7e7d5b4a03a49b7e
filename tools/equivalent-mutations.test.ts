import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "./build-c.ts";
import { describeMutation, equivalentMutations } from "./equivalent-mutations.ts";
import { mutationsOf } from "./mutations.ts";

test("each change that changes nothing can be made, and has a reason", () => {
  const listed = equivalentMutations();
  const possible = new Set<string>();
  for (const path of new Set([...listed.keys()].map((change) => change.split("  ", 1)[0] ?? ""))) {
    const file = join(projectRoot, path);
    if (!existsSync(file)) continue;
    const text = readFileSync(file, "utf8");
    for (const mutation of mutationsOf(path, text)) possible.add(`${path}  ${describeMutation(text, mutation)}`);
  }
  expect([...listed.keys()].filter((change) => !possible.has(change))).toEqual([]);
  expect([...listed].filter(([, reason]) => !/^[A-Z].{10,}\.$/.test(reason))).toEqual([]);
});
