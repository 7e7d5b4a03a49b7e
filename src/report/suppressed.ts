// What suppressions left alone: shown with counts and reasons, never silently.
import type { Bytes } from "../base/units.ts";
import type { FindingView } from "./finding-view.ts";

/** What one suppression left alone. */
export interface SuppressedView {
  readonly pattern: string;
  readonly reason: string;
  /** The file that says so; "memmap" for those that memmap ships. */
  readonly source: string;
  readonly findingCount: number;
  readonly affectedBlocks: number;
  readonly affectedBytes: Bytes;
}

/** One for each suppression that matched, most bytes first. */
export function viewSuppressed(findings: readonly FindingView[]): readonly SuppressedView[] {
  const views = new Map<string, SuppressedView>();
  for (const { suppressedBy, affectedBlocks = 0, affectedBytes = 0 } of findings) {
    if (suppressedBy === undefined) continue;
    const key = `${suppressedBy.source}:${suppressedBy.pattern}`;
    const before = views.get(key);
    views.set(key, {
      ...suppressedBy,
      findingCount: (before?.findingCount ?? 0) + 1,
      affectedBlocks: (before?.affectedBlocks ?? 0) + affectedBlocks,
      affectedBytes: (before?.affectedBytes ?? 0) + affectedBytes,
    });
  }
  return [...views.values()].sort((a, b) => b.affectedBytes - a.affectedBytes);
}
