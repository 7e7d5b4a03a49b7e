// What a timeline of memory is made of.
import type { Happening } from "./happenings.ts";
import type { Address, Bytes, Caps } from "../base/units.ts";
import type { Window } from "../heap/types.ts";

/** Which memory: one region by its start, or all regions that have these capabilities (0: all). */
export type Scope = { readonly start: Address } | { readonly capBits: Caps };

/** Moments in microseconds, or line numbers. */
export type Axis = "time" | "line";

export interface ScopeChoice {
  readonly scope: Scope;
  readonly name: string;
  readonly totalBytes: Bytes;
}

export interface MemoryCurves {
  /** Lines of a log that tells no times are places on the axis as moments are: `window` and `time` are then of lines. */
  readonly axis: Axis;
  readonly window: Window;
  readonly scope: Scope;
  readonly choices: readonly ScopeChoice[];
  /** Bytes of the memory in scope; 0 where the device told of no region. */
  readonly totalBytes: Bytes;
  /** End of each stretch. The columns below have an entry for each; NaN where nothing is known. */
  readonly time: Float64Array;
  readonly freeBytes: Float64Array;
  readonly leastFreeBytes: Float64Array;
  readonly mostFreeBytes: Float64Array;
  readonly largestFreeBytes: Float64Array;
  readonly usedBytes: Float64Array;
  readonly leastUsedBytes: Float64Array;
  readonly mostUsedBytes: Float64Array;
  /** 1 where `largestFreeBytes` is an estimate: blocks exist that the stream does not show. */
  readonly estimated: Uint8Array;
  readonly happenings: readonly Happening[];
  /** Where history is missing, by time: the curves have holes there. */
  readonly gapSpans: readonly Window[];
}
