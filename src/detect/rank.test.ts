// Which of two findings comes first.
import { expect, test } from "vitest";
import type { Rule } from "./detectors.ts";
import type { Finding } from "./finding.ts";
import { rank } from "./rank.ts";

type Some = Partial<Finding<Rule>>;

/** Whether `first` is told before `second`, whichever was found first. */
function isBefore(first: Some, second: Some): boolean {
  const made = ([title, some]: readonly [string, Some]): Finding<Rule> => ({
    ...{ rule: "leak", severity: "error", confidence: 1, evidence: [], next: "", sites: [], blocks: [], fingerprint: "" },
    ...some,
    title,
  });
  const both = [["first", first], ["second", second]].map((one) => made(one as [string, Some])); // prettier-ignore
  const orders = [both, both.toReversed()].map((found) => rank(found).map(({ title }) => title).join());
  if (orders[0] !== orders[1]) return false;
  return orders[0] === "first,second";
} // prettier-ignore

test("errors before warnings before notes, then what is more urgent, then what comes sooner, then what costs more", () => {
  const [error, warning, note] = (["error", "warning", "note"] as const).map((severity) => ({ severity }));
  expect([isBefore(error ?? {}, warning ?? {}), isBefore(warning ?? {}, note ?? {}), isBefore(error ?? {}, note ?? {})]).toEqual([true, true, true]);
  expect(isBefore({ rule: "double-free", bytes: 1 }, { rule: "leak", bytes: 1000 })).toBe(true);
  expect(isBefore({ rule: "churn", severity: "warning" }, { rule: "double-free", severity: "note" })).toBe(true);
  const comesIn = (likely: number): Some => ({ expected: { earliest: 0, likely }, bytes: 1 });
  expect(isBefore(comesIn(5), comesIn(6))).toBe(true);
  expect(isBefore(comesIn(5), { bytes: 1000 })).toBe(true);
  expect(isBefore({ bytes: 11 }, { bytes: 10 })).toBe(true);
  expect(isBefore({ bytes: 1 }, {})).toBe(true);
  expect(isBefore({ bytesPerHour: 11, bytes: 1 }, { bytesPerHour: 10, bytes: 10 })).toBe(true);
  expect(isBefore({ bytesPerHour: 1 }, {})).toBe(true);
  expect(isBefore({ bytes: 11, bytesPerHour: 3 }, { bytes: 10, bytesPerHour: 9 })).toBe(true);
  expect(isBefore({ bytes: 100, confidence: 0.6 }, { bytes: 110, confidence: 0.5 })).toBe(true);
}); // prettier-ignore

test("what is equal stays as it was found", () => {
  expect([isBefore({ bytes: 5 }, { bytes: 5 }), isBefore({}, {}), isBefore({ bytes: 1, bytesPerHour: 4 }, { bytes: 4 })]).toEqual([false, false, false]);
}); // prettier-ignore
