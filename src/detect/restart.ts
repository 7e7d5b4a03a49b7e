// A restart that nobody asked for, as the detector that finds them and what tells of them share it.
import type { Microseconds } from "../base/units.ts";

/** What the board said and the heap did so shortly before belongs to it. */
export const JUST_BEFORE: Microseconds = 10e6;

export interface Restart {
  /** Of the boot that ended. */
  readonly from: Microseconds;
  readonly time: Microseconds;
  readonly reason?: string;
  readonly lines: readonly string[];
  /** The line that says why; empty where none does. */
  readonly saying: string;
}
