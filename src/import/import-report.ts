// What an import says about each file: what was whole, what was not and where, what the file itself admits to have lost, and
// what the formats tell that has no place in the event vocabulary (per-task totals).

import type { Bytes } from "../base/units.ts";
import type { Incident, Series } from "../wire/log-records.ts";
import type { Considered } from "./known-templates.ts";

/** What a part of a log was recognized as. */
export type SectionKind =
  | "heap trace"
  | "heap info"
  | "heap dump"
  | "heap regions at boot"
  | "task tracking"
  | "fault"
  | "failed allocation"
  | "classic tracker"
  | "SystemView heap trace"
  | "memory info"
  | "leak check";

/** A recognized part of a log. */
export interface Section {
  readonly kind: SectionKind;
  /** First and last line, counted from 1. */
  readonly firstLine: number;
  readonly lastLine: number;
  /** Records of its kind: blocks, regions, tasks, lines. */
  readonly records: number;
  /** So many of its kind, from one line to the other, are put together: a log may have a million. */
  readonly parts?: number;
  /** False where the log lacks a part of it; `damage` then says what. */
  readonly whole: boolean;
}

/** Something that could not be imported. */
export interface InputDamage {
  /** From 1; of a text. */
  readonly line?: number;
  /** From 0; of other files. */
  readonly offset?: Bytes;
  readonly reason: string;
}

/** One task's account, as ESP-IDF's heap task tracking prints it. */
export interface TaskTotals {
  readonly line: number;
  readonly task: string;
  readonly deleted: boolean;
  readonly currentBytes: Bytes;
  readonly peakBytes: Bytes;
  /** Heaps that it holds blocks of: the table's last column, TOTAL HEAP USED. */
  readonly heaps: number;
}

/** Counts as heaptrack_print gives them. */
export interface HeaptrackTotals {
  readonly allocations: number;
  readonly temporaryAllocations: number;
  readonly peakBytes: Bytes;
  readonly leakedBytes: Bytes;
}

/** One of the files; what its log tells of comes on top. */
export interface InputAccount {
  readonly path: string;
  /** Of the importer that took it: `systemview`, `heaptrack`, `log` … */
  readonly format: string;
  /** Allocations, frees, blocks of snapshots, region states, faults and failures that were handed on. */
  readonly events: number;
  readonly sections: readonly Section[];
  readonly damage: readonly InputDamage[];
  /** Damaged places beyond those listed. */
  readonly omittedDamage: number;
  /** Packets or records that the file itself says were dropped when it was made. */
  readonly droppedRecords: number;
  /** Incidents beyond those listed. */
  readonly omittedIncidents: number;
  /** Every template of a log that was considered for a series, and why it was taken or not. */
  readonly considered: readonly Considered[];
  /** Lines of a log. */
  readonly lines?: number;
  readonly taskTotals: readonly TaskTotals[];
  readonly heaptrack?: HeaptrackTotals;
  /** How the file was read, where that is not plain. */
  readonly remarks?: readonly string[];
  /** What would make the next recording better, or this one more exact. */
  readonly hints: readonly string[];
}

export interface InputReport extends InputAccount {
  /** Faults, failed requests and crashes that a log tells of. */
  readonly incidents: readonly Incident[];
  /** Figures of memory that a log prints. */
  readonly series: readonly Series[];
}

export interface ImportReport {
  readonly inputs: readonly InputReport[];
  readonly events: number;
}

/** A broken file can be broken in a million places; nobody reads more than these. */
const MAX_DAMAGE = 100;
const MAX_INCIDENTS = 200;
/** Beyond so many, those of a kind are put together. */
const MAX_SECTIONS = 1000;
const MAX_CONSIDERED = 1000;

/** Collects one input's report. */
export class ReportBuilder {
  readonly path: string;
  readonly format: string;
  events = 0;
  droppedRecords = 0;
  heaptrack: HeaptrackTotals | undefined;
  private readonly sections: Section[] = [];
  /** Of those beyond `MAX_SECTIONS`, by their kind and whether they are whole. */
  private readonly furtherSections = new Map<
    string,
    { -readonly [Field in keyof Section]: Section[Field] } & { parts: number }
  >();
  private readonly damages: InputDamage[] = [];
  private omittedDamage = 0;
  private readonly incidents: Incident[] = [];
  private omittedIncidents = 0;
  private readonly seriesFound: Series[] = [];
  private readonly templates: Considered[] = [];
  lines: number | undefined;
  private readonly totalsByTask: TaskTotals[] = [];
  private readonly remarks: string[] = [];
  private readonly hints = new Set<string>();

  constructor(path: string, format: string) {
    this.path = path;
    this.format = format;
  }

  section(section: Section): void {
    if (this.sections.length < MAX_SECTIONS) {
      this.sections.push(section);
      return;
    }
    const key = `${section.kind} ${String(section.whole)}`;
    const known = this.furtherSections.get(key);
    if (known === undefined) this.furtherSections.set(key, { ...section, parts: 1 });
    else {
      known.lastLine = section.lastLine;
      known.records += section.records;
      known.parts++;
    }
  }

  damage(damage: InputDamage): void {
    if (this.damages.length < MAX_DAMAGE) this.damages.push(damage);
    else this.omittedDamage++;
  }

  incident(incident: Incident): void {
    if (this.incidents.length < MAX_INCIDENTS) this.incidents.push(incident);
    else this.omittedIncidents++;
  }

  taskTotals(totals: TaskTotals): void {
    this.totalsByTask.push(totals);
  }

  series(series: Series): void {
    if (this.seriesFound.length < MAX_INCIDENTS) this.seriesFound.push(series);
  }

  considered(templates: readonly Considered[]): void {
    for (const template of templates) if (this.templates.length < MAX_CONSIDERED) this.templates.push(template);
  }

  /** Nothing was found that anything could be said about. */
  get isEmpty(): boolean {
    return this.events === 0 && this.sections.length === 0 && this.damages.length === 0;
  }

  hasDamage(reason: string): boolean {
    return this.damages.some((one) => one.reason === reason);
  }

  remark(remark: string): void {
    this.remarks.push(remark);
  }

  /** The same hint is given once. */
  hint(hint: string): void {
    this.hints.add(hint);
  }

  finish(): InputReport {
    return {
      path: this.path,
      format: this.format,
      events: this.events,
      sections: [...this.sections, ...this.furtherSections.values()],
      damage: this.damages,
      omittedDamage: this.omittedDamage,
      droppedRecords: this.droppedRecords,
      incidents: this.incidents,
      omittedIncidents: this.omittedIncidents,
      series: this.seriesFound,
      considered: this.templates,
      ...(this.lines === undefined ? {} : { lines: this.lines }),
      taskTotals: this.totalsByTask,
      ...(this.heaptrack === undefined ? {} : { heaptrack: this.heaptrack }),
      ...(this.remarks.length === 0 ? {} : { remarks: this.remarks }),
      hints: [...this.hints],
    };
  }
}
