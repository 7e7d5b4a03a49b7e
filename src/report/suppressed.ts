// What suppressions left alone: shown with counts and reasons, never silently.
import type { Bytes } from "../base/units.ts";
import type { FindingView } from "./finding-view.ts";

export interface SuppressedView {
  readonly pattern: string;
  readonly reason: string;
  /** The file that says so; "memmap" for those that memmap ships. */
  readonly source: string;
  readonly findings: number;
  readonly blocks: number;
  readonly bytes: Bytes;
}

/** One for each suppression that matched, most bytes first. */
export function viewSuppressed(findings: readonly FindingView[]): readonly SuppressedView[] {
  const views = new Map<string, SuppressedView>();
  for (const { suppressedBy, blockCount = 0, bytes = 0 } of findings) {
    if (suppressedBy === undefined) continue;
    const key = `${suppressedBy.source}:${suppressedBy.pattern}`;
    const before = views.get(key);
    views.set(key, {
      ...suppressedBy,
      findings: (before?.findings ?? 0) + 1,
      blocks: (before?.blocks ?? 0) + blockCount,
      bytes: (before?.bytes ?? 0) + bytes,
    });
  }
  return [...views.values()].sort((a, b) => b.bytes - a.bytes);
}
