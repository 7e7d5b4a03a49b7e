// What an import says about each file: what was whole, what was not and where, what the file itself admits to have lost, and
// what the formats tell that has no place in the event vocabulary (per-task totals, panics without a block).

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
  | "memory info";

/** A recognized part of a log. */
export interface Section {
  readonly kind: SectionKind;
  /** First and last line, counted from 1. */
  readonly firstLine: number;
  readonly lastLine: number;
  /** Records of its kind: blocks, regions, tasks, lines. */
  readonly records: number;
  /** False where the log lacks a part of it; `damage` then says what. */
  readonly whole: boolean;
}

/** Something that could not be imported. One of `line` (from 1) and `offset` (bytes) says where. */
export interface Damage {
  readonly line?: number;
  readonly offset?: number;
  readonly reason: string;
}

export type IncidentKind =
  | "bad head"
  | "bad tail"
  | "write after free"
  | "heap metadata"
  | "double free"
  | "invalid free"
  | "sanitizer"
  | "stack overflow"
  | "abort"
  | "assert"
  | "panic";

/** A fault that a log tells of. Where a kind of heap fault is proven by it, it is also sent to the sink as `fault`. */
export interface Incident {
  readonly line: number;
  readonly kind: IncidentKind;
  /** The log's own words. */
  readonly message: string;
  /** The address that the message names. */
  readonly address?: number;
  /** Number of the fault that the sink received. */
  readonly fault?: number;
  /** The block that earlier lines of the log tie to the address. */
  readonly block?: { readonly address: number; readonly size: number; readonly site: number };
  /** Program counters, innermost first, as Site.callers. */
  readonly callers?: readonly number[];
  readonly task?: string;
  readonly core?: number;
  /** What the values in the message mean. */
  readonly note?: string;
}

/** One task's account, as ESP-IDF's heap task tracking prints it. Bytes. */
export interface TaskTotals {
  readonly line: number;
  readonly task: string;
  readonly deleted: boolean;
  readonly current: number;
  readonly peak: number;
  /** The table's last column. */
  readonly total: number;
}

/** A number of free bytes that a log gives without saying in which regions. */
export interface MemoryReading {
  readonly line: number;
  readonly label: string;
  readonly bytes: number;
}

/** Counts as heaptrack_print gives them. */
export interface HeaptrackTotals {
  readonly allocations: number;
  readonly temporary: number;
  readonly peakBytes: number;
  readonly leakedBytes: number;
}

export interface InputReport {
  readonly name: string;
  /** The importer's. */
  readonly format: string;
  /** Allocations, frees, blocks of snapshots, region states, faults and failures that were handed on. */
  readonly events: number;
  readonly sections: readonly Section[];
  readonly damage: readonly Damage[];
  /** Damaged places beyond those listed. */
  readonly furtherDamage: number;
  /** Packets or records that the file itself says were dropped when it was made. */
  readonly dropped: number;
  readonly incidents: readonly Incident[];
  readonly taskTotals: readonly TaskTotals[];
  readonly memory: readonly MemoryReading[];
  readonly heaptrack?: HeaptrackTotals;
  /** What would make the next recording better, or this one more exact. */
  readonly hints: readonly string[];
}

export interface ImportReport {
  readonly inputs: readonly InputReport[];
  readonly events: number;
}

/** A broken file can be broken in a million places; nobody reads more than these. */
const MAX_DAMAGE = 100;

/** Collects one input's report. */
export class ReportBuilder {
  readonly name: string;
  readonly format: string;
  events = 0;
  dropped = 0;
  heaptrack: HeaptrackTotals | undefined;
  readonly #sections: Section[] = [];
  readonly #damage: Damage[] = [];
  #furtherDamage = 0;
  readonly #incidents: Incident[] = [];
  readonly #taskTotals: TaskTotals[] = [];
  readonly #memory: MemoryReading[] = [];
  readonly #hints = new Set<string>();

  constructor(name: string, format: string) {
    this.name = name;
    this.format = format;
  }

  section(section: Section): void {
    this.#sections.push(section);
  }

  damage(damage: Damage): void {
    if (this.#damage.length < MAX_DAMAGE) this.#damage.push(damage);
    else this.#furtherDamage++;
  }

  incident(incident: Incident): void {
    this.#incidents.push(incident);
  }

  taskTotals(totals: TaskTotals): void {
    this.#taskTotals.push(totals);
  }

  memory(reading: MemoryReading): void {
    this.#memory.push(reading);
  }

  /** The same hint is given once. */
  hint(hint: string): void {
    this.#hints.add(hint);
  }

  finish(): InputReport {
    return {
      name: this.name,
      format: this.format,
      events: this.events,
      sections: this.#sections,
      damage: this.#damage,
      furtherDamage: this.#furtherDamage,
      dropped: this.dropped,
      incidents: this.#incidents,
      taskTotals: this.#taskTotals,
      memory: this.#memory,
      ...(this.heaptrack === undefined ? {} : { heaptrack: this.heaptrack }),
      hints: [...this.#hints],
    };
  }
}
