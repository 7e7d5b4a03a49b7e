// Crashes at ever other places: the first few are told one by one, the rest as one finding, which says what so many places mean.

import { formatCount, formatNumberOf } from "../../base/format.ts";
import { greatest } from "../../base/values.ts";
import type { RunIncident } from "../../heap/run-records.ts";
import type { Finding } from "../finding.ts";
import { factOf } from "./places.ts";
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
  const byCount = crashes.toSorted(
    (a, b) =>
      Number(isElsewhere(a)) - Number(isElsewhere(b)) ||
      b.incident.count - a.incident.count ||
      a.incident.line - b.incident.line,
  );
  const folded = new Set(byCount.slice(TOLD_SINGLY));
  const kept = told.filter((one) => !folded.has(one)).map(({ finding }) => finding);
  return [...kept, foldedFinding(crashes, folded)];
}

/** At many places, of which the log tells more than are told apart (src/import/incident-book.ts). */
const isElsewhere = ({ incident }: ToldAccident): boolean => factOf(incident, "elsewhere") !== undefined;

function foldedFinding(crashes: readonly ToldAccident[], folded: ReadonlySet<ToldAccident>): Finding<AccidentRule> {
  const [first] = [...folded].sort((a, b) => a.incident.line - b.incident.line) as [ToldAccident];
  const times = (some: Iterable<ToldAccident>): number =>
    [...some].reduce((sum, { incident }) => sum + incident.count, 0);
  const all = times(crashes);
  const placed = crashes.filter((one) => !isElsewhere(one));
  const most = greatest(
    placed.map(({ incident }) => incident.count),
    0,
  );
  const isMore = placed.length < crashes.length;
  const places = (count: number, noun: string): string => `${isMore ? "more than " : ""}${formatNumberOf(count, noun)}`;
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
    title: `${formatNumberOf(times(folded), "crash", "crashes")} at ${places(folded.size - crashes.length + placed.length, "further place")}`,
    evidence: [
      ...(often.length === 0
        ? []
        : [`Most often ${often.map(([reason, count]) => `${reason} (${formatCount(count)})`).join(", ")}`]),
      isEverywhere
        ? `The log tells of ${formatNumberOf(all, "crash", "crashes")} at ${places(placed.length, "place")}, none of which has half of them: a program hardly has so many defects. Memory that is overwritten (heap or stack) makes whatever comes next die; so do a supply that gives way and flash or PSRAM that is read wrongly`
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
