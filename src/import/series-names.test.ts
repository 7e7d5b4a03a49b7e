// A series' name: the words beside its number, without what only sets them off.
import { expect, test } from "vitest";
import { describe as describeMeaning, labelOf } from "./series-names.ts";

test.each<readonly [string, string]>([
  ["free heap", "free heap"],
  [' | > "free heap": (', "free heap"],
  ["[free] = ", "[free]"],
  ["“free”|", "free"],
  ["(now ", "now"],
  ["(heap) free", "(heap) free"],
  ["chip=A1B2 fw=1.4.2 heap_free=", "heap_free"],
  ["heap = free", "heap = free"],
])("%j is %j", (label, name) => {
  expect(labelOf(label, "the line")).toBe(name);
});

test("names have sixty letters, of two hundred, and else begin as the line does", () => {
  expect(labelOf("x".repeat(61), "")).toBe("x".repeat(60));
  expect(labelOf(`ab${"x".repeat(59)}`, "")).toBe(`b${"x".repeat(59)}`);
  expect(labelOf(`ab${":".repeat(199)}`, "the line")).toBe("b");
  expect(labelOf(`ab${":".repeat(200)}`, "the line")).toBe("the line");
  expect(labelOf(" : ", "q".repeat(50))).toBe("q".repeat(40));
});

test("what a figure is taken for", () => {
  expect(describeMeaning({ quantity: "free", memory: "psram" })).toBe("PSRAM free memory");
  expect(describeMeaning({ quantity: "minimum", memory: "any" })).toBe("least ever free");
});
