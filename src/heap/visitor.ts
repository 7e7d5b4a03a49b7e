// How code sees every birth and death of a window in one pass, without an object per event.

import type { Microseconds } from "../base/units.ts";

/**
 * The live blocks as columns by slot. A slot is a block's place while it lives and is used again afterwards; read what you need during the
 * call, or key your own columns by slot (`capacity` tells how long they must be).
 */
export interface LiveColumns {
  readonly capacity: number;
  /** Rows of the run up to and including the one under way. */
  readonly row: number;
  readonly liveBytes: number;
  readonly liveBlocks: number;
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
  /** The block at exactly this address; 0 where none is live or its realloc is under way. */
  slotAt(address: number): number;
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

/** The columns may be replaced by longer ones between calls: do not keep them, take them from the argument. */
export interface HeapVisitor {
  /** Before the first event of the window; `live` holds what lived already. */
  begin?(live: LiveColumns, slots: Iterable<number>, time: Microseconds): void;
  born?(live: LiveColumns, slot: number, time: Microseconds, cause: CauseCode): void;
  /** The columns still hold the block. `context` is who freed it (task id × 4 + core), `site` where, 0 if not told. */
  died?(live: LiveColumns, slot: number, time: Microseconds, cause: CauseCode, context: number, site: number): void;
  /** History is missing from here on. */
  gap?(live: LiveColumns, time: Microseconds): void;
  /** After the last event of the window. */
  end?(live: LiveColumns, slots: Iterable<number>, time: Microseconds): void;
}
