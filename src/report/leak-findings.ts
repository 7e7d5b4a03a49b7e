// Which findings the Leaks view is about.
import type { FindingView } from "./finding-view.ts";
import { isFaultRule } from "./show-me.ts";

/** Findings about a place whose blocks stay. */
export function leakFindings(findings: readonly FindingView[]): readonly FindingView[] {
  return findings.filter(
    ({ rule, site, severity, suppressedBy }) =>
      site !== undefined &&
      !isFaultRule(rule) &&
      !["allocation-failure", "fragmentation", "exhaustion", "temporary-allocations", "churn"].includes(rule) &&
      (severity !== "note" || rule === "leak" || rule === "kept") &&
      suppressedBy === undefined,
  );
}
