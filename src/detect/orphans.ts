// Blocks that outlived the task that allocated them. That alone is no fault: ESP-IDF's main task sets the program up and ends, and
// messages are made to be freed by others. Counted are blocks of sites whose blocks are otherwise freed by their own task, or never.
import { valueAt } from "../base/values.ts";
import type { BlockTable, RunTables } from "../heap/types.ts";
import type { Survey } from "./survey.ts";

export interface Orphans {
  readonly blocks: number;
  readonly bytes: number;
  /** Ended tasks that left blocks of this site. */
  readonly tasks: number;
  readonly taskIds: readonly number[];
}

/** Tasks that ESP-IDF itself starts to set the program up, and that end when they have. */
export const SETUP_TASKS: ReadonlySet<string> = new Set(["main", "startup", "ipc0", "ipc1"]);

/** A block must have outlived its task by this share of the run: until then somebody may be about to free it. */
const OUTLIVED_SHARE = 0.1;

export function findOrphans(tables: RunTables, survey: Survey, live: BlockTable): ReadonlyMap<number, Orphans> {
  const deadline = survey.window.to - OUTLIVED_SHARE * (survey.window.to - survey.window.from);
  const ended = tables.tasks.map(
    (task) => task.deleted === true && !SETUP_TASKS.has(task.name) && (task.deletedAt ?? Infinity) < deadline,
  );
  const bySite = new Map<number, { blocks: number; bytes: number; tasks: Set<number> }>();
  for (let row = 0; row < live.length; row++) {
    const task = valueAt(live.task, row);
    if (ended[task] !== true) continue;
    const site = valueAt(live.site, row);
    let entry = bySite.get(site);
    if (entry === undefined) bySite.set(site, (entry = { blocks: 0, bytes: 0, tasks: new Set() }));
    entry.blocks++;
    entry.bytes += valueAt(live.size, row);
    entry.tasks.add(task);
  }
  const orphans = new Map<number, Orphans>();
  for (const [site, { blocks, bytes, tasks }] of bySite) {
    const frees = valueAt(survey.frees, site);
    const handedOver = frees > 0 && valueAt(survey.foreignFrees, site) > 0.1 * frees;
    if (!handedOver) orphans.set(site, { blocks, bytes, tasks: tasks.size, taskIds: [...tasks] });
  }
  return orphans;
}
