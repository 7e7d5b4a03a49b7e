// The half of test/corpus/reported that is developed on: no innocent is accused at error level, and the rates that docs/detectors names hold. Forecasts and more
// seeds: bench/detectors.ts. The short form takes every third program.
import { expect, test } from "vitest";
import { measure, ratesAt, type Judged } from "./corpus/measure.ts";
import { developed } from "./corpus/reported/all.ts";
import { atLength, covered } from "./length.ts";

const step = atLength({ short: 3, long: 1 });
const programs = developed.filter((_, i) => i % step === 0);

const judged: Judged[] = [];
test.for(programs.map((program) => [program.name, program] as const))("%s", async ([, program]) => {
  const one = await measure(program, 1, false);
  judged.push(one);
  expect(
    one.leaks.filter(({ isTrue, isNeutral, finding }) => finding.severity === "error" && !isTrue && !isNeutral),
  ).toEqual([]);
});

test("precision and recall, plans and numbers", () => {
  covered(`${programs.length} programs as people reported them`);
  for (const [level, least] of [
    ["error", 0.95],
    ["warning", 0.9],
  ] as const) {
    const { precision, recall } = ratesAt(judged, level);
    expect(precision).toBeGreaterThanOrEqual(least);
    expect(recall).toBeGreaterThanOrEqual(least);
  }
  const plans = judged.flatMap(({ plans: tried }) => tried);
  expect(plans.filter(({ isSure, works }) => isSure && !works)).toEqual([]);
  const claims = judged.flatMap(({ claims: said }) => said);
  expect(claims.filter(({ holds }) => holds).length).toBeGreaterThanOrEqual(0.95 * claims.length);
});
