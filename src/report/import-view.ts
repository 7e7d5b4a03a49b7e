// An import's account: what came over, what did not, what the files themselves told of.
import type { Address, Bytes } from "../base/units.ts";
import type { ImportReport, InputReport, SectionKind } from "../import/import-report.ts";

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

/** A fault, a failed request or a crash that a log tells of. */
export interface IncidentView {
  /** From 1. */
  readonly line: number;
  /** `failed-allocation`, `bad-tail`, `panic` … */
  readonly kind: string;
  /** The log's own words. */
  readonly quote: string;
  /** How often the same was said. */
  readonly count: number;
  /** Bytes asked for. */
  readonly size?: Bytes;
  /** The address that the message names. */
  readonly address?: Address;
}

/** A figure of memory that a log prints now and then. */
export interface SeriesView {
  /** The words beside the number. */
  readonly label: string;
  readonly quantity: "free" | "largest" | "minimum" | "used" | "total" | "fragmentation";
  readonly memory: "any" | "internal" | "dma" | "psram";
  readonly readings: number;
  /** First line, from 1, and its words. */
  readonly line: number;
  readonly quote: string;
}

/** A number of a kind of line that was considered as a figure of memory. */
export interface ConsideredView {
  readonly line: number;
  readonly quote: string;
  readonly label: string;
  /** Lines of this kind. */
  readonly count: number;
  readonly taken: boolean;
  /** What it was taken for, or why not. */
  readonly verdict: string;
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
  /** Incidents beyond those listed. */
  readonly omittedIncidents: number;
  readonly series: readonly SeriesView[];
  readonly considered: readonly ConsideredView[];
  /** Lines of a log. */
  readonly lines?: number;
  readonly taskTotals: readonly TaskTotalsView[];
  readonly heaptrack?: HeaptrackView;
  /** What would make the next recording better, or this one more exact. */
  readonly hints: readonly string[];
}

export interface ImportView {
  /** The recording that was written; absent where the files were only explained. */
  readonly output?: string;
  readonly events: number;
  readonly inputs: readonly InputView[];
}

export function viewImport({ inputs, events }: ImportReport, output: string | undefined): ImportView {
  return { ...(output !== undefined && { output }), events, inputs: inputs.map(viewInput) };
}

function viewInput({ name, furtherDamage, furtherIncidents, dropped, heaptrack, ...rest }: InputReport): InputView {
  return {
    path: name,
    ...rest,
    omittedDamage: furtherDamage,
    droppedRecords: dropped,
    omittedIncidents: furtherIncidents,
    incidents: rest.incidents.map(({ line, kind, quote, count, size, address }) => ({
      line,
      kind,
      quote,
      count,
      ...(size !== undefined && { size }),
      ...(address !== undefined && { address }),
    })),
    series: rest.series.map(({ label, quantity, memory, readings, line, quote }) => ({
      label,
      quantity,
      memory,
      readings,
      line,
      quote,
    })),
    taskTotals: rest.taskTotals.map(({ line, task, deleted, current, peak, total }) => ({
      line,
      task,
      deleted,
      currentBytes: current,
      peakBytes: peak,
      totalBytes: total,
    })),
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
