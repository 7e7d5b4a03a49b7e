// Plays corpus programs, asks the detectors, and counts what they found against what is known.
import { assertDefined } from "../../src/base/assert.ts";
import { detectors, type DetectorName, type Rule } from "../../src/detect/detectors.ts";
import type { Finding } from "../../src/detect/finding.ts";
import { detect } from "../../src/detect/run.ts";
import { openModel } from "../../src/heap/model.ts";
import { recordRun } from "../heap-text.ts";
import { Program, type CorpusProgram, type Expectation } from "./program.ts";

/** Findings of one program and seed. */
export interface Outcome {
  readonly program: CorpusProgram;
  readonly seed: number;
  readonly findings: readonly Finding<Rule>[];
  /** `rule function` of what was found and what was expected. */
  readonly found: readonly string[];
  readonly missed: readonly string[];
  readonly invented: readonly string[];
}

/** Those that judge what happens on a heap. What is said of console logs is proven on logs: test/log-cases, log-dressed and log-healthy. */
export const heapDetectors = detectors.filter(({ name }) => !name.startsWith("log "));

function ofRule(rule: Rule): (typeof detectors)[number] {
  return assertDefined(
    detectors.find(({ rules }) => rule in rules),
    rule,
  );
}

export function detectorOf(rule: Rule): DetectorName {
  return ofRule(rule).name;
}

export async function judge(program: CorpusProgram, seed: number): Promise<Outcome> {
  const model = await openModel(recordRun((sink) => program.play(new Program(sink, seed, program.board))));
  const { findings, names } = await detect(model);
  const expects = (detector: DetectorName): boolean => program.expect.some(({ rule }) => detectorOf(rule) === detector);
  const said = findings.filter(({ severity, rule }) => {
    const detector = detectorOf(rule);
    if (program.mayAlso?.includes(rule)) return false;
    // Whatever leaks uses the memory up one day; programs that expect the forecast say so.
    if (detector === "forecast" && expects("leaks") && !expects("forecast")) return false;
    // Set-up that stays is told of nearly every program, and rightly.
    if (detector === "kept") return expects("kept") || program.tempts?.includes("kept") === true;
    // A note says by itself that it may be nothing; advice is never more than a note.
    return severity !== "note" || ofRule(rule).group === "advice";
  });
  const keys = said.map((finding) => keyOf(finding.rule, names.site(finding.sites[0]?.site ?? 0).function));
  const isFound = (one: Expectation): boolean =>
    said.some(
      (finding, index) =>
        keys[index] === keyOf(one.rule, one.function) &&
        (one.evidence === undefined || finding.evidence.some((sentence) => one.evidence?.test(sentence) === true)),
    );
  const expected = program.expect.map((one) => keyOf(one.rule, one.function));
  return {
    program,
    seed,
    findings,
    found: keys.filter((key) => expected.includes(key)),
    missed: program.expect.filter((one) => !isFound(one)).map((one) => keyOf(one.rule, one.function)),
    invented: keys.filter((key) => !expected.includes(key)),
  };
}

/** Detectors whose rules are one answer in different words: a leak by a task that ended may be called either. */
const oneAnswer: ReadonlySet<DetectorName> = new Set(["leaks", "waste"]);
/** Detectors that speak of the whole heap, not of a place. */
const placeless: ReadonlySet<DetectorName> = new Set(["forecast", "fragmentation", "kept", "restarts"]);

function keyOf(rule: Rule, place: string | undefined): string {
  const detector = detectorOf(rule);
  if (placeless.has(detector)) return detector;
  return `${oneAnswer.has(detector) ? detector : rule}: ${place ?? "?"}`;
}

export interface Score {
  readonly detector: DetectorName;
  readonly found: number;
  readonly missed: number;
  readonly invented: number;
  /** 1 where there was nothing to find, or nothing said. */
  readonly precision: number;
  readonly recall: number;
}

/** One for each detector that found, missed or invented anything. */
export function scoreOf(outcomes: readonly Outcome[]): readonly Score[] {
  return heapDetectors.flatMap(({ name: detector }) => {
    const count = (kind: "found" | "missed" | "invented"): number =>
      outcomes.reduce(
        (sum, outcome) => sum + [...new Set(outcome[kind])].filter((key) => detectorOfKey(key) === detector).length,
        0,
      );
    const [found, missed, invented] = [count("found"), count("missed"), count("invented")];
    if (found + missed + invented === 0) return [];
    const precision = found + invented === 0 ? 1 : found / (found + invented);
    const recall = found + missed === 0 ? 1 : found / (found + missed);
    return [{ detector, found, missed, invented, precision, recall }];
  });
}

function detectorOfKey(key: string): DetectorName | undefined {
  const [word = ""] = key.split(":");
  return detectors.find(({ name, rules }) => name === word || word in rules)?.name;
}
