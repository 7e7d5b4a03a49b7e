// Runs of a console log that tells of no single block.
import type { HeapModel } from "../heap/model-api.ts";
import type { RunIncident } from "../heap/run-records.ts";

/** True for a run that tells of figures or accidents and of no single block: its totals are not known, which is another thing than 0. */
export function isBlind({ tables, tellsBlocks }: Pick<HeapModel, "tables" | "tellsBlocks">): boolean {
  return tables.series.length + tables.incidents.length > 0 && !tellsBlocks;
}

/** False for what a log tells that is no moment on a timeline. */
export function isShown({ kind }: RunIncident): boolean {
  return kind !== "restart" && kind !== "heap-trace" && kind !== "leak-check";
}
