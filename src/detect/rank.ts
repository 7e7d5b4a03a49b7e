// In which order findings are told.
import { assertDefined } from "../base/assert.ts";
import { detectors, type Rule } from "./detectors.ts";
import type { Finding, Severity } from "./finding.ts";

const severities: Record<Severity, number> = { error: 0, warning: 1, note: 2 };

const urgency = new Map<Rule, number>(detectors.flatMap(({ rules }) => Object.entries(rules) as [Rule, number][]));

/** Severity, then urgency, then what comes first, then what costs most. Stable: equal findings stay in the order of their detectors. */
export function rank<F extends Finding<Rule>>(findings: readonly F[]): readonly F[] {
  const cost = (finding: Finding): number =>
    Math.max(finding.bytesPerHour ?? 0, finding.bytes ?? 0) * finding.confidence;
  const urgencyOf = ({ rule }: Finding<Rule>): number => assertDefined(urgency.get(rule), "the urgency of a rule");
  const comesAt = ({ expected }: Finding): number => expected?.likely ?? Number.MAX_VALUE;
  const comesAfter = ({ expectedReadings }: Finding): number => expectedReadings ?? Number.MAX_VALUE;
  return [...findings].sort(
    (a, b) =>
      severities[a.severity] - severities[b.severity] ||
      urgencyOf(a) - urgencyOf(b) ||
      comesAt(a) - comesAt(b) ||
      comesAfter(a) - comesAfter(b) ||
      cost(b) - cost(a),
  );
}
