// Runs of a console log that tells of no single block.
import type { HeapModel } from "../heap/model-api.ts";
import type { RunIncident } from "../heap/run-records.ts";

/** True for a run that tells of figures or accidents and of no single block: its totals are not known, which is another thing than 0. */
export async function isBlind(model: HeapModel): Promise<boolean> {
  const { series, incidents } = model.tables;
  if (series.length + incidents.length === 0) return false;
  if (model.rows === 0) return true;
  const { allocations, frees } = await model.totalsAt(model.span.to);
  return allocations === 0 && frees === 0 && (await model.peak(model.span)).bytes === 0;
}

/** False for what a log tells that is no moment on a timeline. */
export function isShown({ kind }: RunIncident): boolean {
  return kind !== "restart" && kind !== "heap-trace" && kind !== "leak-check";
}
