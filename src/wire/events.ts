// What a run consists of, told in the order in which it happened. Decoders, importers and recordings speak it;
// the heap model, the recorder and the live view listen. Times are microseconds since boot, sizes bytes,
// addresses unsigned 32-bit numbers, ids small integers that a `site` or `task` call names (sometimes after first use).

import type { EventBatch } from "./event-batch.ts";
import type { Configuration, FailureReason, FaultKind, Method } from "./protocol.ts";

export type MethodCode = (typeof Method)[keyof typeof Method];
export type FaultCode = (typeof FaultKind)[keyof typeof FaultKind];
export type FailureReasonCode = (typeof FailureReason)[keyof typeof FailureReason];
export type ConfigurationBits = (typeof Configuration)[keyof typeof Configuration];

/** A frame whose names are known without an ELF, as other tools' files bring them. */
export interface NamedFrame {
  readonly function: string;
  readonly file?: string;
  readonly line?: number;
  /** Library, component or executable. */
  readonly module?: string;
  readonly address?: number;
}

/** Where and how blocks are allocated. Two calls on one line with different caps are two sites. */
export interface Site {
  readonly id: number;
  readonly method: MethodCode;
  /** MALLOC_CAP_* bits of the request. */
  readonly caps: number;
  readonly file?: string;
  readonly line?: number;
  readonly function?: string;
  /** Name of the variable that receives the block, where the macro was told. */
  readonly variable?: string;
  /** Return addresses, innermost first; unadjusted, as the chip saw them. */
  readonly callers?: readonly number[];
  /** Frames that already have names, innermost first. */
  readonly frames?: readonly NamedFrame[];
}

export interface Task {
  readonly id: number;
  readonly name: string;
  /** Address of the task's control block; 0 where there is none. */
  readonly handle: number;
  readonly deleted?: boolean;
}

/** A boot of the device, as its HELLO tells. All addresses and ids known before it are void, unless it `continues`. */
export interface Boot {
  /** Random number of this boot; where `provisional`, only its low byte is known. */
  readonly bootId: number;
  /** The reset was noticed, or the capture began, without a HELLO: what only HELLO tells is absent or a default. */
  readonly provisional?: boolean;
  /** More about the provisional boot announced before: the same boot, and nothing becomes void. */
  readonly continues?: boolean;
  readonly protocolVersion: number;
  readonly chip?: string;
  readonly idfVersion?: string;
  readonly appName?: string;
  readonly appVersion?: string;
  /** 64 hex digits: SHA-256 of the application's ELF file. */
  readonly elfSha256?: string;
  /** ConfigurationBits, or-ed. */
  readonly configuration: number;
  /** Slots in the probe's table; 0 where not known. */
  readonly tableCapacity: number;
  /** 1: every allocation is reported; N: one in N calls. */
  readonly sampleInterval: number;
  /** N: blocks are sampled by bytes, one every N on average. */
  readonly sampleBytes?: number;
  readonly stackDepth: number;
  /** esp_reset_reason_t. */
  readonly resetReason?: number;
  readonly cores?: number;
  readonly redZoneBytes?: number;
  readonly quarantineBytes?: number;
  /** Which tool's file or which source this came from, where not the probe itself. */
  readonly origin?: string;
}

/** State of one heap region, as the device itself answers. */
export interface Region {
  readonly name?: string;
  readonly start: number;
  readonly end: number;
  readonly caps: number;
  readonly free: number;
  readonly largestFree: number;
  /** Lowest `free` since boot. */
  readonly minimumFree?: number;
}

/** The probe's own account, sent about once a second and at the end of each snapshot. Counters count since boot. */
export interface Heartbeat {
  readonly liveBlocks: number;
  readonly liveBytes: number;
  /** Sum of blockHash over the live set, modulo 2^32. */
  readonly hash: number;
  /** Most bytes ever live at once. */
  readonly peakBytes: number;
  /** Allocations that found the table full: not tracked, not streamed. */
  readonly tableFull: number;
  /** Frees of blocks that the probe did not know. */
  readonly unknownFrees: number;
  /** Events that found no frame buffer: in the table, not in the stream. */
  readonly droppedEvents: number;
  readonly faults: number;
  readonly failures: number;
  /** Fault and failure reports that found no room. */
  readonly droppedReports: number;
  readonly quarantinedBytes: number;
  readonly quarantinedBlocks: number;
}

/** One heap fault, proven on the chip or by the model. Sites and tasks are absent where not known. */
export interface Fault {
  /** Counts from 1 since boot; a fault may be sent more than once. */
  readonly number: number;
  readonly kind: FaultCode;
  readonly time: number;
  /** Events before the fault. */
  readonly eventNumber?: number;
  readonly task?: number;
  readonly core?: number;
  /** The pointer that was passed. */
  readonly pointer: number;
  /** 0 where not known: a log may name the fault alone. */
  readonly blockAddress: number;
  /** 0 where not known; `blockAddress` is then where damageOffset counts from. */
  readonly blockSize: number;
  readonly allocSite?: number;
  readonly allocTask?: number;
  readonly freeSite?: number;
  readonly freeTask?: number;
  readonly freeTime?: number;
  /** Where it was noticed: the second free, the check, the free of an overrun block. */
  readonly detectedSite?: number;
  /** First damaged byte relative to the block's start; at least the block's size for an overflow, negative for an underflow. */
  readonly damageOffset?: number;
  readonly damageLength?: number;
  readonly damageBytes?: Uint8Array;
  readonly lastGoodTime?: number;
  /** Who saw it whole then. */
  readonly lastGoodTask?: number;
  /** Tasks that have used the heap since; OTHER as the last one: and more. */
  readonly activeTasks?: readonly number[];
}

/** A request that the heap refused. */
export interface Failure {
  readonly number: number;
  readonly reason: FailureReasonCode;
  readonly time: number;
  readonly eventNumber?: number;
  readonly task?: number;
  readonly core?: number;
  /** Bytes asked for; with `count`, bytes of one element. */
  readonly size: number;
  readonly count?: number;
  /** 0 where not known, as in the classic tracker's message. */
  readonly caps: number;
  readonly site?: number;
  readonly alignment?: number;
  /** The regions that match the caps; empty as well where no region is known. */
  readonly regions: readonly Region[];
  readonly quarantineReleased?: number;
}

/** Why history is missing. */
export type GapReason =
  /** Frames were lost or damaged on the way. */
  | "frames-lost"
  /** The probe had no room to send. */
  | "dropped-on-device"
  /** A capture began in the middle of a run. */
  | "attached-late"
  /** An imported file says that it is not complete. */
  | "source-incomplete"
  /** A recording's file is damaged at this place. */
  | "recording-damaged";

export interface Gap {
  readonly time: number;
  readonly reason: GapReason;
  readonly lostFrames: number;
  /** Allocator events that are missing; undefined where that cannot be known. */
  readonly lostEvents: number | undefined;
}

/** Receives a run. Calls come in order; a sink must not throw on odd input (a free of an unknown block is data). */
export interface EventSink {
  boot(boot: Boot): void;
  /** Sites and tasks come again with every snapshot; the same id is the same site, and the last call about a task holds. */
  site(site: Site): void;
  task(task: Task): void;
  alloc(time: number, address: number, size: number, site: number, task: number, core: number): void;
  /** `known` is false where the probe did not know the block. `site` is 0 where not sent. */
  free(time: number, address: number, site: number, task: number, core: number, known: boolean): void;
  /**
   * Given instead of `alloc` and `free` (of blocks that the probe knew) calls, many at once and in their order, by sources that can;
   * a sink without it gets the single calls. The batch is valid only during the call.
   */
  eventBatch?(batch: EventBatch): void;
  /** From here on the old block may be given to others, but counts as live until the end of the call. */
  reallocBegin(time: number, address: number, task: number, core: number): void;
  reallocEnd(
    time: number,
    oldAddress: number,
    address: number,
    size: number,
    site: number,
    task: number,
    core: number,
  ): void;
  /** The old block lives on, unchanged. */
  reallocFailed(time: number, address: number, size: number, site: number, task: number, core: number): void;
  mark(time: number, name: string, task: number, core: number): void;
  /**
   * `live` calls follow, mixed with events, until snapshotEnd. A gap or a boot in between voids the snapshot: then no
   * more `live` and no `snapshotEnd` comes before the next snapshotBegin.
   */
  snapshotBegin(time: number): void;
  live(address: number, size: number, site: number, task: number, moving: boolean): void;
  /** `records`: how many `live` calls the device made. */
  snapshotEnd(time: number, records: number): void;
  heartbeat(time: number, heartbeat: Heartbeat): void;
  regions(time: number, regions: readonly Region[]): void;
  fault(fault: Fault): void;
  failure(failure: Failure): void;
  gap(gap: Gap): void;
  /**
   * Bytes of the stream that are not frames: log output, in pieces of any length. After damage there may be garbage among
   * them, so whoever shows them replaces control characters. Valid only during the call.
   */
  text(bytes: Uint8Array): void;
}
