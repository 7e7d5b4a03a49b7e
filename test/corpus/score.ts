// Plays corpus programs, asks the detectors, and counts what they found against what is known.
import { detect } from "../../src/detect/run.ts";
import type { Finding } from "../../src/detect/finding.ts";
import { openModel } from "../../src/heap/model.ts";
import { recordRun } from "../heap-text.ts";
import { detectors, Program, type CorpusProgram, type Detector, type Expectation } from "./program.ts";

/** Findings of one program and seed. */
export interface Outcome {
  readonly program: CorpusProgram;
  readonly seed: number;
  readonly findings: readonly Finding[];
  /** `rule function` of what was found and what was expected. */
  readonly found: readonly string[];
  readonly missed: readonly string[];
  readonly invented: readonly string[];
}

/** Rules that are one answer in different words: a leak by a task that ended may be called either. */
const leakRules = new Set(["leak", "growing-block", "freed-at-shutdown", "orphaned"]);
const wasteRules = new Set(["temporary-allocations", "churn", "block-overhead", "equal-blocks"]);
const hostRules = new Set(["wild-free", "double-allocation", "overlap"]);

export function detectorOf(rule: string): Detector {
  if (leakRules.has(rule)) return "leaks";
  if (wasteRules.has(rule)) return "waste";
  if (hostRules.has(rule)) return "host faults";
  if (rule === "exhaustion") return "forecast";
  if (rule === "fragmentation" || rule === "kept") return rule;
  return rule === "allocation-failure" ? "failures" : "faults";
}

export async function judge(program: CorpusProgram, seed: number): Promise<Outcome> {
  const model = await openModel(recordRun((sink) => program.play(new Program(sink, seed))));
  const { findings, names } = await detect(model);
  const expects = (detector: Detector): boolean => program.expect.some(({ rule }) => detectorOf(rule) === detector);
  const said = findings.filter(({ severity, rule }) => {
    const detector = detectorOf(rule);
    if (program.mayAlso?.includes(rule)) return false;
    // Whatever leaks uses the memory up one day; programs that expect the forecast say so.
    if (detector === "forecast" && expects("leaks") && !expects("forecast")) return false;
    // Set-up that stays is told of nearly every program, and rightly.
    if (detector === "kept") return expects("kept") || program.tempts?.includes("kept") === true;
    // A note says by itself that it may be nothing; waste is never more than a note.
    return severity !== "note" || detector === "waste";
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

function keyOf(rule: string, place: string | undefined): string {
  const detector = detectorOf(rule);
  if (detector === "forecast" || detector === "fragmentation" || detector === "kept") return detector;
  return `${detector === "leaks" || detector === "waste" ? detector : rule}: ${place ?? "?"}`;
}

export interface Score {
  readonly detector: Detector;
  readonly found: number;
  readonly missed: number;
  readonly invented: number;
  /** 1 where there was nothing to find, or nothing said. */
  readonly precision: number;
  readonly recall: number;
}

/** One for each detector that found, missed or invented anything. */
export function scoreOf(outcomes: readonly Outcome[]): readonly Score[] {
  return detectors.flatMap((detector) => {
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

function detectorOfKey(key: string): Detector {
  const [word = ""] = key.split(":");
  return detectors.find((detector) => detector === word) ?? detectorOf(word);
}
