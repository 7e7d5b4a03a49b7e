// The device's last answer on its regions.

import type { Microseconds } from "../base/units.ts";
import { noteBit } from "./notes.ts";
import type { RegionReport } from "./run-records.ts";
import type { Run } from "./run.ts";

/** The last one at or before a time. */
export async function lastReport(run: Run, time: Microseconds): Promise<RegionReport | undefined> {
  for (let index = run.chunks.length - 1; index >= 0; index--) {
    const chunk = run.chunks[index];
    if (chunk === undefined || chunk.startTime > time || (chunk.noteKinds & noteBit("regions")) === 0) continue;
    const note = (await run.notes(index)).findLast(
      (candidate) => candidate.kind === "regions" && candidate.value.time <= time,
    );
    if (note?.kind === "regions") return note.value;
  }
  return undefined;
}
