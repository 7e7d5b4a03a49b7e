// Precision and recall of the detectors on programs of which it is known what is wrong with them. More seeds: bench/detectors.ts.
import { describe, expect, test } from "vitest";
import { detectors } from "../src/detect/detectors.ts";
import { detect } from "../src/detect/run.ts";
import { openModel } from "../src/heap/model.ts";
import { allPrograms } from "./corpus/all.ts";
import { keptByEspIdf } from "./corpus/esp-idf.ts";
import { leakingPrograms } from "./corpus/leaking.ts";
import { Program } from "./corpus/program.ts";
import { detectorOf, heapDetectors, judge, scoreOf, type Outcome } from "./corpus/score.ts";
import { linesOf } from "./finding-text.ts";
import { recordRun } from "./heap-text.ts";

const outcomes: Outcome[] = [];

/** Leaks are a matter of chance, in the program and in the judgement: two runs, and a score at the end. */
const chancy = allPrograms.filter((program) => leakingPrograms.includes(program) || program.tempts?.includes("leaks"));
const certain = allPrograms.filter((program) => !chancy.includes(program));

test.for(chancy.map((program) => [program.name, program] as const))("%s", async ([, program]) => {
  for (const seed of [1, 2]) {
    const outcome = await judge(program, seed);
    outcomes.push(outcome);
    if (program.expect.length > 0) expect(outcome.invented).toEqual([]);
    else expect(outcome.findings.filter(({ severity }) => severity === "error")).toEqual([]);
  }
});

test.for(certain.map((program) => [program.name, program] as const))("%s", async ([, program]) => {
  const outcome = await judge(program, 1);
  outcomes.push(outcome);
  expect({ missed: outcome.missed, invented: outcome.invented }).toEqual({ missed: [], invented: [] });
});

/** What is said of each program, to be looked at when it changes: `npx vitest run test/corpus.test.ts -u` writes it anew (see answers.test.ts). */
test("every program's findings, word by word", async () => {
  const text = outcomes.map(({ program, seed, findings }) =>
    [`## ${program.name}, seed ${seed}`, ...findings.flatMap(linesOf)].join("\n"),
  );
  await expect(`${text.join("\n\n")}\n`).toMatchFileSnapshot("answers/corpus.txt");
});

test("precision and recall are at least 0.95 for every detector", () => {
  const scores = scoreOf(outcomes);
  expect(scores.map(({ detector }) => detector)).toEqual(heapDetectors.map(({ name }) => name));
  for (const { precision, recall } of scores) {
    expect(precision).toBeGreaterThanOrEqual(0.95);
    expect(recall).toBeGreaterThanOrEqual(0.95);
  }
});

test("every finding has evidence, a place in the code and a next step", () => {
  for (const { findings } of outcomes) {
    for (const { rule, title, evidence, sites, next } of findings) {
      expect({ rule, title, evidence: evidence.length > 0, sites: sites.length > 0, next: next.length > 10 }).toEqual({
        ...{ rule, title, evidence: true, next: true },
        // Who keeps a heap split, or carries its growth, is not always known.
        sites: rule === "fragmentation" || rule === "exhaustion" ? (expect.any(Boolean) as boolean) : true,
      });
    }
  }
});

test("a warning that is not sure ends in what would make it surer", () => {
  const unsure = outcomes
    .flatMap(({ findings }) => findings)
    .filter(({ severity, confidence }) => severity === "warning" && confidence < 0.95);
  expect(unsure.length).toBeGreaterThan(10);
  for (const { title, next } of unsure) expect(next, title).toMatch(/surer|record longer/);
});

test("the corpus makes most rules speak", () => {
  expect(new Set(outcomes.flatMap(({ findings }) => findings.map(({ rule }) => rule))).size).toBeGreaterThan(15);
});

const inGroups = ["linear leak", "double free", "request that fails in a split heap", "memory that will be used up"];
test.for(allPrograms.filter(({ name }) => inGroups.includes(name)).map((one) => [one.name, one] as const))(
  "%s: each group of detectors alone finds what it finds among all",
  async ([, program]) => {
    const model = await openModel(recordRun((sink) => program.play(new Program(sink, 1))));
    const { findings } = await detect(model);
    for (const group of new Set(detectors.map((detector) => detector.group))) {
      const rules = new Set<string>(detectors.flatMap((one) => (one.group === group ? Object.keys(one.rules) : [])));
      const alone = await detect(model, { group });
      expect(alone.findings).toEqual(findings.filter(({ rule }) => rules.has(rule)));
    }
  },
);

describe("each detector", () => {
  test.for(heapDetectors.map(({ name }) => [name]))(
    "%s finds something, and is tempted by something healthy",
    ([one]) => {
      expect(allPrograms.filter(({ expect: all }) => all.some(({ rule }) => detectorOf(rule) === one))).not.toEqual([]);
      expect(allPrograms.filter(({ tempts = [] }) => tempts.some((detector) => detector === one))).not.toEqual([]);
    },
  );
});

test.for(keptByEspIdf.map((one) => [one.name, one] as const))(
  "%s: named as a leak under any other name",
  async ([name, { place, play }]) => {
    const own = await judge({ name, expect: [], play: (p) => play(p, place) }, 1);
    const note = own.findings.find(({ evidence }) => evidence.some((sentence) => sentence.startsWith("Expected: ")));
    expect(note?.severity).toBe("note");
    const renamed = {
      name,
      expect: [{ rule: "leak" as const, function: "mine" }],
      play: (p: Program) => play(p, "mine:block"),
    };
    expect((await judge(renamed, 1)).found).toEqual(["leaks: mine"]);
  },
);
