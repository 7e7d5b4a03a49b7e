// Whatever a run consists of besides rows: names and rare events, each at its place among the rows. Recordings store notes as they are here
// (run-wide ids, run time), and TableBuilder turns them into tables, in the tracker as well as in a reader.

import type { Microseconds } from "../base/units.ts";
import type { RecordOf } from "../wire/fields.ts";
import { Method, TaskNumber } from "../wire/protocol.ts";
import type { Failure, Fault, Gap } from "../wire/records.ts";
import {
  type Anomaly,
  KIND_CODE,
  type RunBoot,
  type RunIncident,
  type RunMark,
  type RunReadings,
  type RunRecordKind,
  type runRecords,
  type RunSeries,
  type RunSite,
  type RunTask,
} from "./run-records.ts";
import type { Damage } from "./damage.ts";
import type { RunTables } from "./types.ts";

export type NoteKind = RunRecordKind;

export type NoteOf<K extends NoteKind> = {
  [P in K]: { readonly kind: P; readonly value: RecordOf<(typeof runRecords)[P]> };
}[K];
export type NoteContent = NoteOf<NoteKind>;

/** `row`: rows of its chunk before it. */
export type Note = NoteContent & { readonly row: number };

/** Bit of a kind in ChunkSummary.noteKinds; part of the recording format. */
export function noteBit(kind: NoteKind): number {
  return 1 << (KIND_CODE[kind] - 1);
}

/** Kinds that make up RunTables, which are all but what is asked for by time; a reader needs them before anything else. */
export const TABLE_NOTES = (Object.keys(KIND_CODE) as NoteKind[])
  .filter((kind) => kind !== "heartbeat" && kind !== "regions")
  .map(noteBit)
  .reduce((bits, bit) => bits | bit);

/** Ids above this are damage: no device has as many places in its code. */
export const MOST_SITES = 1 << 22;
/** Ids below this need no reason; each one more has a note. */
export const LIKELY_SITES = 1 << 13;
export const MOST_TASKS = 1 << 14;

/** Tables under construction. They are what `tables` returns, and grow. */
export class TableBuilder {
  private readonly mostSites: () => number;
  private readonly sites: RunSite[] = [unknownSite(0, 0, -1)];
  private readonly tasks: RunTask[] = fixedTasks();
  private readonly boots: RunBoot[] = [];
  private readonly marks: RunMark[] = [];
  private readonly faults: Fault[] = [];
  private readonly failures: Failure[] = [];
  private readonly gaps: Gap[] = [];
  private readonly anomalies: Anomaly[] = [];
  private readonly series: RunSeries[] = [];
  private readonly readings: RunReadings[] = [];
  private readonly incidents: RunIncident[] = [];
  private readonly damage: Damage[] = [];

  readonly tables: RunTables = {
    sites: this.sites,
    tasks: this.tasks,
    boots: this.boots,
    marks: this.marks,
    faults: this.faults,
    failures: this.failures,
    gaps: this.gaps,
    anomalies: this.anomalies,
    series: this.series,
    readings: this.readings,
    incidents: this.incidents,
    damage: this.damage,
  };

  /** @param mostSites ids of sites are below it */
  constructor(mostSites = () => MOST_SITES) {
    this.mostSites = mostSites;
  }

  addDamage(damage: Damage): void {
    this.damage.push(damage);
  }

  apply(note: NoteContent): void {
    switch (note.kind) {
      case "boot": {
        // The same boot told again, with more known: replaces, as sites and tasks do.
        const last = this.boots.at(-1);
        const isSame = last?.bootId === note.value.bootId || note.value.continues === true;
        if (isSame && last?.startedAt === note.value.startedAt) this.boots.pop();
        this.boots.push(note.value);
        break;
      }
      case "site":
        this.coverSite(note.value.id);
        if (note.value.id > 0 && note.value.id < this.mostSites()) this.sites[note.value.id] = note.value;
        break;
      case "task":
        this.coverTask(note.value.id);
        if (note.value.id < MOST_TASKS) this.tasks[note.value.id] = note.value;
        break;
      case "mark":
        this.marks.push(note.value);
        break;
      case "fault":
        this.faults.push(note.value);
        break;
      case "failure":
        this.failures.push(note.value);
        break;
      case "gap":
        this.gaps.push(note.value);
        break;
      case "anomaly":
        this.anomalies.push(note.value);
        break;
      case "series":
        this.series.push(note.value);
        break;
      case "readings":
        this.readings.push(note.value);
        break;
      case "incident":
        this.incidents.push(note.value);
        break;
      case "heartbeat":
      case "regions":
        break;
    }
  }

  /** Gives an unnamed entry to every site up to this one. */
  coverSite(id: number): void {
    if (id >= this.mostSites()) return;
    while (this.sites.length <= id) this.sites.push(unknownSite(this.sites.length, 0, -1));
  }

  coverTask(id: number): void {
    if (id >= MOST_TASKS) return;
    while (this.tasks.length <= id) this.tasks.push({ ...unknownTask(this.tasks.length), boot: -1 });
  }
}

export function unknownSite(id: number, deviceId: number, boot: number): RunSite {
  return { id, deviceId, boot, method: Method.UNKNOWN, caps: 0 };
}

function unknownTask(id: number): RunTask {
  return { id, deviceId: id, boot: -1, name: `task ${id}`, handle: 0 };
}

function fixedTasks(): RunTask[] {
  const names = { [TaskNumber.STARTUP]: "startup", [TaskNumber.INTERRUPT]: "interrupt", [TaskNumber.OTHER]: "other" };
  return Object.entries(names).map(([id, name]) => ({ ...unknownTask(Number(id)), name }));
}

/** Log text at its place among the rows. */
export interface TextPiece {
  readonly row: number;
  readonly time: Microseconds;
  readonly bytes: Uint8Array;
}
