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

test("a rule is explained by the detector of the heap before that of logs, and by both", () => {
  for (const [rule, title] of [
    ["leak", /^# Leaks?\b/i],
    ["double-free", /^# .*fault/i],
    ["allocation-failure", /^# .*fail/i],
    ["fragmentation", /^# Fragmentation/i],
  ] as const) {
    expect(explain(rule)).toMatch(title);
    expect(explain(rule)).toContain("# What a console log tells");
  }
});

test("the guide names each rule once and fits 80 columns", () => {
  const listed = GUIDE.slice(GUIDE.indexOf("explains a rule:"))
    .split(/[\s,:]+/)
    .slice(3, -1);
  expect(listed).toEqual([...rulePages().keys()]);
  expect(GUIDE.split("\n").filter((line) => [...line].length > 80)).toEqual([]);
});
