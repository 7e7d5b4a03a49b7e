// Two moments side by side: what changed, largest change first. Knows no model, so that a report in one file has it too.
import type { Bytes } from "../base/units.ts";
import type { Dimension } from "./asked.ts";
import type { GrowthRow } from "./growth-view.ts";

/** The moments are of one run or of two. */
export interface CompareView {
  readonly by: Dimension;
  readonly change: Bytes;
  readonly bytesBefore: Bytes;
  readonly bytesAfter: Bytes;
  /** False where a gap or sampling makes what is live then an estimate. */
  readonly exactBefore: boolean;
  readonly exactAfter: boolean;
  /** Largest change first. */
  readonly rows: readonly GrowthRow[];
  readonly omittedRows: number;
  readonly unchanged: number;
}

export function compareView(
  all: readonly GrowthRow[],
  { by, limit }: { readonly by: Dimension; readonly limit: number },
  exactness: Pick<CompareView, "exactBefore" | "exactAfter">,
): CompareView {
  const changed = all.filter(({ change, blocksBefore, blocksAfter }) => change !== 0 || blocksBefore !== blocksAfter);
  const largest = [...changed].sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
  const sum = (of: (row: GrowthRow) => number): number => all.reduce((total, row) => total + of(row), 0);
  return {
    by,
    change: sum(({ change }) => change),
    bytesBefore: sum(({ bytesBefore }) => bytesBefore),
    bytesAfter: sum(({ bytesAfter }) => bytesAfter),
    rows: largest.slice(0, limit),
    omittedRows: Math.max(0, largest.length - limit),
    unchanged: all.length - changed.length,
    ...exactness,
  };
}
