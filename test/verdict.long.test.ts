// Every scenario of the simulator, from the planted fault to the verdict: what was planted is found at its site, and what only looks like a
// fault is not called one.
import { beforeAll, describe, expect, test } from "vitest";
import { runScenario } from "../simulator/source.ts";
import { SCENARIOS } from "../simulator/scenarios.ts";
import type { Planted } from "../simulator/scenario.ts";
import { openModel } from "../src/heap/model.ts";
import { RunRecorder } from "../src/heap/run-recorder.ts";
import { makeVerdict, type VerdictView } from "../src/report/verdict.ts";
import { Decoder } from "../src/wire/decoder.ts";
import { atLength, covered } from "./length.ts";
import { simulatorModule } from "./simulator.ts";

let compiled: WebAssembly.Module;
beforeAll(async () => {
  compiled = await simulatorModule();
}, 120_000);

async function verdictOf(scenario: (typeof SCENARIOS)[number], seed: number): Promise<VerdictView> {
  const recorder = new RunRecorder();
  const decoder = new Decoder(recorder);
  for await (const bytes of runScenario(compiled, scenario, { seed })) decoder.push(bytes);
  decoder.end();
  recorder.flush();
  return makeVerdict(await openModel(recorder.run));
}

const seeds = Array.from({ length: atLength({ short: 1, long: 50 }) }, (_, index) => index + 1);

const rules: Partial<Record<Planted["kind"], string>> = {
  leak: "leak",
  "double-free": "double-free",
  overflow: "overflow",
  "write-after-free": "write-after-free",
  "allocation-failure": "allocation-failure",
  fragmentation: "fragmentation",
};

describe.for(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))("%s", ([, scenario]) => {
  test.for(seeds)("seed %i", async (seed) => {
    const verdict = await verdictOf(scenario, seed);
    for (const { kind, at } of scenario.planted) {
      const rule = rules[kind];
      if (rule === undefined) continue;
      const finding = verdict.findings.find((one) => one.rule === rule);
      expect(finding, `${kind} at ${at.function}`).toBeDefined();
      expect(finding?.stations.map(({ site }) => site.function)).toContain(at.function);
    }
    const planted = new Set(scenario.planted.map(({ kind }) => rules[kind]));
    const errors = verdict.findings.filter(({ severity }) => severity === "error");
    expect(errors.filter(({ rule }) => !planted.has(rule))).toEqual([]);
    expect(verdict.coverage).toMatchObject({ complete: true, diverged: 0 });
    covered(`${scenario.name}, seed ${seed}: ${verdict.findings.length} findings`);
  });
});
