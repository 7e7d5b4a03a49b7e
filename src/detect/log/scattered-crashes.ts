// Crashes at ever other places: the first few are told one by one, the rest as one finding, which says what so many places mean.

import { formatCount, formatNumberOf } from "../../base/format.ts";
import { greatest } from "../../base/values.ts";
import type { RunIncident } from "../../heap/run-records.ts";
import type { Finding } from "../finding.ts";
import type { AccidentRule } from "./reading.ts";

/** An accident, and what it says. */
export interface ToldAccident {
  readonly incident: RunIncident;
  readonly finding: Finding<AccidentRule>;
}

/** Places beyond these are told together. */
const MOST_PLACES = 8;
const TOLD_SINGLY = 3;

/** What is no plain crash stays as it is, and where it is. */
export function foldScattered(told: readonly ToldAccident[]): readonly Finding<AccidentRule>[] {
  const crashes = told.filter(({ incident, finding }) => finding.rule === "crash" && incident.kind === "panic");
  if (crashes.length <= MOST_PLACES) return told.map(({ finding }) => finding);
  const byCount = crashes.toSorted((a, b) => b.incident.count - a.incident.count || a.incident.line - b.incident.line);
  const folded = new Set(byCount.slice(TOLD_SINGLY));
  const kept = told.filter((one) => !folded.has(one)).map(({ finding }) => finding);
  return [...kept, foldedFinding(crashes, folded)];
}

function foldedFinding(crashes: readonly ToldAccident[], folded: ReadonlySet<ToldAccident>): Finding<AccidentRule> {
  const [first] = [...folded].sort((a, b) => a.incident.line - b.incident.line) as [ToldAccident];
  const times = (some: Iterable<ToldAccident>): number =>
    [...some].reduce((sum, { incident }) => sum + incident.count, 0);
  const all = times(crashes);
  const most = greatest(crashes.map(({ incident }) => incident.count));
  const reasons = new Map<string, number>();
  for (const { incident } of folded) {
    const reason = incident.detail ?? "";
    if (reason !== "") reasons.set(reason, (reasons.get(reason) ?? 0) + incident.count);
  }
  const often = [...reasons].sort(([, a], [, b]) => b - a).slice(0, 4);
  const isEverywhere = 2 * most < all;
  return {
    rule: "crash",
    severity: "error",
    confidence: 0.6,
    title: `${formatNumberOf(times(folded), "crash", "crashes")} at ${formatNumberOf(folded.size, "further place")}`,
    evidence: [
      ...(often.length === 0
        ? []
        : [`Most often ${often.map(([reason, count]) => `${reason} (${formatCount(count)})`).join(", ")}`]),
      isEverywhere
        ? `The log tells of ${formatNumberOf(all, "crash", "crashes")} at ${formatNumberOf(crashes.length, "place")}, none of which has half of them: a program hardly has so many defects. Memory that is overwritten (heap or stack) makes whatever comes next die; so do a supply that gives way and flash or PSRAM that is read wrongly`
        : "Beside the place that most of them have, these may be its consequences",
    ],
    next: isEverywhere
      ? "Set CONFIG_HEAP_POISONING_COMPREHENSIVE and CONFIG_COMPILER_STACK_CHECK_MODE_STRONG, which stop nearer to the culprit; if another board or supply, or a lower PSRAM and flash speed ends it, it is the hardware"
      : "Mend the place that is told most often first, then look whether these still come",
    sites: [],
    blocks: [],
    log: { line: first.incident.line, quote: first.incident.quote },
    fingerprint: "crash|log|scattered",
  };
}
