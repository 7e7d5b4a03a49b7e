/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays */
// Run-wide ids: the device's numbers for sites and tasks hold for one boot only, and a task's number may be given to another task later.
// Numbers of the first boot keep their value as long as nothing stands against it, so that one can compare with what the device prints.

import { runTime, type RunContext, type RunSiteId, type RunTime, type SiteId, type TaskId } from "../base/units.ts";
import { completed, type Description, type RecordOf } from "../wire/fields.ts";
import type { LogRecord } from "../wire/log-records.ts";
import type { Site, Task } from "../wire/records.ts";
import { TaskNumber } from "../wire/protocol.ts";
import { LIKELY_SITES, MOST_SITES, MOST_TASKS, unknownSite, type NoteContent } from "./notes.ts";
import { runRecords, type RunSite, type RunTask } from "./run-records.ts";

const FIRST_IDS = 256;

export class RunIds {
  /** Index of the boot under way; -1 before the first HELLO. */
  boot = -1;
  private readonly emit: (content: NoteContent) => void;
  /** Device id → run-wide id + 1; 0 where it was not used yet in this boot. Loops read these columns directly. */
  siteOf = new Uint32Array(FIRST_IDS);
  taskOf = new Uint32Array(FIRST_IDS);
  /** The device's number of each run-wide site. */
  readonly deviceSites = { column: new Uint32Array(FIRST_IDS) };
  private nextSite = 1;
  private nextTask: number = TaskNumber.FIRST;
  private readonly takenTasks = new Set<number>();
  private readonly sites = new Map<number, RunSite>();
  private readonly tasks = new Map<number, RunTask>();

  constructor(emit: (content: NoteContent) => void) {
    this.emit = emit;
    this.fixIds();
  }

  nextBoot(): void {
    this.boot++;
    this.siteOf.fill(0);
    this.taskOf.fill(0);
    this.fixIds();
  }

  /** Run-wide id of the device's site number. */
  site(deviceId: SiteId): RunSiteId {
    const known = this.siteOf[deviceId] ?? 0;
    return (known !== 0 ? known - 1 : this.newSite(deviceId)) as RunSiteId;
  }

  deviceSite(id: RunSiteId): SiteId {
    return this.deviceSites.column[id]!;
  }

  /** Run-wide task id × 4 + core. */
  context(deviceTask: TaskId, core: number): RunContext {
    const known = this.taskOf[deviceTask] ?? 0;
    const id = known !== 0 ? known - 1 : this.newTask(deviceTask);
    return ((id << 2) | (core & 3)) as RunContext;
  }

  describeSite(site: Site): void {
    const id = this.site(site.id);
    if (id === 0) return;
    const described: RunSite = { ...site, id, deviceId: site.id, boot: this.boot };
    if (isSameSite(this.sites.get(id), described)) return;
    this.sites.set(id, described);
    this.emit({ kind: "site", value: described });
  }

  describeTask(task: Task, now: RunTime): void {
    if (task.id < TaskNumber.FIRST) return;
    let id = this.context(task.id, 0) >>> 2;
    const last = this.tasks.get(id);
    if (last !== undefined && (last.name !== task.name || last.handle !== task.handle)) {
      // The number has passed to another task; what the old one holds stays its own.
      if (last.deleted !== true) this.setTask({ ...last, deleted: true, deletedAt: now });
      this.taskOf[task.id] = 0;
      id = this.newTask(task.id);
    }
    const deletedAt = task.deleted === true ? { deletedAt: last?.id === id ? (last.deletedAt ?? now) : now } : {};
    this.setTask({ ...task, id, deviceId: task.id, boot: this.boot, ...deletedAt });
  }

  /** A record of the device with run-wide ids and run time. */
  translated<D extends Description>(description: D, record: RecordOf<D>, bootStart: RunTime): RecordOf<D> {
    const values: Record<string, unknown> = { ...record };
    for (const [name, { type }] of Object.entries(description.fields)) {
      const value = values[name];
      if (typeof value === "number") {
        if (type === "site") values[name] = this.site(value);
        else if (type === "task") values[name] = this.taskId(value);
        else if (type === "time") values[name] = runTime(value, bootStart);
      } else if (type === "tasks" && Array.isArray(value)) {
        values[name] = value.map((id) => this.taskId(Number(id)));
      } else if (type === "times" && Array.isArray(value)) {
        values[name] = value.map((time) => runTime(Number(time), bootStart));
      }
    }
    return completed(description, values);
  }

  /** A log's record with run-wide ids, run time and its boot. */
  toldNote(record: LogRecord, bootStart: RunTime): NoteContent {
    const { boot } = this;
    switch (record.kind) {
      case "series":
        return { kind: "series", value: { ...record.value, boot } };
      case "readings":
        return { kind: "readings", value: this.translated(runRecords.readings, { ...record.value, boot }, bootStart) };
      case "incident":
        return { kind: "incident", value: this.translated(runRecords.incident, { ...record.value, boot }, bootStart) };
    }
  }

  private taskId(deviceTask: number): number {
    return this.context(deviceTask, 0) >>> 2;
  }

  private setTask(task: RunTask): void {
    const last = this.tasks.get(task.id);
    if (last !== undefined && last.name === task.name && last.handle === task.handle && last.deleted === task.deleted) {
      return;
    }
    this.tasks.set(task.id, task);
    this.emit({ kind: "task", value: task });
  }

  private newSite(deviceId: number): number {
    if (deviceId >= MOST_SITES || this.nextSite >= MOST_SITES) return 0;
    // The first boot's numbers are kept, but for absurd ones; later boots count on from there.
    const isKept = this.boot <= 0 && deviceId < LIKELY_SITES;
    const id = isKept ? deviceId : Math.max(this.nextSite, this.boot <= 0 ? LIKELY_SITES : 0);
    this.nextSite = Math.max(this.nextSite, id + 1);
    this.siteOf = withEntry(this.siteOf, deviceId, id + 1);
    this.deviceSites.column = withEntry(this.deviceSites.column, id, deviceId);
    if (!this.sites.has(id)) this.emit({ kind: "site", value: unknownSite(id, deviceId, this.boot) });
    return id;
  }

  private newTask(deviceId: number): number {
    const wanted = this.takenTasks.has(deviceId) ? this.nextTask : deviceId;
    if (deviceId >= MOST_TASKS || wanted >= MOST_TASKS) return TaskNumber.OTHER;
    this.takenTasks.add(wanted);
    this.nextTask = Math.max(this.nextTask, wanted + 1);
    this.taskOf = withEntry(this.taskOf, deviceId, wanted + 1);
    return wanted;
  }

  private fixIds(): void {
    this.siteOf[0] = 1;
    for (let id = 0; id < TaskNumber.FIRST; id++) this.taskOf[id] = id + 1;
  }
}

function withEntry(column: Uint32Array<ArrayBuffer>, index: number, value: number): Uint32Array<ArrayBuffer> {
  let wide = column;
  if (index >= column.length) {
    wide = new Uint32Array(Math.max(index + 1, column.length * 2));
    wide.set(column);
  }
  wide[index] = value;
  return wide;
}

function isSameSite(last: RunSite | undefined, site: RunSite): boolean {
  if (last === undefined) return false;
  return (
    last.method === site.method &&
    last.caps === site.caps &&
    last.file === site.file &&
    last.line === site.line &&
    last.function === site.function &&
    last.variable === site.variable &&
    last.callers?.join() === site.callers?.join() &&
    (last.frames === site.frames || JSON.stringify(last.frames) === JSON.stringify(site.frames))
  );
}
