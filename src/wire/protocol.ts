// The wire protocol's constants, defined once: the C header of the probe is generated from this file.
// What every byte means stands in protocol/SPEC.md; numbers here never change meaning within one protocol version.

/** Version in the high nibble of a frame's first byte. A decoder skips frames of another version and says so. */
export const PROTOCOL_VERSION = 1;

/** Bytes that open a binary frame. 0xFF occurs in no UTF-8 text, 0x00 in no log text. */
export const FRAME_START = [0xff, 0x00] as const;
/** Byte that ends a frame's COBS block. */
export const FRAME_END = 0x00;
/** Text that opens an armoured frame; base64 of the plain frame and a line end follow. */
export const ARMOUR_PREFIX = "$MM:";

/** Largest frame in bytes, from its type byte to its checksum, before COBS. */
export const MAX_FRAME_BYTES = 1024;
/** type, boot tag, sequence number (2). */
export const FRAME_HEADER_BYTES = 4;
/** CRC-32 (IEEE 802.3) at a frame's end. */
export const FRAME_CHECKSUM_BYTES = 4;

/** Low nibble of a frame's first byte. */
export const FrameType = {
  HELLO: 1,
  EVENTS: 2,
  SITES: 3,
  TASKS: 4,
  REGIONS: 5,
  FAULT: 6,
  FAILURE: 7,
  /** Host to device only. */
  COMMAND: 8,
} as const;
export type FrameTypeCode = (typeof FrameType)[keyof typeof FrameType];

/** Bits 0–1 of a record's tag in an EVENTS frame. */
export const Op = { CONTROL: 0, ALLOC: 1, FREE: 2, REALLOC: 3 } as const;

/** Bits 2–4 of a record's tag: ticks since the previous record, or DT_EXTENDED and a varint of what exceeds it. */
export const DT_SHIFT = 2;
export const DT_MASK = 7;
export const DT_EXTENDED = 7;

/**
 * How a sender picks an address base: the nearer one (base 0 if both are as near); where that is this many words of 4 bytes
 * or more away, a base that is still 0 (base 0 before base 1), if there is one.
 */
export const BASE_SPLIT_WORDS = 0x20000;

/** Bits 5–7 of a record's tag, by operation. */
export const Flag = {
  /** ALLOC, FREE, REALLOC: the address is relative to address base 1, not 0. */
  BASE: 0x20,
  /** ALLOC: the size field counts words of 4 bytes. */
  ALLOC_WORDS: 0x40,
  /** ALLOC: same site as the previous ALLOC of this frame; no site field. */
  ALLOC_SAME_SITE: 0x80,
  /** FREE: the probe did not know the block. */
  FREE_UNKNOWN: 0x40,
  /** FREE: the freeing site follows. */
  FREE_SITE: 0x80,
  /** REALLOC: the call has returned. Without it: the call begins. */
  REALLOC_END: 0x40,
  /** REALLOC with END: the call returned NULL, the old block lives on. */
  REALLOC_FAILED: 0x80,
} as const;

/** Bits 5–7 of a CONTROL record's tag, shifted down. Codes not listed end the decoding of their frame. */
export const CONTROL_SHIFT = 5;
export const Control = {
  /** Task and core of the records that follow. */
  CONTEXT: 0,
  /** A block of the snapshot under way; address relative to base 0 or 1. */
  LIVE_BASE0: 1,
  LIVE_BASE1: 2,
  /** Code, length, payload: whatever is not frequent, skippable when unknown. */
  EXTENDED: 7,
} as const;

/** Codes of EXTENDED records. */
export const Extended = {
  HEARTBEAT: 1,
  MARK: 2,
  SNAPSHOT_BEGIN: 3,
  SNAPSHOT_END: 4,
} as const;

/** Task ids with a fixed meaning. */
export const TaskNumber = {
  /** Before the scheduler runs. */
  STARTUP: 0,
  /** Interrupt handlers. */
  INTERRUPT: 1,
  /** Tasks for which the probe's task table had no room. */
  OTHER: 2,
  /** First id of a real task. */
  FIRST: 3,
} as const;

/** Site 0 is "not known". */
export const SITE_UNKNOWN = 0;

/** How a block was allocated (one byte of a SITES record). */
export const Method = {
  UNKNOWN: 0,
  MALLOC: 1,
  CALLOC: 2,
  REALLOC: 3,
  ALIGNED_ALLOC: 4,
  FREE: 5,
  /** Entered with register_allocation(). */
  REGISTERED: 6,
} as const;
export type MethodCode = (typeof Method)[keyof typeof Method];

/** Presence bits of a SITES record. */
export const SiteField = { SOURCE: 1, VARIABLE: 2, CALLERS: 4 } as const;

/** Bits of a HELLO's configuration. */
export const Configuration = {
  INTERPOSITION: 1,
  HOOKS: 2,
  RED_ZONES: 4,
  QUARANTINE: 8,
  ZERO_ON_FREE: 16,
  FREE_SITES: 32,
} as const;

/** Kinds of fault. A fault is proven, never guessed. */
export const FaultKind = {
  DOUBLE_FREE: 1,
  INTERIOR_FREE: 2,
  REALLOC_AFTER_FREE: 3,
  OVERFLOW: 4,
  UNDERFLOW: 5,
  WRITE_AFTER_FREE: 6,
} as const;
export type FaultCode = (typeof FaultKind)[keyof typeof FaultKind];

export const FailureReason = {
  /** The heap had no block large enough. */
  NO_MEMORY: 1,
  /** count × size exceeds the address space. */
  SIZE_OVERFLOW: 2,
} as const;
/** First byte of a COMMAND frame's body. */
export const Command = {
  /** Send HELLO, tasks, sites, regions and faults again. */
  HELLO: 1,
  /** Send a snapshot, with all that HELLO sends. */
  SNAPSHOT: 2,
  /** Followed by 0 or 1: stop or go on sending events. */
  STREAM: 3,
  /** Check all red zones and the quarantine. */
  CHECK: 4,
  /** Followed by a length and a name. */
  MARK: 5,
  /** Allocate by malloc, new and heap_caps_calloc, and say in a mark which of them were seen. */
  SELF_TEST: 6,
} as const;

/** MALLOC_CAP_* bits of ESP-IDF (esp_heap_caps.h, v5.3 to v6.1), by bit number. */
export const CAPS_NAMES: Readonly<Record<number, string>> = {
  0: "EXEC",
  1: "32BIT",
  2: "8BIT",
  3: "DMA",
  4: "PID2",
  5: "PID3",
  6: "PID4",
  7: "PID5",
  8: "PID6",
  9: "PID7",
  10: "SPIRAM",
  11: "INTERNAL",
  12: "DEFAULT",
  13: "IRAM_8BIT",
  14: "RETENTION",
  15: "RTCRAM",
  16: "TCM",
  17: "DMA_DESC_AHB",
  18: "DMA_DESC_AXI",
  19: "CACHE_ALIGNED",
  20: "SIMD",
  21: "SPIRAM_NO_ENC",
  31: "INVALID",
};

/**
 * One block's share of the live-set hash; the hash is the sum of all shares modulo 2^32, so that blocks may come and go
 * in any order. Unsigned 32-bit result.
 */
export function blockHash(address: number, size: number, site: number): number {
  let h = Math.imul(address, 0x9e3779b1);
  h = Math.imul((h ^ (h >>> 15)) + size, 0x85ebca77);
  h = Math.imul((h ^ (h >>> 13)) + site, 0xc2b2ae3d);
  return (h ^ (h >>> 16)) >>> 0;
}
