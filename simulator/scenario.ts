// What a scenario is: one firmware with or without planted faults, on one chip.
import type { Microseconds } from "../src/base/units.ts";
import type { Firmware } from "./board.ts";
import type { ChipName } from "./chips.ts";
import type { SourceSite } from "./task.ts";

/** A fault that the firmware has on purpose, for tests and for those who want to compare. */
export interface Planted {
  readonly kind:
    | "leak"
    | "double-free"
    | "overflow"
    | "write-after-free"
    | "allocation-failure"
    | "fragmentation"
    | "bounded-growth";
  /** Where the blocks in question are allocated. */
  readonly at: SourceSite;
}

export interface Scenario {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  readonly chip: ChipName;
  /** How long it runs, in simulated time. */
  readonly duration: Microseconds;
  readonly firmware: Firmware;
  /** Empty: nothing is wrong with it. */
  readonly planted: readonly Planted[];
}
