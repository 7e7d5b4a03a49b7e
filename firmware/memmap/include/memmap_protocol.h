// The wire protocol's constants for the probe. What every byte means stands in protocol/SPEC.md.
// Generated from src/wire/protocol.ts and src/wire/records.ts by `npm run generate`. Do not edit.
#ifndef MEMMAP_PROTOCOL_H
#define MEMMAP_PROTOCOL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Version in the high nibble of a frame's first byte. A decoder skips frames of another version and says so.
#define MEMMAP_PROTOCOL_VERSION 1u

// Bytes that open a binary frame. 0xFF occurs in no UTF-8 text, 0x00 in no log text.
#define MEMMAP_FRAME_START {0xff, 0x00}

// Byte that ends a frame's COBS block.
#define MEMMAP_FRAME_END 0x00u

// Text that opens an armoured frame; base64 of the plain frame and a line end follow.
#define MEMMAP_ARMOUR_PREFIX "$MM:"

// Largest frame in bytes, from its type byte to its checksum, before COBS.
#define MEMMAP_MAX_FRAME_BYTES 1024u

// type, boot tag, sequence number (2).
#define MEMMAP_FRAME_HEADER_BYTES 4u

// CRC-32 (IEEE 802.3) at a frame's end.
#define MEMMAP_FRAME_CHECKSUM_BYTES 4u

// Low nibble of a frame's first byte.
#define MEMMAP_FRAME_TYPE_HELLO 1u
#define MEMMAP_FRAME_TYPE_EVENTS 2u
#define MEMMAP_FRAME_TYPE_SITES 3u
#define MEMMAP_FRAME_TYPE_TASKS 4u
#define MEMMAP_FRAME_TYPE_REGIONS 5u
#define MEMMAP_FRAME_TYPE_FAULT 6u
#define MEMMAP_FRAME_TYPE_FAILURE 7u
// Host to device only.
#define MEMMAP_FRAME_TYPE_COMMAND 8u

// Bits 0–1 of a record's tag in an EVENTS frame.
#define MEMMAP_OP_CONTROL 0u
#define MEMMAP_OP_ALLOC 1u
#define MEMMAP_OP_FREE 2u
#define MEMMAP_OP_REALLOC 3u

// Bits 2–4 of a record's tag: ticks since the previous record, or DT_EXTENDED and a varint of what exceeds it.
#define MEMMAP_DT_SHIFT 2u

#define MEMMAP_DT_MASK 7u

#define MEMMAP_DT_EXTENDED 7u

// How a sender picks an address base: the nearer one (base 0 if both are as near); where that is this many words of 4 bytes
// or more away, a base that is still 0 (base 0 before base 1), if there is one.
#define MEMMAP_BASE_SPLIT_WORDS 0x20000u

// Bits 5–7 of a record's tag, by operation.
// ALLOC, FREE, REALLOC: the address is relative to address base 1, not 0.
#define MEMMAP_FLAG_BASE 0x20u
// ALLOC: the size field counts words of 4 bytes.
#define MEMMAP_FLAG_ALLOC_WORDS 0x40u
// ALLOC: same site as the previous ALLOC of this frame; no site field.
#define MEMMAP_FLAG_ALLOC_SAME_SITE 0x80u
// FREE: the probe did not know the block.
#define MEMMAP_FLAG_FREE_UNKNOWN 0x40u
// FREE: the freeing site follows.
#define MEMMAP_FLAG_FREE_SITE 0x80u
// REALLOC: the call has returned. Without it: the call begins.
#define MEMMAP_FLAG_REALLOC_END 0x40u
// REALLOC with END: the call returned NULL, the old block lives on.
#define MEMMAP_FLAG_REALLOC_FAILED 0x80u

// Bits 5–7 of a CONTROL record's tag, shifted down. Codes not listed end the decoding of their frame.
#define MEMMAP_CONTROL_SHIFT 5u

// Task and core of the records that follow.
#define MEMMAP_CONTROL_CONTEXT 0u
// A block of the snapshot under way; address relative to base 0 or 1.
#define MEMMAP_CONTROL_LIVE_BASE0 1u
#define MEMMAP_CONTROL_LIVE_BASE1 2u
// Code, length, payload: whatever is not frequent, skippable when unknown.
#define MEMMAP_CONTROL_EXTENDED 7u

// Codes of EXTENDED records.
#define MEMMAP_EXTENDED_HEARTBEAT 1u
#define MEMMAP_EXTENDED_MARK 2u
#define MEMMAP_EXTENDED_SNAPSHOT_BEGIN 3u
#define MEMMAP_EXTENDED_SNAPSHOT_END 4u

// Task ids with a fixed meaning.
// Before the scheduler runs.
#define MEMMAP_TASK_NUMBER_STARTUP 0u
// Interrupt handlers.
#define MEMMAP_TASK_NUMBER_INTERRUPT 1u
// Tasks for which the probe's task table had no room.
#define MEMMAP_TASK_NUMBER_OTHER 2u
// First id of a real task.
#define MEMMAP_TASK_NUMBER_FIRST 3u

// Site 0 is "not known".
#define MEMMAP_SITE_UNKNOWN 0u

// How a block was allocated (one byte of a SITES record).
#define MEMMAP_METHOD_UNKNOWN 0u
#define MEMMAP_METHOD_MALLOC 1u
#define MEMMAP_METHOD_CALLOC 2u
#define MEMMAP_METHOD_REALLOC 3u
#define MEMMAP_METHOD_ALIGNED_ALLOC 4u
#define MEMMAP_METHOD_FREE 5u
// Entered with register_allocation().
#define MEMMAP_METHOD_REGISTERED 6u

// Presence bits of a SITES record.
#define MEMMAP_SITE_FIELD_SOURCE 1u
#define MEMMAP_SITE_FIELD_VARIABLE 2u
#define MEMMAP_SITE_FIELD_CALLERS 4u

// Bits of a HELLO's configuration.
#define MEMMAP_CONFIGURATION_INTERPOSITION 1u
#define MEMMAP_CONFIGURATION_HOOKS 2u
#define MEMMAP_CONFIGURATION_RED_ZONES 4u
#define MEMMAP_CONFIGURATION_QUARANTINE 8u
#define MEMMAP_CONFIGURATION_ZERO_ON_FREE 16u
#define MEMMAP_CONFIGURATION_FREE_SITES 32u

// Kinds of fault. A fault is proven, never guessed.
#define MEMMAP_FAULT_KIND_DOUBLE_FREE 1u
#define MEMMAP_FAULT_KIND_INTERIOR_FREE 2u
#define MEMMAP_FAULT_KIND_REALLOC_AFTER_FREE 3u
#define MEMMAP_FAULT_KIND_OVERFLOW 4u
#define MEMMAP_FAULT_KIND_UNDERFLOW 5u
#define MEMMAP_FAULT_KIND_WRITE_AFTER_FREE 6u

// The heap had no block large enough.
#define MEMMAP_FAILURE_REASON_NO_MEMORY 1u
// count × size exceeds the address space.
#define MEMMAP_FAILURE_REASON_SIZE_OVERFLOW 2u

// First byte of a COMMAND frame's body.
// Send HELLO, tasks, sites, regions and faults again.
#define MEMMAP_COMMAND_HELLO 1u
// Send a snapshot, with all that HELLO sends.
#define MEMMAP_COMMAND_SNAPSHOT 2u
// Followed by 0 or 1: stop or go on sending events.
#define MEMMAP_COMMAND_STREAM 3u
// Check all red zones and the quarantine.
#define MEMMAP_COMMAND_CHECK 4u
// Followed by a length and a name.
#define MEMMAP_COMMAND_MARK 5u
// Allocate by malloc, new and heap_caps_calloc, and say in a mark which of them were seen.
#define MEMMAP_COMMAND_SELF_TEST 6u

// MALLOC_CAP_* bits of ESP-IDF (esp_heap_caps.h, v5.3 to v6.1), by bit number.
// MEMMAP_CAPS_TABLE(X) expands to X(bit, name) for each.
#define MEMMAP_CAPS_TABLE(X) \
  X(0, "EXEC") \
  X(1, "32BIT") \
  X(2, "8BIT") \
  X(3, "DMA") \
  X(4, "PID2") \
  X(5, "PID3") \
  X(6, "PID4") \
  X(7, "PID5") \
  X(8, "PID6") \
  X(9, "PID7") \
  X(10, "SPIRAM") \
  X(11, "INTERNAL") \
  X(12, "DEFAULT") \
  X(13, "IRAM_8BIT") \
  X(14, "RETENTION") \
  X(15, "RTCRAM") \
  X(16, "TCM") \
  X(17, "DMA_DESC_AHB") \
  X(18, "DMA_DESC_AXI") \
  X(19, "CACHE_ALIGNED") \
  X(20, "SIMD") \
  X(21, "SPIRAM_NO_ENC") \
  X(31, "INVALID")

// Keys of a HELLO frame.
// Random number of this boot; where `provisional`, only its low byte is known.
#define MEMMAP_HELLO_KEY_BOOT_ID 1u
// 1000 where missing.
#define MEMMAP_HELLO_KEY_TICK_NANOSECONDS 2u
#define MEMMAP_HELLO_KEY_CHIP 3u
#define MEMMAP_HELLO_KEY_IDF_VERSION 4u
#define MEMMAP_HELLO_KEY_APP_NAME 5u
#define MEMMAP_HELLO_KEY_APP_VERSION 6u
// Of the application's ELF file.
#define MEMMAP_HELLO_KEY_ELF_SHA256 7u
// Bits of Configuration, or-ed.
#define MEMMAP_HELLO_KEY_CONFIGURATION 8u
// Slots in the probe's table; 0 where not known.
#define MEMMAP_HELLO_KEY_TABLE_CAPACITY 9u
// 1: every allocation is reported; N: one in N calls.
#define MEMMAP_HELLO_KEY_SAMPLE_INTERVAL 10u
#define MEMMAP_HELLO_KEY_STACK_DEPTH 11u
// esp_reset_reason_t.
#define MEMMAP_HELLO_KEY_RESET_REASON 12u
#define MEMMAP_HELLO_KEY_CORES 13u
#define MEMMAP_HELLO_KEY_RED_ZONE_BYTES 14u
#define MEMMAP_HELLO_KEY_QUARANTINE_BYTES 15u
// N: blocks are sampled by bytes, one every N on average.
#define MEMMAP_HELLO_KEY_SAMPLE_BYTES 16u

// Keys of a FAULT frame.
// Counts from 1 since boot; a fault may be sent more than once.
#define MEMMAP_FAULT_KEY_NUMBER 1u
#define MEMMAP_FAULT_KEY_KIND 2u
#define MEMMAP_FAULT_KEY_TIME 3u
// Events before the fault.
#define MEMMAP_FAULT_KEY_EVENT_NUMBER 4u
#define MEMMAP_FAULT_KEY_CONTEXT 5u
// The pointer that was passed.
#define MEMMAP_FAULT_KEY_POINTER 6u
// 0 where not known: a log may name the fault alone.
#define MEMMAP_FAULT_KEY_BLOCK_ADDRESS 7u
// 0 where not known; `blockAddress` is then where damageOffset counts from.
#define MEMMAP_FAULT_KEY_BLOCK_SIZE 8u
#define MEMMAP_FAULT_KEY_ALLOC_SITE 9u
#define MEMMAP_FAULT_KEY_ALLOC_TASK 10u
#define MEMMAP_FAULT_KEY_FREE_SITE 11u
#define MEMMAP_FAULT_KEY_FREE_TASK 12u
#define MEMMAP_FAULT_KEY_FREE_TIME 13u
// Where it was noticed: the second free, the check, the free of an overrun block.
#define MEMMAP_FAULT_KEY_DETECTED_SITE 14u
// First damaged byte relative to the block's start; at least the block's size for an overflow, negative for an underflow.
#define MEMMAP_FAULT_KEY_DAMAGE_OFFSET 15u
#define MEMMAP_FAULT_KEY_DAMAGE_LENGTH 16u
// What stands at the damaged place now.
#define MEMMAP_FAULT_KEY_DAMAGE_BYTES 17u
// When the block was last seen whole.
#define MEMMAP_FAULT_KEY_LAST_GOOD_TIME 18u
// Who saw it whole then.
#define MEMMAP_FAULT_KEY_LAST_GOOD_TASK 19u
// Tasks that have used the heap since; OTHER as the last one: and more.
#define MEMMAP_FAULT_KEY_ACTIVE_TASKS 20u

// Keys of a FAILURE frame.
#define MEMMAP_FAILURE_KEY_NUMBER 1u
#define MEMMAP_FAILURE_KEY_REASON 2u
#define MEMMAP_FAILURE_KEY_TIME 3u
#define MEMMAP_FAILURE_KEY_EVENT_NUMBER 4u
#define MEMMAP_FAILURE_KEY_CONTEXT 5u
// Bytes asked for; with `count`, bytes of one element.
#define MEMMAP_FAILURE_KEY_SIZE 6u
#define MEMMAP_FAILURE_KEY_COUNT 7u
// 0 where not known, as in the classic tracker's message.
#define MEMMAP_FAILURE_KEY_CAPS 8u
#define MEMMAP_FAILURE_KEY_SITE 9u
#define MEMMAP_FAILURE_KEY_ALIGNMENT 10u
// The regions that match the caps; empty as well where no region is known. On the wire a key for each, up to its largest free block.
#define MEMMAP_FAILURE_KEY_REGION 11u
// Bytes of the blocks in quarantine that were given back before the last attempt.
#define MEMMAP_FAILURE_KEY_QUARANTINE_RELEASED 12u

// Most bytes of a HEARTBEAT record's payload.
#define MEMMAP_HEARTBEAT_BYTES 59u

// One block's share of the live-set hash, which is the sum of all shares modulo 2^32.
static inline uint32_t memmap_block_hash(uint32_t address, uint32_t size, uint32_t site)
{
    uint32_t h = address * UINT32_C(0x9e3779b1);
    h = ((h ^ (h >> 15)) + size) * UINT32_C(0x85ebca77);
    h = ((h ^ (h >> 13)) + site) * UINT32_C(0xc2b2ae3d);
    return h ^ (h >> 16);
}

#ifdef __cplusplus
}
#endif

#endif // MEMMAP_PROTOCOL_H
