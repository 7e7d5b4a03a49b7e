// All that a console log tells, as findings: its figures of memory, its failed requests, its accidents. docs/detectors/log.md.

import type { DetectContext } from "../context.ts";
import { type Detector, Urgency } from "../detector.ts";
import type { Finding } from "../finding.ts";
import { figureRules, type FigureRule } from "./figure-rules.ts";
import type { LogFindings } from "./findings-of-log.ts";
import { accidentRules, type AccidentRule } from "./reading.ts";

const PAGE = "log";

/** Damage, misuse and crashes. */
export const logAccidents = {
  name: "log accidents",
  page: PAGE,
  group: "faults",
  rules: accidentRules,
  needs: [],
  detect: async (context) => (await tell(context)).accidents,
} as const satisfies Detector<AccidentRule, never>;

/** Requests that failed. */
export const logRefusals = {
  name: "log refusals",
  page: PAGE,
  group: "failures",
  rules: { "allocation-failure": Urgency.FAILURE },
  needs: [],
  detect: async (context) => (await tell(context)).failed,
} as const satisfies Detector<"allocation-failure", never>;

/** Figures that fall for good, heap traces, tests that leak. */
export const logLosses = {
  name: "log losses",
  page: PAGE,
  group: "leaks",
  rules: { leak: Urgency.LOSS, "heap-trace": Urgency.EXHAUSTION },
  needs: [],
  detect: async (context) => {
    const { leaks, traces, figures } = await tell(context);
    return [...leaks, ...traces, ...figures.filter(isLeak)];
  },
} as const satisfies Detector<"leak" | "heap-trace", never>;

/** How much is left, and in what pieces. */
export const logLevels = {
  name: "log levels",
  page: PAGE,
  group: "room",
  rules: figureRules,
  needs: [],
  detect: async (context) =>
    (await tell(context)).figures.filter((finding) => !isLeak(finding)) as readonly Finding<LevelRule>[],
} as const satisfies Detector<LevelRule, never>;

type LevelRule = Exclude<FigureRule, "leak">;

function isLeak(finding: Finding<FigureRule>): finding is Finding<"leak"> {
  return finding.rule === "leak";
}

/** What reads a log is a fifth of all detectors: loaded only where there is one, as the page counts every byte. */
async function tell(context: DetectContext): Promise<LogFindings> {
  const { incidents, series } = context.model.tables;
  if (incidents.length === 0 && series.length === 0) {
    return { accidents: [], leaks: [], failed: [], traces: [], figures: [] };
  }
  const { findingsOfLog } = await import("./findings-of-log.ts");
  return findingsOfLog(context);
}
