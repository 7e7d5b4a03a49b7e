// All that a console log tells, as findings: its figures of memory, its failed requests, its accidents. docs/detectors/log.md.

import { isInside, type DetectContext } from "../context.ts";
import { type Detector, Urgency } from "../detector.ts";
import type { Finding } from "../finding.ts";
import { accidentFinding, leakCheck } from "./accidents.ts";
import { failedAllocations } from "./failed-allocations.ts";
import { readSeries } from "./read-series.ts";
import { accidentRules, type AccidentRule } from "./reading.ts";
import { detectLogSeries, figureRules, type FigureRule } from "./series-findings.ts";
import { traceFindings } from "./trace-findings.ts";

const page = "log";

/** Damage, misuse and crashes. */
export const logAccidents = {
  name: "log accidents",
  page,
  group: "faults",
  rules: accidentRules,
  needs: [],
  detect: (context) => tell(context).accidents,
} as const satisfies Detector<AccidentRule, never>;

/** Requests that failed. */
export const logRefusals = {
  name: "log refusals",
  page,
  group: "failures",
  rules: { "allocation-failure": Urgency.FAILURE },
  needs: [],
  detect: (context) => tell(context).failed,
} as const satisfies Detector<"allocation-failure", never>;

/** Figures that fall for good, heap traces, tests that leak. */
export const logLosses = {
  name: "log losses",
  page,
  group: "leaks",
  rules: { leak: Urgency.LOSS, "heap-trace": Urgency.EXHAUSTION },
  needs: [],
  detect: (context) => {
    const { leaks, traces, figures } = tell(context);
    return [...leaks, ...traces, ...figures.filter(isLeak)];
  },
} as const satisfies Detector<"leak" | "heap-trace", never>;

/** How much is left, and in what pieces. */
export const logLevels = {
  name: "log levels",
  page,
  group: "room",
  rules: figureRules,
  needs: [],
  detect: (context) => tell(context).figures.filter((finding) => !isLeak(finding)) as readonly Finding<LevelRule>[],
} as const satisfies Detector<LevelRule, never>;

type LevelRule = Exclude<FigureRule, "leak">;

function isLeak(finding: Finding<FigureRule>): finding is Finding<"leak"> {
  return finding.rule === "leak";
}

interface Told {
  readonly accidents: readonly Finding<AccidentRule>[];
  readonly leaks: readonly Finding<"leak">[];
  readonly failed: readonly Finding<"allocation-failure">[];
  readonly traces: readonly Finding<"heap-trace">[];
  readonly figures: readonly Finding<FigureRule>[];
}

function tell(context: DetectContext): Told {
  const { model, names, window } = context;
  const { tables } = model;
  if (tables.incidents.length === 0 && tables.series.length === 0) {
    return { accidents: [], leaks: [], failed: [], traces: [], figures: [] };
  }
  const incidents = tables.incidents.filter((incident) => isInside(context, incident.time));
  const { findings: failed, explained } = failedAllocations(incidents, names);
  const accidents: Finding<AccidentRule>[] = [];
  const leaks: Finding<"leak">[] = [];
  incidents.forEach((incident, i) => {
    if (explained.has(incident)) return;
    if (incident.kind === "leak-check") leaks.push(leakCheck(incident));
    const finding = accidentFinding(incident, incidents.slice(0, i), names);
    if (finding !== undefined) accidents.push(finding);
  });
  const traces = traceFindings(incidents, names);
  const { span } = model;
  // A window that is the whole run includes what has no time.
  const whole = window.from <= span.from && window.to >= span.to;
  const isSaid = accidents.length + leaks.length + failed.length + traces.length > 0;
  const figures = detectLogSeries(readSeries(tables), whole ? { from: -Infinity, to: Infinity } : window, isSaid);
  return { accidents, leaks, failed, traces, figures };
}
