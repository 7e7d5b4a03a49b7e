// The records of a run, each described once: a line here adds a field to its type, to the wire (decoder, encoder, C header) and to recordings.
// protocol/SPEC.md says the same for people. What SITES and EVENTS frames hold has forms of its own there (decode-sites.ts, decode-events.ts), of which
// the descriptions say nothing.

import { logRecords } from "./log-records.ts";
import { describe, type RecordOf } from "./fields.ts";
import { FailureReason, FaultKind, FrameType, type FrameTypeCode, Method, PROTOCOL_VERSION } from "./protocol.ts";

/** Why history is missing. */
export const GapReason = {
  /** Frames were lost or damaged on the way. */
  FRAMES_LOST: "frames-lost",
  /** The probe had no room to send. */
  DROPPED_ON_DEVICE: "dropped-on-device",
  /** A capture began in the middle of a run. */
  ATTACHED_LATE: "attached-late",
  /** An imported file says that it is not complete. */
  SOURCE_INCOMPLETE: "source-incomplete",
  /** A recording's file is damaged at this place. */
  RECORDING_DAMAGED: "recording-damaged",
} as const;
export type GapReason = (typeof GapReason)[keyof typeof GapReason];

/** State of one heap region, as the device itself answers. */
export const region = describe({
  start: { type: "address", wire: 1, saved: 2 },
  end: { type: "address", wire: 2, saved: 3 },
  caps: { type: "caps", wire: 3, saved: 4 },
  free: { type: "bytes", wire: 4, saved: 5 },
  largestFree: { type: "bytes", wire: 5, saved: 6 },
  /** Lowest `free` since boot. */
  minimumFree: { type: "bytes", wire: 6, saved: 7, optional: true },
  name: { type: "text", wire: 7, saved: 1, optional: true },
});

export const records = {
  /** A boot of the device, as its HELLO tells. All addresses and ids known before it are void, unless it `continues`. */
  boot: describe({
    /** Random number of this boot; where `provisional`, only its low byte is known. */
    bootId: { type: "word", wire: 1, saved: 1 },
    protocolVersion: { type: "count", saved: 2, default: PROTOCOL_VERSION },
    chip: { type: "text", wire: 3, saved: 3, optional: true },
    idfVersion: { type: "text", wire: 4, saved: 4, optional: true },
    appName: { type: "text", wire: 5, saved: 5, optional: true },
    appVersion: { type: "text", wire: 6, saved: 6, optional: true },
    /** Of the application's ELF file. */
    elfSha256: { type: "sha256", wire: 7, saved: 7, optional: true },
    /** Bits of Configuration, or-ed. */
    configuration: { type: "count", wire: 8, saved: 8 },
    /** Slots in the probe's table; 0 where not known. */
    tableCapacity: { type: "count", wire: 9, saved: 9 },
    /** 1: every allocation is reported; N: one in N calls. */
    sampleInterval: { type: "count", wire: 10, saved: 10, default: 1 },
    stackDepth: { type: "count", wire: 11, saved: 11 },
    /** esp_reset_reason_t. */
    resetReason: { type: "count", wire: 12, saved: 12, optional: true },
    cores: { type: "count", wire: 13, saved: 13, optional: true },
    redZoneBytes: { type: "bytes", wire: 14, saved: 14, optional: true },
    quarantineBytes: { type: "bytes", wire: 15, saved: 15, optional: true },
    /** N: blocks are sampled by bytes, one every N on average. */
    sampleBytes: { type: "bytes", wire: 16, saved: 20, optional: true },
    /** Which tool's file or which source this came from, where not the probe itself. */
    origin: { type: "text", saved: 16, optional: true },
    /** The reset was noticed, or the capture began, without a HELLO: what only HELLO tells is absent or a default. */
    provisional: { type: "flag", saved: 18, optional: true },
    /** More about the provisional boot announced before: the same boot, and nothing becomes void. */
    continues: { type: "flag", saved: 19, optional: true },
    /** Starts right after this one that are not told one by one; of these accidents alone are known, which count as this boot's. */
    furtherStarts: { type: "count", saved: 21, optional: true },
  }),

  /** Where and how blocks are allocated. Two calls on one line with different caps are two sites. */
  site: describe({
    id: { type: "count", saved: 1 },
    method: { type: { oneOf: Method, else: Method.UNKNOWN }, saved: 4 },
    /** MALLOC_CAP_* bits of the request. */
    caps: { type: "caps", saved: 5 },
    file: { type: "text", saved: 6, optional: true },
    line: { type: "count", saved: 7, optional: true },
    function: { type: "text", saved: 8, optional: true },
    /** Name of the variable that receives the block, where the macro was told. */
    variable: { type: "text", saved: 9, optional: true },
    /** Return addresses, innermost first; unadjusted, as the chip saw them. */
    callers: { type: "addresses", saved: 10, optional: true },
    /** Frames that already have names, innermost first. */
    frames: { type: "frames", saved: 11, optional: true },
  }),

  task: describe({
    id: { type: "count", wire: 1, saved: 1 },
    name: { type: "text", wire: 4, saved: 4 },
    /** Address of the task's control block; 0 where there is none. */
    handle: { type: "address", wire: 2, saved: 5 },
    deleted: { type: "flag", wire: 3, saved: 6, optional: true },
  }),

  /** The probe's own account, sent about once a second and at the end of each snapshot. Counters count since boot. */
  heartbeat: describe({
    time: { type: "time", saved: 1 },
    /** Sum of blockHash over the live set, modulo 2^32. */
    hash: { type: "word", wire: 1, saved: 4 },
    liveBlocks: { type: "count", wire: 2, saved: 2 },
    liveBytes: { type: "bytes", wire: 3, saved: 3 },
    /** Most bytes ever live at once. */
    peakBytes: { type: "bytes", wire: 4, saved: 5 },
    /** Allocations that found the table full: not tracked, not streamed. */
    tableFull: { type: "count", wire: 5, saved: 6 },
    /** Frees of blocks that the probe did not know. */
    unknownFrees: { type: "count", wire: 6, saved: 7 },
    /** Events that found no frame buffer: in the table, not in the stream. */
    droppedEvents: { type: "count", wire: 7, saved: 8 },
    faults: { type: "count", wire: 8, saved: 9 },
    failures: { type: "count", wire: 9, saved: 10 },
    /** Fault and failure reports that found no room. */
    droppedReports: { type: "count", wire: 10, saved: 11 },
    quarantinedBytes: { type: "bytes", wire: 11, saved: 12 },
    quarantinedBlocks: { type: "count", wire: 12, saved: 13 },
  }),

  /** One heap fault, proven on the chip or by the model. Sites and tasks are absent where not known. */
  fault: describe({
    /** Counts from 1 since boot; a fault may be sent more than once. */
    number: { type: "count", wire: 1, saved: 1, needed: true },
    kind: { type: { oneOf: FaultKind }, wire: 2, saved: 2, needed: true },
    time: { type: "time", wire: 3, saved: 3 },
    /** Events before the fault. */
    eventNumber: { type: "count", wire: 4, saved: 4, optional: true },
    task: { type: "task", wire: 5, part: "task", header: "context", saved: 5, optional: true },
    core: { type: "count", wire: 5, part: "core", header: "context", saved: 6, optional: true },
    /** The pointer that was passed. */
    pointer: { type: "address", wire: 6, saved: 7 },
    /** 0 where not known: a log may name the fault alone. */
    blockAddress: { type: "address", wire: 7, saved: 8 },
    /** 0 where not known; `blockAddress` is then where damageOffset counts from. */
    blockSize: { type: "bytes", wire: 8, saved: 9 },
    allocSite: { type: "site", wire: 9, saved: 10, optional: true },
    allocTask: { type: "task", wire: 10, saved: 11, optional: true },
    freeSite: { type: "site", wire: 11, saved: 12, optional: true },
    freeTask: { type: "task", wire: 12, saved: 13, optional: true },
    freeTime: { type: "time", wire: 13, saved: 14, optional: true },
    /** Where it was noticed: the second free, the check, the free of an overrun block. */
    detectedSite: { type: "site", wire: 14, saved: 15, optional: true },
    /** First damaged byte relative to the block's start; at least the block's size for an overflow, negative for an underflow. */
    damageOffset: { type: "int", wire: 15, saved: 16, optional: true },
    damageLength: { type: "bytes", wire: 16, saved: 17, optional: true },
    /** What stands at the damaged place now. */
    damageBytes: { type: "octets", wire: 17, saved: 18, optional: true },
    /** When the block was last seen whole. */
    lastGoodTime: { type: "time", wire: 18, saved: 19, optional: true },
    /** Who saw it whole then. */
    lastGoodTask: { type: "task", wire: 19, saved: 20, optional: true },
    /** Tasks that have used the heap since; OTHER as the last one: and more. */
    activeTasks: { type: "tasks", wire: 20, saved: 21, optional: true },
  }),

  /** A request that the heap refused. */
  failure: describe({
    number: { type: "count", wire: 1, saved: 1, needed: true },
    reason: { type: { oneOf: FailureReason }, wire: 2, saved: 2, needed: true },
    time: { type: "time", wire: 3, saved: 3 },
    eventNumber: { type: "count", wire: 4, saved: 4, optional: true },
    task: { type: "task", wire: 5, part: "task", header: "context", saved: 5, optional: true },
    core: { type: "count", wire: 5, part: "core", header: "context", saved: 6, optional: true },
    /** Bytes asked for; with `count`, bytes of one element. */
    size: { type: "bytes", wire: 6, saved: 7 },
    count: { type: "count", wire: 7, saved: 8, optional: true },
    /** 0 where not known, as in the classic tracker's message. */
    caps: { type: "caps", wire: 8, saved: 9 },
    site: { type: "site", wire: 9, saved: 10, optional: true },
    alignment: { type: "bytes", wire: 10, saved: 11, optional: true },
    /** The regions that match the caps; empty as well where no region is known. On the wire a key for each, up to its largest free block. */
    regions: { type: { records: region, wireFields: 5 }, wire: 11, header: "region", saved: 12 },
    /** Bytes of the blocks in quarantine that were given back before the last attempt. */
    quarantineReleased: { type: "bytes", wire: 12, saved: 13, optional: true },
  }),

  /** A span in which history is missing, from `since` to `time`. */
  gap: describe({
    /** The first moment from which something is known again. */
    time: { type: "time", saved: 1 },
    /** The last moment up to which all is known; absent where that is `time`, or where nothing came before. */
    since: { type: "time", saved: 5, optional: true },
    reason: { type: { oneOf: GapReason }, saved: 2 },
    lostFrames: { type: "count", saved: 3 },
    /** Allocator events that are missing; absent where that cannot be known. */
    lostEvents: { type: "count", saved: 4, optional: true },
  }),
  regions: describe({
    time: { type: "time", wire: 1, saved: 1 },
    regions: { type: { records: region }, wire: 2, saved: 2 },
  }),

  /** A name that the program, or a host, gives to a moment. */
  mark: describe({
    time: { type: "time", saved: 1 },
    name: { type: "text", saved: 2 },
    task: { type: "task", saved: 3 },
    core: { type: "count", saved: 4 },
  }),

  /** A free of a block that the probe did not know. `site` is 0 where not sent. */
  unknownFree: describe({
    time: { type: "time" },
    address: { type: "address" },
    site: { type: "site" },
    task: { type: "task" },
    core: { type: "count" },
  }),

  /** From here on the old block may be given to others, but counts as live until the end of the call. */
  reallocBegin: describe({
    time: { type: "time" },
    address: { type: "address" },
    task: { type: "task" },
    core: { type: "count" },
  }),
  reallocEnd: describe({
    time: { type: "time" },
    oldAddress: { type: "address" },
    address: { type: "address" },
    size: { type: "bytes" },
    site: { type: "site" },
    task: { type: "task" },
    core: { type: "count" },
  }),
  /** The old block lives on, unchanged. */
  reallocFailed: describe({
    time: { type: "time" },
    address: { type: "address" },
    size: { type: "bytes" },
    site: { type: "site" },
    task: { type: "task" },
    core: { type: "count" },
  }),

  /**
   * `live` records follow, mixed with events, until snapshotEnd. Each is true at its place. After a gap or a boot in between the snapshot is not
   * whole: then `live` may go on, but no `snapshotEnd` comes before the next snapshotBegin.
   */
  snapshotBegin: describe({ time: { type: "time" } }),
  live: describe({
    address: { type: "address" },
    size: { type: "bytes" },
    site: { type: "site" },
    task: { type: "task" },
    /** A realloc of the block is under way. */
    moving: { type: "flag" },
  }),
  snapshotEnd: describe({
    time: { type: "time" },
    /** How many `live` records the device sent. */
    records: { type: "count" },
  }),

  ...logRecords,
} as const;

/** A HELLO frame is a boot, and the length of the ticks in which its times are told. */
export const hello = describe({
  ...records.boot.fields,
  /** 1000 where missing. */
  tickNanoseconds: { type: "count", wire: 2, optional: true },
});

export type Boot = RecordOf<typeof records.boot>;
export type Site = RecordOf<typeof records.site>;
export type Task = RecordOf<typeof records.task>;
export type Region = RecordOf<typeof region>;
export type Regions = RecordOf<typeof records.regions>;
export type Heartbeat = RecordOf<typeof records.heartbeat>;
export type Fault = RecordOf<typeof records.fault>;
export type Failure = RecordOf<typeof records.failure>;
export type Gap = RecordOf<typeof records.gap>;

export type RecordKind = keyof typeof records;

export type RecordOfKind<K extends RecordKind> = {
  [P in K]: { readonly kind: P; readonly value: RecordOf<(typeof records)[P]> };
}[K];

/** Whatever is told of a run besides allocations, frees and text. */
export type AnyRecord = RecordOfKind<RecordKind>;

export function recordOf<K extends RecordKind>(kind: K, value: RecordOf<(typeof records)[K]>): RecordOfKind<K> {
  return { kind, value };
}

/** Frames whose bodies are described records. */
export const recordFrames = [
  /** Fields one behind the other, record behind record until the end. */
  { type: FrameType.TASKS, kind: "task", form: "list" },
  { type: FrameType.REGIONS, kind: "regions", form: "one" },
  /** Keyed and numbered; sent again with every snapshot. */
  { type: FrameType.FAULT, kind: "fault", form: "report" },
  { type: FrameType.FAILURE, kind: "failure", form: "report" },
] as const satisfies readonly RecordFrame[];

/** Of records that fill a frame each. */
export type OwnFrameKind = Extract<(typeof recordFrames)[number], { readonly form: "one" | "report" }>["kind"];

/** Records of EVENTS frames, each of a form of its own there. */
export const EVENT_RECORDS = [
  "unknownFree",
  "reallocBegin",
  "reallocEnd",
  "reallocFailed",
  "snapshotBegin",
  "live",
  "snapshotEnd",
  "heartbeat",
  "mark",
] as const satisfies readonly RecordKind[];

export type EventRecord = RecordOfKind<(typeof EVENT_RECORDS)[number]>;

export interface RecordFrame {
  readonly type: FrameTypeCode;
  readonly kind: RecordKind;
  readonly form: "list" | "one" | "report";
}
