/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loop on typed arrays */
// How code sees every birth and death of a window in one pass, without an object per event.

import type { Microseconds } from "../base/units.ts";
import { RowOp, type Rows } from "./rows.ts";

/**
 * The live blocks as columns by slot. A slot is a block's place while it lives and is used again afterwards; read what you need during the
 * call, or key your own columns by slot (`capacity` tells how long they must be).
 */
export interface LiveColumns {
  readonly capacity: number;
  readonly address: Uint32Array;
  readonly size: Uint32Array;
  /** Run-wide site ids. */
  readonly site: Uint32Array;
  /** Run-wide task id × 4 + core. */
  readonly context: Uint16Array;
  readonly born: Float64Array;
  readonly reallocs: Uint16Array;
  /** False from a gap on until all is known again. */
  readonly certain: boolean;
  /** BlockFlag, or-ed. */
  flags(slot: number): number;
  /** When the first block of this block's realloc chain was allocated. */
  originOf(slot: number): Microseconds;
}

/** Why a block's life began or ended. */
export const Cause = {
  /** An allocator call: malloc and its kind, or free. */
  CALL: 0,
  /** A realloc: death of the old block directly before the birth of the new one, which goes on with its chain. */
  REALLOC: 1,
  /** Not seen happening: a snapshot showed it, or an allocation at the same address. */
  INFERRED: 2,
  /** The device restarted. Deaths only. */
  RESET: 3,
} as const;

export type CauseCode = (typeof Cause)[keyof typeof Cause];

/**
 * The columns may be replaced by longer ones between calls: do not keep them, take them from the argument. `row`: how many rows of the run there
 * are up to and including the one that is shown.
 */
export interface HeapVisitor {
  /** Before the first event of the window; `live` holds what lived already. */
  begin?(live: LiveColumns, slots: Iterable<number>, time: Microseconds): void;
  born?(live: LiveColumns, slot: number, time: Microseconds, cause: CauseCode, row: number): void;
  /** The columns still hold the block. `context` is who freed it (task id × 4 + core), `site` where, 0 if not told. */
  died?(
    live: LiveColumns,
    slot: number,
    time: Microseconds,
    cause: CauseCode,
    context: number,
    site: number,
    row: number,
  ): void;
  /**
   * Comes in place of `born` and `died` for rows `from` to, not including, `to`, which are ALLOC and FREE rows of Cause.CALL only: many
   * at once, so that a pass over all events costs no call an event. `slots[i - from]` is the block of row i, with its columns in place,
   * also where a later one of these rows has freed it.
   */
  calls?(live: LiveColumns, rows: Rows, from: number, to: number, slots: Int32Array): void;
  /** History is missing from here on. */
  gap?(live: LiveColumns, time: Microseconds): void;
  /** After the last event of the window. */
  end?(live: LiveColumns, slots: Iterable<number>, time: Microseconds): void;
}

const { ALLOC } = RowOp;
const { CALL } = Cause;

/** Shows such rows to any visitor. */
export function showCalls(
  visitor: HeapVisitor,
  live: LiveColumns,
  rows: Rows,
  from: number,
  to: number,
  slots: Int32Array,
): void {
  if (visitor.calls !== undefined) {
    visitor.calls(live, rows, from, to, slots);
    return;
  }
  const { op, time, site, context, baseTime, firstRow } = rows;
  const [seesBirths, seesDeaths] = [visitor.born !== undefined, visitor.died !== undefined];
  if (!seesBirths && !seesDeaths) return;
  for (let i = from; i < to; i++) {
    const slot = slots[i - from]!;
    const row = firstRow + i + 1;
    if (op[i] !== ALLOC) {
      if (seesDeaths) visitor.died!(live, slot, baseTime + time[i]!, CALL, context[i]!, site[i]!, row);
    } else if (seesBirths) {
      visitor.born!(live, slot, baseTime + time[i]!, CALL, row);
    }
  }
}
