import { expect, test } from "vitest";
import type { SiteName } from "./names.ts";
import { SHIPPED_SUPPRESSIONS } from "./shipped-suppressions.ts";
import { findSuppression, isBeyond, parseSuppressions } from "./suppressions.ts";

function site(...functions: string[]): SiteName {
  const frames = functions.map((name) => ({ function: name, file: `/src/${name}.c` }));
  return { text: functions[0] ?? "", frames, callers: frames, stack: frames };
}

test("patterns match as LeakSanitizer's do", () => {
  const match = (pattern: string, name: string): boolean =>
    parseSuppressions(`leak:${pattern}`, "x").suppressions[0]?.matches(site(name)) ?? false;
  expect(match("alloc", "tcp_alloc_pcb")).toBe(true);
  expect(match("^alloc", "tcp_alloc")).toBe(false);
  expect(match("alloc$", "tcp_alloc")).toBe(true);
  expect(match("^tcp*pcb$", "tcp_alloc_pcb")).toBe(true);
  expect(match("tcp.alloc", "tcp_alloc")).toBe(false);
  expect(match("/src/*.c", "anything")).toBe(true);
});

test("what a frame does not tell matches nothing", () => {
  const names = [{ function: "send" }, { function: "", file: "" }];
  const matches = (pattern: string): boolean =>
    parseSuppressions(`leak:${pattern}`, "x").suppressions[0]?.matches({ text: "", frames: names, callers: [], stack: [] }) ?? true;
  expect([matches("send"), matches("undefined"), matches("^$")]).toEqual([true, false, false]);
}); // prettier-ignore

test("any frame of the stack counts, and the reason is the comment above", () => {
  const { suppressions } = parseSuppressions("# kept on purpose\nleak:^a$\nleak:^b$\n\nleak:^c$", "mine.supp");
  expect(findSuppression(site("x", "b"), suppressions)?.reason).toBe("kept on purpose");
  expect(findSuppression(site("c"), suppressions)?.reason).toBe("line 5 of mine.supp");
  expect(findSuppression(site("d"), suppressions)).toBeUndefined();
});

test("a comment of several lines is one reason, and ends where the next begins or nothing stands", () => {
  const text = "#one\n# two\nleak:a\nleak:b\n# three\nleak:c\n\nleak:d\n# four\n\n# five\nleak:e";
  expect(parseSuppressions(text, "x").suppressions.map(({ reason }) => reason)).toEqual([
    ...["one two", "one two", "three", "line 8 of x", "five"],
  ]);
});

test("what is no entry is said with its line", () => {
  expect(parseSuppressions("leak:\nrace:x\nleak:ok", "x").problems).toEqual([
    { line: 1, text: "leak:" },
    { line: 2, text: "race:x" },
  ]);
});

test("what memmap ships is well formed, and each entry has a reason", () => {
  const { suppressions, problems } = parseSuppressions(SHIPPED_SUPPRESSIONS, "memmap");
  expect(problems).toEqual([]);
  expect(suppressions.length).toBeGreaterThan(20);
  expect(suppressions.filter(({ reason }) => reason.startsWith("line "))).toEqual([]);
  expect(findSuppression(site("memp_malloc", "tcp_alloc"), suppressions)?.reason).toContain("TIME_WAIT");
});

test("a reason may say how many blocks it explains: steady growth beyond them is not hidden", () => {
  const { suppressions } = parseSuppressions("# at most 16 sockets, 4 timers\nleak:^a$\n\n# a pool\nleak:^b$", "x");
  const [counted, any] = suppressions;
  const beyond = (blocks: number, isClear = true): readonly boolean[] =>
    [counted, any].map((one) => one !== undefined && isBeyond(one, blocks, isClear));
  expect(beyond(16)).toEqual([false, false]);
  expect(beyond(17)).toEqual([true, false]);
  expect(beyond(17, false)).toEqual([false, false]);
});
