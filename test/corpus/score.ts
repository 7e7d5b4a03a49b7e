// Plays corpus programs, asks the detectors, and counts what they found against what is known.
import { detect } from "../../src/detect/run.ts";
import type { Finding } from "../../src/detect/finding.ts";
import { openModel } from "../../src/heap/model.ts";
import { recordRun } from "../heap-text.ts";
import { Program, type CorpusProgram } from "./program.ts";

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

export function detectorOf(rule: string): string {
  if (leakRules.has(rule)) return "leaks";
  if (["temporary-allocations", "block-overhead", "equal-blocks"].includes(rule)) return "waste";
  if (["wild-free", "double-allocation", "overlap"].includes(rule)) return "host faults";
  if (["exhaustion"].includes(rule)) return "forecast";
  if (["fragmentation"].includes(rule)) return "fragmentation";
  if (["allocation-failure"].includes(rule)) return "failures";
  return "faults";
}

export async function judge(program: CorpusProgram, seed: number): Promise<Outcome> {
  const model = await openModel(recordRun((sink) => program.play(new Program(sink, seed))));
  const { findings, names } = await detect(model);
  // A note says by itself that it may be nothing; waste is never more than a note.
  const leaks = program.expect.some(({ rule }) => leakRules.has(rule));
  const said = findings.filter(
    ({ severity, rule }) =>
      (severity !== "note" || detectorOf(rule) === "waste") &&
      !program.mayAlso?.includes(rule) &&
      // Whatever leaks uses the memory up one day; programs that expect the forecast say so.
      !(rule === "exhaustion" && leaks && !program.expect.some((one) => one.rule === rule)),
  );
  const keys = said.map((finding) => keyOf(finding.rule, names.site(finding.sites[0]?.site ?? 0).function));
  const expected = program.expect.map((one) => keyOf(one.rule, one.function));
  return {
    program,
    seed,
    findings,
    found: keys.filter((key) => expected.includes(key)),
    missed: expected.filter((key) => !keys.includes(key)),
    invented: keys.filter((key) => !expected.includes(key)),
  };
}

function keyOf(rule: string, place: string | undefined): string {
  const detector = detectorOf(rule);
  if (detector === "forecast" || detector === "fragmentation") return detector;
  return `${detector === "leaks" || detector === "waste" ? detector : rule}: ${place ?? "?"}`;
}

export interface Score {
  readonly detector: string;
  readonly found: number;
  readonly missed: number;
  readonly invented: number;
  /** 1 where there was nothing to find, or nothing said. */
  readonly precision: number;
  readonly recall: number;
}

export function scoreOf(outcomes: readonly Outcome[]): readonly Score[] {
  const counts = new Map<string, { found: number; missed: number; invented: number }>();
  for (const outcome of outcomes) {
    for (const kind of ["found", "missed", "invented"] as const) {
      for (const key of new Set(outcome[kind])) {
        const detector =
          ["leaks", "waste", "forecast", "fragmentation"].find((name) => key.startsWith(name)) ??
          detectorOf(key.split(":")[0] ?? "");
        const count = counts.get(detector) ?? { found: 0, missed: 0, invented: 0 };
        count[kind]++;
        counts.set(detector, count);
      }
    }
  }
  return [...counts].map(([detector, { found, missed, invented }]) => ({
    detector,
    found,
    missed,
    invented,
    precision: found + invented === 0 ? 1 : found / (found + invented),
    recall: found + missed === 0 ? 1 : found / (found + missed),
  }));
}
