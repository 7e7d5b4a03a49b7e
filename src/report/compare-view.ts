// Two moments side by side: what changed, largest change first. Knows no model, so that a report in one file has it too.
import { likely } from "../base/quantity.ts";
import type { Dimension } from "./asked.ts";
import { viewChange, type ChangeView, type LiveView } from "./doubt.ts";
import type { GrowthRow } from "./growth-view.ts";

/** The moments are of one run or of two. */
export interface CompareView extends ChangeView {
  readonly by: Dimension;
  /** Largest change first; groups that hold the same are left out. */
  readonly groups: readonly GrowthRow[];
  readonly unchangedGroups: number;
  /** Rows that a limit left out. */
  readonly omittedGroups: number;
}

export function compareView(
  all: readonly GrowthRow[],
  before: LiveView,
  after: LiveView,
  { by, limit }: { readonly by: Dimension; readonly limit: number },
): CompareView {
  const changed = all.filter(({ change }) => likely(change.liveBytes) !== 0 || likely(change.liveBlocks) !== 0);
  const sizeOf = ({ change }: GrowthRow): number => Math.abs(likely(change.liveBytes));
  return {
    by,
    ...viewChange(before, after),
    groups: changed.sort((a, b) => sizeOf(b) - sizeOf(a)).slice(0, limit),
    unchangedGroups: all.length - changed.length,
    omittedGroups: Math.max(0, changed.length - limit),
  };
}
