// Precision and recall of the detectors on programs of which it is known what is wrong with them. More seeds: bench/detectors.ts.
import { describe, expect, test } from "vitest";
import { healthyPrograms } from "./corpus/healthy.ts";
import { leakingPrograms } from "./corpus/leaking.ts";
import { otherPrograms } from "./corpus/other-faults.ts";
import { judge, scoreOf, type Outcome } from "./corpus/score.ts";

const seeds = [1, 2];

describe("corpus", () => {
  const outcomes: Outcome[] = [];

  test.for(healthyPrograms.map((program) => [program.name, program] as const))("healthy: %s", async ([, program]) => {
    for (const seed of seeds) {
      const outcome = await judge(program, seed);
      outcomes.push(outcome);
      expect(outcome.findings.filter(({ severity }) => severity === "error")).toEqual([]);
    }
  });

  test.for(leakingPrograms.map((program) => [program.name, program] as const))("leaks: %s", async ([, program]) => {
    for (const seed of seeds) {
      const outcome = await judge(program, seed);
      outcomes.push(outcome);
      expect(outcome.invented).toEqual([]);
    }
  });

  test.for(otherPrograms.map((program) => [program.name, program] as const))("others: %s", async ([, program]) => {
    const outcome = await judge(program, 1);
    outcomes.push(outcome);
    expect({ missed: outcome.missed, invented: outcome.invented }).toEqual({ missed: [], invented: [] });
  });

  test("precision and recall of the leak detector are at least 0.95", () => {
    const score = scoreOf(outcomes).find(({ detector }) => detector === "leaks");
    expect(score?.precision).toBeGreaterThanOrEqual(0.95);
    expect(score?.recall).toBeGreaterThanOrEqual(0.95);
  });
});
