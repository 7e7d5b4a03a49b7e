// One stack for each error, of the place that it is about; a frame without a name has its module.
import { expect, test } from "vitest";
import type { FindingView } from "../../report/finding-view.ts";
import { coloursFor } from "./colours.ts";
import { findingLines } from "./findings.ts";

const site = { text: "list.c:3 add" };
const frame = (name: string, more: object = {}): object => ({ function: name, ...more });
const stack = [frame("add"), frame("fetch", { file: "http.c", line: 9 }), frame("??", { component: "libtls.so" })];
const callers = Array.from({ length: 7 }, (_, i) => frame(`caller_${i}`));

function linesOf(severity: FindingView["severity"], frames: readonly object[], verbose = false): readonly string[] {
  const finding = {
    ...{
      rule: "leak",
      severity,
      confidence: 0.97,
      title: "leak",
      evidence: [],
      next: "fix",
      blocks: [],
      fingerprint: "",
    },
    stations: [
      { role: "allocated", site, frames },
      { role: "allocated", site, frames: [frame("add"), frame("other")] },
    ],
  } as unknown as FindingView;
  return findingLines(finding, { colours: coloursFor({ isTTY: false }), width: 80, verbose });
}

const called = (lines: readonly string[]): readonly string[] => lines.filter((line) => line.includes("called from"));

test("an error has one stack, innermost first; a warning has none", () => {
  expect(called(linesOf("error", stack))).toEqual([
    "      called from fetch (http.c:9)",
    "      called from somewhere in libtls.so",
  ]);
  expect(called(linesOf("warning", stack))).toEqual([]);
  expect(called(linesOf("warning", stack, true))).toHaveLength(3);
});

test("of a long stack the innermost calls are shown, and that there are more", () => {
  const lines = linesOf("error", [frame("add"), ...callers]);
  expect(called(lines)).toHaveLength(5);
  expect(called(lines)[0]).toContain("caller_0");
  expect(lines).toContain("      and 2 more frames (--verbose)");
  expect(called(linesOf("error", [frame("add"), ...callers], true))).toHaveLength(8);
});
