// What a timeline of memory is made of.
import type { Happening } from "./happenings.ts";
import type { Address, Bytes, Caps } from "../base/units.ts";
import type { Window } from "../heap/types.ts";

/** Which memory: one region by its start, or all regions that have these capabilities (0: all). */
export type Scope = { readonly region: Address } | { readonly caps: Caps };

export interface ScopeChoice {
  readonly scope: Scope;
  readonly name: string;
  readonly bytes: Bytes;
}

export interface MemoryCurves {
  /** Lines of a log that tells no times are places on the axis as moments are: `window` and `time` are then of lines. */
  readonly axis: "time" | "line";
  readonly window: Window;
  readonly scope: Scope;
  readonly choices: readonly ScopeChoice[];
  /** Bytes of the memory in scope; 0 where the device told of no region. */
  readonly total: Bytes;
  /** End of each stretch. The columns below have an entry for each; NaN where nothing is known. */
  readonly time: Float64Array;
  readonly free: Float64Array;
  readonly minFree: Float64Array;
  readonly maxFree: Float64Array;
  readonly largestFree: Float64Array;
  readonly used: Float64Array;
  readonly minUsed: Float64Array;
  readonly maxUsed: Float64Array;
  /** 1 where `largestFree` is an estimate: blocks exist that the stream does not show. */
  readonly estimated: Uint8Array;
  readonly happenings: readonly Happening[];
  /** Where history is missing, by time: the curves have holes there. */
  readonly gaps: readonly Window[];
}
