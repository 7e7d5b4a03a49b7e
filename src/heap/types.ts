// The words in which the heap model answers: windows, tables of blocks, totals with bounds, series, groups.
// Sites and tasks have run-wide ids here: two boots of a board may give the same number to different places in the code, and
// the tracker keeps them apart. Times are run time: microseconds since the first boot of the run, never going back; a second boot goes on
// where the first one was last heard of (RunBoot.startedAt turns run time into time since that boot).

import type { Address, Bytes, Caps, Microseconds } from "../base/units.ts";
import type { Damage } from "./damage.ts";
import type { NamedFrame } from "../wire/fields.ts";
import type { Failure, Fault, Gap, Region } from "../wire/records.ts";
import type {
  Anomaly,
  RunBoot,
  RunIncident,
  RunMark,
  RunReadings,
  RunSeries,
  RunSite,
  RunTask,
} from "./run-records.ts";

/**
 * A span of run time, both ends included: events with `from <= time <= to`. The state "at t" is the one after every event at t;
 * the state at the beginning of a window is the one before every event at `from`.
 */
export interface Window {
  readonly from: Microseconds;
  readonly to: Microseconds;
}

export interface LogText {
  /** Run time of the last event before the text. */
  readonly time: Microseconds;
  readonly text: string;
}

/** Everything of a run that is small: names and rare events, in the order in which they came. */
export interface RunTables {
  /** By run-wide id; entry 0 is "not known". A site that was used but never described has method 0 and no names. */
  readonly sites: readonly RunSite[];
  /** By run-wide id; the first three have the fixed meanings of TaskNumber. */
  readonly tasks: readonly RunTask[];
  readonly boots: readonly RunBoot[];
  readonly marks: readonly RunMark[];
  /** Each report once, with run-wide ids and run time. */
  readonly faults: readonly Fault[];
  readonly failures: readonly Failure[];
  readonly gaps: readonly Gap[];
  /** At most ANOMALIES_KEPT a kind; the counts in Totals are complete. */
  readonly anomalies: readonly Anomaly[];
  /** What a console log tells beside allocations. */
  readonly series: readonly RunSeries[];
  readonly readings: readonly RunReadings[];
  readonly incidents: readonly RunIncident[];
  /** Of the file that the run comes from: all of it once it has been checked, else what was come upon so far. */
  readonly damage: readonly Damage[];
}

/** Bits of BlockTable.flags. */
export const BlockFlag = {
  /** Live before a gap, and not confirmed since: it may have been freed. */
  UNCERTAIN: 1,
  /** Seen first in a snapshot: `born` is when it was found, the true birth lies before. */
  FOUND: 2,
  /** A realloc of this block is under way. */
  MOVING: 4,
} as const;

/** Blocks as columns; row i of each belongs together. Never written to after it was returned. */
export interface BlockTable {
  readonly length: number;
  readonly address: Uint32Array;
  /** Bytes asked for. */
  readonly size: Uint32Array;
  /** Run-wide site ids. */
  readonly site: Uint32Array;
  /** Run-wide task ids. */
  readonly task: Uint16Array;
  readonly core: Uint8Array;
  /** When this block came to be, by an allocation or a realloc. */
  readonly born: Float64Array;
  /** When the first block of its realloc chain was allocated; equals `born` where there was no realloc. */
  readonly origin: Float64Array;
  /** Reallocs since `origin`. */
  readonly reallocs: Uint16Array;
  /** BlockFlag bits. */
  readonly flags: Uint8Array;
}

/**
 * Live bytes and blocks with bounds. Without a gap all three are equal. After one, the truth lies between `lowest` (blocks known to be live)
 * and `highest`; Infinity where allocations are missing and the device has not yet told its own total.
 */
export interface Bounded {
  readonly value: number;
  readonly lowest: number;
  readonly highest: number;
}

export interface Totals {
  readonly time: Microseconds;
  readonly bytes: Bounded;
  readonly blocks: Bounded;
  /** Counted from the beginning of the run. A realloc counts as both. */
  readonly allocations: number;
  readonly frees: number;
  readonly allocatedBytes: Bytes;
  readonly unknownFrees: number;
  readonly missedAllocations: number;
  readonly doubleAllocations: number;
}

/** All of one moment. */
export interface Moment {
  readonly totals: Totals;
  /** Live after every event at the moment, by address. */
  readonly blocks: BlockTable;
  readonly regions: readonly RegionState[];
}

export interface Peak {
  readonly time: Microseconds;
  readonly bytes: Bytes;
  readonly blocks: number;
  /** What was live at that moment. */
  readonly live: BlockTable;
}

/** Live bytes over time in `length` equal buckets of a window; each with its lowest, highest and last value, so that no peak is missed. */
export interface Timeline {
  readonly length: number;
  /** End of each bucket. */
  readonly time: Float64Array;
  readonly minBytes: Float64Array;
  readonly maxBytes: Float64Array;
  readonly lastBytes: Float64Array;
  readonly lastBlocks: Float64Array;
  readonly allocations: Float64Array;
  readonly frees: Float64Array;
  readonly allocatedBytes: Float64Array;
}

/** What each site held and had done at the same moments; [sample * sites + site] where an array says "by sample and site". */
export interface SiteSeries {
  readonly samples: number;
  readonly sites: number;
  readonly time: Float64Array;
  /** By sample and site: live. */
  readonly bytes: Float64Array;
  readonly blocks: Float64Array;
  /** By sample and site: counted from the beginning of the run. */
  readonly allocations: Float64Array;
  readonly allocatedBytes: Float64Array;
}

/** Powers of two of a lifetime in microseconds: bucket k counts lives of 2^k to 2^(k+1)-1 µs (bucket 0 also below 1). */
export const LIFETIME_BUCKETS = 48;

/** What happened in a window, a column's entry for each site or group, from one pass over the events. */
export interface Activity {
  readonly window: Window;
  readonly allocations: Float64Array;
  readonly allocatedBytes: Float64Array;
  /** Frees of blocks of this site or group, wherever they were freed. */
  readonly frees: Float64Array;
  readonly freedBytes: Float64Array;
  /** Of the blocks that lived at the window's beginning or were born in it: live at its end. */
  readonly liveBlocks: Float64Array;
  readonly liveBytes: Float64Array;
  /** Born in the window and alive at its end. */
  readonly survivorBytes: Float64Array;
  /** Most bytes of it live at once within the window, and when. */
  readonly peakBytes: Float64Array;
  readonly peakTime: Float64Array;
  /** Freed by the very next heap call of the same task, or within `temporaryWithin` calls of it. */
  readonly temporaryAllocations: Float64Array;
  readonly temporaryBytes: Float64Array;
  /** Reallocs that gave a block of it, and those that had to move it. */
  readonly reallocs: Float64Array;
  readonly moves: Float64Array;
  /** Longest realloc chain that was seen. */
  readonly longestChain: Float64Array;
  /** [index * LIFETIME_BUCKETS + bucket]: lives that ended in the window (from allocation to free, reallocs included). */
  readonly lifetimes: Float64Array;
  /** Longest life that ended, and longest that goes on at the end of the window. */
  readonly longestEnded: Float64Array;
  readonly longestOngoing: Float64Array;
}

/** By run-wide site id. */
export interface SiteActivity extends Activity {
  readonly sites: number;
}

/** By what blocks have in common. */
export interface GroupActivity extends Activity {
  /** What the groups are called; those without any activity are among them. */
  readonly keys: readonly string[];
}

/** A stretch of address space inside a region. */
export interface FreeRange {
  readonly start: Address;
  /** Usable bytes of the hole: what one allocation could at most get. */
  readonly bytes: Bytes;
}

/** A region at a moment: as the device last answered, and as it follows from the live blocks. */
export interface RegionState {
  readonly region: Region;
  /** Run time of the device's answer. */
  readonly reportedAt: Microseconds;
  /** Bytes free now: the device's answer carried on by the allocations and frees since. */
  readonly free: Bytes;
  readonly largestFree: Bytes;
  readonly freeBlocks: number;
  /** Lowest since boot: the device's answer, and what was seen since. */
  readonly minimumFree: Bytes;
  /** Holes between live blocks, by address. */
  readonly holes: readonly FreeRange[];
  /**
   * True where the block boundaries are the heap's own: at the device's last answer the holes gave the same free bytes and the same
   * largest block. Otherwise blocks exist that the stream does not show, and largestFree, freeBlocks and holes are an estimate.
   */
  readonly exact: boolean;
  /** Live blocks inside the region, and their bytes as the heap counts them (headers and rounding included). */
  readonly liveBlocks: number;
  readonly occupied: Bytes;
}

/** All regions that have certain capabilities, at a moment; what heap_caps_get_info would say. */
export interface CapsState {
  /** MALLOC_CAP_* bits. */
  readonly caps: Caps;
  readonly regions: number;
  readonly total: Bytes;
  readonly free: Bytes;
  /** Everything that is not free, the heap's own tables included. */
  readonly used: Bytes;
  readonly largestFree: Bytes;
  readonly freeBlocks: number;
  /** Sum of the regions' lowest free bytes since boot. */
  readonly minimumFree: Bytes;
  /** See RegionState.exact. */
  readonly exact: boolean;
}

export type GroupKey =
  | "site"
  | "stack"
  | "function"
  | "file"
  | "component"
  | "variable"
  | "method"
  | "task"
  | "core"
  | "caps"
  | "region"
  | "size-class"
  | "generation"
  | "boot";

export interface Group {
  /** Equal in two runs for the same thing: a name, not an id, wherever there is one. */
  readonly key: string;
  readonly blocks: number;
  readonly bytes: Bytes;
  /** Earliest and latest birth of the group's blocks. */
  readonly oldest: Microseconds;
  readonly newest: Microseconds;
  /** Run-wide site ids that contribute, most bytes first. */
  readonly sites: readonly number[];
}

/** Gives names to return addresses; src/symbols has one. Frames of inlined calls come first, innermost first; empty where not known. */
export interface FrameResolver {
  frames(address: Address): readonly NamedFrame[];
  /** What a pointer found in memory points to, for a sentence: "which is g_state.next at main/app.c:12"; undefined for what the ELF does not know. */
  pointee(pointer: Address): string | undefined;
  /** What is wrong when these are not the names of the firmware that ran; undefined when they are, or when that cannot be known. */
  mismatch(elfSha256: string): string | undefined;
  /** The call stack, innermost first, of a processor that stopped with these registers; empty where it cannot be told. */
  unwind?(registers: ReadonlyMap<string, number>, stackAt: Address, words: readonly number[]): readonly NamedFrame[];
}
