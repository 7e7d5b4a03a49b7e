import { expect, test } from "vitest";
import { commands } from "./commands.ts";
import { explain, GUIDE, rulePages } from "./guide.ts";

test("the guide names commands that exist", () => {
  const names = new Set(commands.map(({ name }) => name));
  const named = [...GUIDE.matchAll(/(?:^|[ :])memmap ([a-z]+)\b/gm)].map(([, name = ""]) => name);
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !names.has(name))).toEqual([]);
});

test("every rule has a page that names it", () => {
  for (const rule of rulePages().keys()) expect(explain(rule), rule).toContain(rule);
});
