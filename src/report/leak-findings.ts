// Which findings the Leaks view is about.
import type { FindingView } from "./finding-view.ts";

/** Findings about a place whose blocks stay; of notes what is known to be kept. */
export function leakFindings(findings: readonly FindingView[]): readonly FindingView[] {
  return findings.filter(
    ({ rule, group, site, severity, suppressedBy }) =>
      group === "leaks" &&
      site !== undefined &&
      (severity !== "note" || rule === "leak" || rule === "kept") &&
      suppressedBy === undefined,
  );
}
