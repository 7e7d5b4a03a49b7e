// All that a console log tells, as findings: its figures of memory, its failed requests, its accidents. docs/detectors/log.md.

import type { Detector } from "../detector.ts";
import { Urgency } from "../urgency.ts";
import type { Finding } from "../finding.ts";
import { figureRules, type BesideLeaks, type FigureRule } from "./figure-rules.ts";
import { accidentRules, type AccidentRule } from "./reading.ts";

const PAGE = "log";

/** Damage, misuse and crashes. */
export const logAccidents = {
  name: "log accidents",
  page: PAGE,
  group: "faults",
  rules: accidentRules,
  needs: ["log"],
  detect: ({ log }) => log.accidents,
} as const satisfies Detector<AccidentRule, "log">;

/** Requests that failed. */
export const logRefusals = {
  name: "log refusals",
  page: PAGE,
  group: "failures",
  rules: { "allocation-failure": Urgency.FAILURE },
  needs: ["log"],
  detect: ({ log }) => log.failed,
} as const satisfies Detector<"allocation-failure", "log">;

/** Figures that fall for good, heap traces, tests that leak. */
export const logLosses = {
  name: "log losses",
  page: PAGE,
  group: "leaks",
  rules: { leak: Urgency.LOSS, "heap-trace": Urgency.EXHAUSTION },
  needs: ["log"],
  detect: ({ log: { leaks, traces, figures } }) => [...leaks, ...traces, ...figures.filter(isLeak)],
} as const satisfies Detector<"leak" | "heap-trace", "log">;

/** How much is left, and in what pieces. */
export const logLevels = {
  name: "log levels",
  page: PAGE,
  group: "room",
  rules: figureRules,
  needs: ["log"],
  detect: ({ log }) => log.figures.filter((finding) => !isLeak(finding)) as readonly Finding<BesideLeaks>[],
} as const satisfies Detector<BesideLeaks, "log">;

function isLeak(finding: Finding<FigureRule>): finding is Finding<"leak"> {
  return finding.rule === "leak";
}
