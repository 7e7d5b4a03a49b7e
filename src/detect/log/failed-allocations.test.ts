import { expect, test } from "vitest";
import { RunRecorder } from "../../heap/run-recorder.ts";
import type { RunIncident } from "../../heap/run-records.ts";
import { makeNames } from "../names.ts";
import { failedAllocations } from "./failed-allocations.ts";

/** Refusals of one kind, each of another size, one a line. */
function refused(kinds: number): RunIncident[] {
  return Array.from({ length: kinds }, (_, i): RunIncident => {
    const quote = `W (10) app: no room for ${i}`;
    const said = { line: i + 1, lastLine: i + 1, quote, count: 1, component: "app", size: 100 + i };
    return { kind: "failed-allocation", boot: 0, time: 0, ...said };
  });
}

test.each([
  [1, 0, undefined],
  [6, 5, undefined],
  [7, 5, "and 1 more kind of them"],
  [9, 5, "and 3 more kinds of them"],
])("of %d kinds of one refusal %d are quoted beside the first, the others counted", (kinds, quoted, rest) => {
  const { findings } = failedAllocations(refused(kinds), makeNames(new RunRecorder().tables));
  const [{ evidence = [], blockCount } = {}] = findings;
  expect(findings.length).toBe(1);
  expect(blockCount).toBe(kinds);
  expect(evidence.filter((text) => text.includes("no room for")).length).toBe(quoted);
  expect(evidence.find((text) => text.includes("of them"))).toBe(rest);
});
