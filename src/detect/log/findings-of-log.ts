// All that a console log tells, in one reading: accidents, refusals, leaks, traces, figures.

import type { Microseconds } from "../../base/units.ts";
import { isInside, type DetectContext } from "../context.ts";
import type { Finding } from "../finding.ts";
import { accidentFinding } from "./accidents.ts";
import { hasPassed, isTaskOfOlderTable, leakCheck, passedChecks } from "./checkers.ts";
import { onBoard } from "./board-findings.ts";
import { endsOfLeaks } from "./ends-of-leaks.ts";
import { failedAllocations } from "./failed-allocations.ts";
import type { FigureRule } from "./figure-rules.ts";
import { factOf } from "./places.ts";
import { readSeries } from "./read-series.ts";
import type { AccidentRule } from "./reading.ts";
import { foldScattered, type ToldAccident } from "./scattered-crashes.ts";
import { detectLogSeries } from "./series-findings.ts";
import type { RunIncident } from "../../heap/run-records.ts";
import { traceFindings, traceLeaks } from "./trace-findings.ts";

export interface LogFindings {
  readonly accidents: readonly Finding<AccidentRule>[];
  readonly leaks: readonly Finding<"leak">[];
  readonly failed: readonly Finding<"allocation-failure">[];
  readonly traces: readonly Finding<"heap-trace">[];
  readonly figures: readonly Finding<FigureRule>[];
}

/** A program that dies in each boot of the same thing has one accident, told several times. */
function overBoots(incidents: readonly RunIncident[]): readonly RunIncident[] {
  const known = new Map<string, number>();
  const merged: RunIncident[] = [];
  for (const incident of incidents) {
    const { kind, detail, function: name, pc, ownFrame, frames, found, address, task, quote } = incident;
    const key = JSON.stringify([
      kind,
      detail,
      name,
      pc,
      ownFrame,
      frames,
      found,
      address,
      task,
      quote.replace(/\d+/g, "#"),
      factOf(incident, "elsewhere"),
      incident.board,
    ]);
    const at = MERGED.has(kind) ? known.get(key) : undefined;
    const before = at === undefined ? undefined : merged[at];
    if (at === undefined || before === undefined) {
      known.set(key, merged.length);
      merged.push(incident);
    } else {
      const { count, lastLine } = incident;
      merged[at] = { ...before, count: before.count + count, lastLine };
    }
  }
  return merged;
}

/** Of failed requests and traces their own detectors make groups. */
const MERGED: ReadonlySet<RunIncident["kind"]> = new Set([
  "bad-head", "bad-tail", "write-after-free", "heap-metadata", "double-free", "invalid-free", "sanitizer", "stack-overflow", "watchdog", "abort",
  "assert", "panic",
]); // prettier-ignore

function timeOfReading({ readings }: DetectContext["model"]["tables"], line: number): Microseconds | undefined {
  for (const { lines, times } of readings) {
    const row = lines.indexOf(line);
    if (row >= 0 && times.length > 0) return times[row];
  }
  return undefined;
}

/** What the finding of a refused request tells already: one reading alone, or how little was ever free. */
function isOfRefusal({ rule, evidence, log, bytes }: Finding<FigureRule>, incidents: readonly RunIncident[]): boolean {
  if (rule !== "low-memory") return false;
  const refused = incidents.filter(({ kind }) => kind === "failed-allocation");
  const isAlone = evidence.length === 1 && log !== undefined;
  return refused.some(
    ({ line, freeLine = line, free, minimum }) =>
      (isAlone && freeLine === log.line) ||
      (free !== undefined && free === bytes) ||
      (minimum !== undefined && minimum === bytes),
  );
}

export function findingsOfLog(context: DetectContext): LogFindings {
  const { model, names, window } = context;
  const { tables } = model;
  const incidents = overBoots(tables.incidents.filter((incident) => isInside(context, incident.time)));
  const { findings: failed, explained } = failedAllocations(incidents, names, (line) => timeOfReading(tables, line));
  const told: ToldAccident[] = [];
  const leaks: Finding<"leak">[] = [];
  incidents.forEach((incident, i) => {
    if (explained.has(incident)) return;
    if (hasPassed(incident) || isTaskOfOlderTable(incident, incidents.slice(i + 1))) return;
    if (incident.kind === "leak-check") leaks.push(leakCheck(incident, names));
    const finding = accidentFinding(incident, incidents.slice(0, i), names);
    if (finding !== undefined) told.push({ incident, finding: onBoard(finding, incident.board) });
  });
  const accidents = foldScattered(told);
  leaks.push(...traceLeaks(incidents, names));
  const traces = traceFindings(incidents, names);
  const { span } = model;
  // A window that is the whole run includes what has no time.
  const whole = window.from <= span.from && window.to >= span.to;
  const isLeak = leaks.some(({ severity }) => severity !== "note");
  const isSaid = isLeak || accidents.length + failed.length + traces.length > 0;
  const series = readSeries(tables);
  const figures = detectLogSeries(series, whole ? { from: -Infinity, to: Infinity } : window, isSaid).filter(
    (figure) => !isOfRefusal(figure, incidents),
  );
  if (!isSaid) figures.push(...passedChecks(incidents));
  const fallen = figures.filter(({ rule }) => rule === "leak");
  return { accidents, leaks, failed: endsOfLeaks(failed, fallen, series, incidents), traces, figures };
}
