// The stream's state and its next frames (see send.c), for its owner, for what ends it in a panic and for transports that must know how long a
// frame may be.
#ifndef MEMMAP_SEND_H
#define MEMMAP_SEND_H

#include "command.h"
#include "compose.h"

enum {
    MM_FRAME_BYTES = MEMMAP_FRAME_HEADER_BYTES + MM_BODY_BYTES + MEMMAP_FRAME_CHECKSUM_BYTES,
    MM_LARGEST_FRAME = MM_FRAME_BYTES > CONFIG_MEMMAP_FRAME_BYTES ? MM_FRAME_BYTES : CONFIG_MEMMAP_FRAME_BYTES,
    MM_NO_REGION = 0xffff,
    MM_SNAPSHOT_BLOCKS = 16 // slots looked at in one critical section
};

enum { MM_DRAIN_NONE, MM_DRAIN_STARTING, MM_DRAIN_RUNS };

typedef struct {
    // In the lock.
    uintptr_t owner_1; // who runs a step of the stream or changes it, as mm_running() + 1; 0: nobody
    bool running, snapshot_wanted;
    bool flush_incomplete;            // of the flush that ended last
    uint8_t drain;                    // MM_DRAIN_*: whether the platform's task calls memmap_drain()
    uint32_t flush_wanted, flush_done; // numbers of flushes
    uint16_t sequence;
    // All else is the owner's.
    uint32_t flush_steps; // of the one under way; 0: none is
    bool hello, snapshot_active;
    memmap_transport_t transport;
    memmap_identity_t identity;
    uint32_t refused; // writes that the transport did not take: back-pressure
    // What is to be sent next of each kind; sites and reports have numbers from 1, tasks from MEMMAP_TASK_NUMBER_FIRST.
    uint32_t next_site, next_task, next_region, next_fault, next_failure; // faults, failures: the last one sent
    uint32_t newest_fault, newest_failure; // to be sent up to here: what is newer may be at a site that is not sent yet
    uint64_t heartbeat_time, regions_time, snapshot_time;
    uint32_t heartbeat_events, snapshot_events, repaired_drops;
    uint32_t snapshot_slot, snapshot_count;
    size_t wire_length; // 0: the wire buffer is free
    uint8_t frame[MM_FRAME_BYTES];
    uint8_t wire[4 * ((MM_LARGEST_FRAME + 2) / 3) + 8]; // base64 is the longer form
    mm_command_t command; // the one that is arriving
} mm_stream_t;
extern mm_stream_t mm_stream;

MM_CHECK(binary_form_fits, sizeof mm_stream.wire >= MM_WIRE_BYTES(MM_LARGEST_FRAME));

// Completes the frame whose body ends at `end`: header, the next sequence number and checksum. Returns its end.
uint8_t *mm_send_seal(uint8_t *frame, uint8_t *end, uint32_t type);

// The owner's: HELLO, tasks, sites, regions and reports all once more; and one bounded step, true while there is more to send at once. Event frames
// are closed that were begun so long ago.
void mm_send_all_again(void);
bool mm_send_some(uint32_t latency_ticks);

#endif // MEMMAP_SEND_H
