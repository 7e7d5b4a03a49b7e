// What a page always shows of a run: how long it is, what it ran on, what happened in it.
import type { Quantity } from "../base/quantity.ts";
import type { Microseconds } from "../base/units.ts";
import type { HeapModel } from "../heap/model-api.ts";
import type { Window } from "../heap/types.ts";
import type { ElfMatch } from "../symbols/sha256.ts";
import { isBlind } from "./blind-run.ts";
import { furtherStarts, lostEvents } from "./coverage.ts";
import { viewDevice, type DeviceView } from "./verdict.ts";

/** Of which ELF the names are, and whether it is the firmware that made the recording; "unknown" where the recording does not say. */
export interface ElfState {
  readonly name: string;
  readonly match: ElfMatch["kind"];
}

export interface RunSummary {
  readonly span: Window;
  /** Rows of history. */
  readonly rows: number;
  readonly device: DeviceView;
  readonly boots: number;
  readonly faults: number;
  readonly failures: number;
  readonly gaps: number;
  /** Unknown where at least one gap does not know. */
  readonly lostEvents: Quantity;
  /** It tells of figures or accidents and of no single block, as most console logs do. */
  readonly isBlind: boolean;
  readonly marks: readonly { readonly time: Microseconds; readonly name: string }[];
}

/** Marks beyond these are not offered by name. */
const MOST_MARKS = 500;

export function viewRun(run: Pick<HeapModel, "span" | "rows" | "tables" | "tellsBlocks">): RunSummary {
  const { span, rows, tables } = run;
  const { gaps } = tables;
  return {
    span,
    rows,
    device: viewDevice(tables),
    boots: tables.boots.length + furtherStarts(tables.boots),
    faults: tables.faults.length,
    failures: tables.failures.length,
    gaps: gaps.length,
    lostEvents: lostEvents(gaps),
    isBlind: isBlind(run),
    marks: tables.marks.slice(-MOST_MARKS).map(({ time, name }) => ({ time, name })),
  };
}
