// An import's account: what came over, what did not, what the files themselves told of.
import type { Address, Bytes } from "../base/units.ts";
import type { ImportReport, IncidentKind, InputReport, SectionKind } from "../import/import-report.ts";

/** A recognized part of a log. */
export interface SectionView {
  readonly kind: SectionKind;
  /** First and last line, counted from 1. */
  readonly firstLine: number;
  readonly lastLine: number;
  /** Records of its kind: blocks, regions, tasks, lines. */
  readonly records: number;
  /** False where the log lacks a part of it; `damage` then says what. */
  readonly whole: boolean;
}

/** Something that could not be imported. */
export interface DamageView {
  /** From 1; of a text. */
  readonly line?: number;
  /** From 0, in bytes; of other files. */
  readonly offset?: number;
  readonly reason: string;
}

/** The block that earlier lines of a log tie to an incident's address. */
export interface IncidentBlockView {
  readonly address: Address;
  readonly size: Bytes;
}

/** A fault that a log tells of. */
export interface IncidentView {
  readonly line: number;
  readonly kind: IncidentKind;
  /** The log's own words. */
  readonly message: string;
  /** The address that the message names. */
  readonly address?: Address;
  /** Number of the fault in the recording, where a heap fault is proven by it. */
  readonly fault?: number;
  readonly block?: IncidentBlockView;
  /** Return addresses, innermost first. */
  readonly callers?: readonly Address[];
  readonly task?: string;
  readonly core?: number;
  /** What the values in the message mean. */
  readonly note?: string;
}

/** A task's account, as ESP-IDF's heap task tracking prints it. */
export interface TaskTotalsView {
  readonly line: number;
  readonly task: string;
  readonly deleted: boolean;
  readonly currentBytes: Bytes;
  readonly peakBytes: Bytes;
  /** The table's last column. */
  readonly totalBytes: Bytes;
}

/** Free bytes that a log gives without saying in which regions. */
export interface MemoryReadingView {
  readonly line: number;
  readonly label: string;
  readonly freeBytes: Bytes;
}

/** Counts as heaptrack_print gives them. */
export interface HeaptrackView {
  readonly allocations: number;
  readonly temporaryAllocations: number;
  readonly peakBytes: Bytes;
  readonly leakedBytes: Bytes;
}

/** One of the files. */
export interface InputView {
  readonly path: string;
  /** Of the importer that took it: `systemview`, `heaptrack`, `log` … */
  readonly format: string;
  /** Allocations, frees, blocks of snapshots, region states, faults and failures that were taken over. */
  readonly events: number;
  readonly sections: readonly SectionView[];
  readonly damage: readonly DamageView[];
  /** Damaged places beyond those listed. */
  readonly omittedDamage: number;
  /** Records that the file itself says were dropped when it was made. */
  readonly droppedRecords: number;
  readonly incidents: readonly IncidentView[];
  readonly taskTotals: readonly TaskTotalsView[];
  readonly memory: readonly MemoryReadingView[];
  readonly heaptrack?: HeaptrackView;
  /** What would make the next recording better, or this one more exact. */
  readonly hints: readonly string[];
}

export interface ImportView {
  /** The recording that was written. */
  readonly output: string;
  readonly events: number;
  readonly inputs: readonly InputView[];
}

export function viewImport({ inputs, events }: ImportReport, output: string): ImportView {
  return { output, events, inputs: inputs.map(viewInput) };
}

function viewInput({ name, furtherDamage, dropped, heaptrack, ...rest }: InputReport): InputView {
  return {
    path: name,
    ...rest,
    omittedDamage: furtherDamage,
    droppedRecords: dropped,
    incidents: rest.incidents.map(({ block, ...incident }) => ({
      ...incident,
      ...(block !== undefined && { block: { address: block.address, size: block.size } }),
    })),
    taskTotals: rest.taskTotals.map(({ line, task, deleted, current, peak, total }) => ({
      line,
      task,
      deleted,
      currentBytes: current,
      peakBytes: peak,
      totalBytes: total,
    })),
    memory: rest.memory.map(({ line, label, bytes }) => ({ line, label, freeBytes: bytes })),
    ...(heaptrack !== undefined && {
      heaptrack: {
        allocations: heaptrack.allocations,
        temporaryAllocations: heaptrack.temporary,
        peakBytes: heaptrack.peakBytes,
        leakedBytes: heaptrack.leakedBytes,
      },
    }),
  };
}
