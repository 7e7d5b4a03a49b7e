// What the stream sends next: closed event frames, and everything that is not an event (HELLO, tasks, sites, reports, regions, heartbeats,
// snapshots in small steps). Each frame gets its sequence number and checksum and is handed to the transport. All of it is the owner's
// (stream.c).
#include "send.h"
#include "events.h"
#include "kept.h"
#include "tasks.h"

#if MEMMAP_ENABLE

enum {
    FRAMES_PER_STEP = 4,
    SNAPSHOT_SECTIONS = 8,     // critical sections in one step
    HEARTBEAT_EVENTS = 2048,   // a heartbeat is due after so many events, before its time
    REPAIR_MILLISECONDS = 2000 // least time between snapshots that only repair a loss
};

mm_stream_t mm_stream;

// HELLO, tasks, sites, regions and reports all again.
void mm_send_all_again(void)
{
    mm_stream.hello = true;
    mm_stream.next_site = 1;
    mm_stream.next_region = 0;
    uint32_t faults, failures;
    mm_report_newest(&faults, &failures);
    mm_stream.next_fault = faults > CONFIG_MEMMAP_REPORT_CAPACITY ? faults - CONFIG_MEMMAP_REPORT_CAPACITY : 0;
    mm_stream.next_failure = failures > CONFIG_MEMMAP_REPORT_CAPACITY ? failures - CONFIG_MEMMAP_REPORT_CAPACITY : 0;
    memmap_port_lock();
    mm_tasks_unsent();
    memmap_port_unlock();
    mm_stream.next_task = MEMMAP_TASK_NUMBER_FIRST;
}

void memmap_request_snapshot(void)
{
    memmap_port_lock();
    mm_stream.snapshot_wanted = true;
    memmap_port_unlock();
}

// --- What is due ---------------------------------------------------------------------------------------------------------------

static bool put_heartbeat(void) // (lock)
{
    uint8_t payload[MEMMAP_HEARTBEAT_BYTES];
    uint32_t length = (uint32_t)(mm_compose_heartbeat(payload) - payload);
    if (!mm_event_extended(MEMMAP_EXTENDED_HEARTBEAT, payload, length)) return false;
    mm_stream.heartbeat_events = mm.events.count;
    return true;
}

static bool passed(uint64_t now, uint64_t since, uint32_t seconds)
{
    return seconds != 0 && now - since >= (uint64_t)seconds * 1000000u;
}

static void see_what_is_due(uint64_t now)
{
    memmap_port_lock();
    uint32_t count = mm.events.count;
    bool lost = mm.events.dropped != mm_stream.repaired_drops && mm_events_free_frames() > CONFIG_MEMMAP_FRAME_COUNT / 2 &&
                now - mm_stream.snapshot_time >= (uint64_t)REPAIR_MILLISECONDS * 1000u;
    bool many = CONFIG_MEMMAP_SNAPSHOT_EVENTS != 0 && count - mm_stream.snapshot_events >= CONFIG_MEMMAP_SNAPSHOT_EVENTS;
    if (lost || many || passed(now, mm_stream.snapshot_time, CONFIG_MEMMAP_SNAPSHOT_SECONDS)) mm_stream.snapshot_wanted = true;
    bool heartbeat = mm.events.on && (passed(now, mm_stream.heartbeat_time, CONFIG_MEMMAP_HEARTBEAT_SECONDS) ||
                                      count - mm_stream.heartbeat_events >= HEARTBEAT_EVENTS);
    if (heartbeat && put_heartbeat()) mm_stream.heartbeat_time = now;
    memmap_port_unlock();
    if (passed(now, mm_stream.regions_time, CONFIG_MEMMAP_REGIONS_SECONDS)) {
        mm_stream.regions_time = now;
        mm_stream.next_region = 0;
    }
}

// --- Snapshots -------------------------------------------------------------------------------------------------------------------

static void begin_snapshot(uint64_t now)
{
    memmap_port_lock();
    bool begun = mm_stream.snapshot_wanted && mm.events.on && mm_event_extended(MEMMAP_EXTENDED_SNAPSHOT_BEGIN, NULL, 0);
    if (begun) {
        mm_stream.snapshot_wanted = false;
        mm_stream.snapshot_active = true;
        mm_stream.snapshot_slot = mm_stream.snapshot_count = 0;
        mm_stream.repaired_drops = mm.events.dropped;
        mm_stream.snapshot_events = mm.events.count;
    }
    memmap_port_unlock();
    if (!begun) return;
    mm_stream.snapshot_time = mm_stream.regions_time = now;
    mm_send_all_again();
}

// (lock) Up to MM_SNAPSHOT_BLOCKS slots, and the end behind the last one. Blocks that were allocated since the snapshot began are known
// from their events, those freed too; so each slot needs to be looked at once, at any time.
static void walk_snapshot(void)
{
    for (uint32_t i = 0; i < MM_SNAPSHOT_BLOCKS && mm_stream.snapshot_slot < mm.table.used; i++) {
        const mm_block_t *block = &mm_blocks[mm_stream.snapshot_slot + 1];
        if (block->address != 0) {
            if (!mm_event_live(block)) return;
            mm_stream.snapshot_count++;
        }
        mm_stream.snapshot_slot++;
    }
    if (mm_stream.snapshot_slot < mm.table.used) return;
    uint8_t count[5];
    uint32_t length = (uint32_t)(mm_put_varint(count, mm_stream.snapshot_count) - count);
    if (!mm_event_extended(MEMMAP_EXTENDED_SNAPSHOT_END, count, length)) return;
    mm_stream.snapshot_active = false;
    if (!put_heartbeat()) mm_stream.heartbeat_events = mm.events.count - HEARTBEAT_EVENTS;
}

static void step_snapshot(uint64_t now)
{
    if (!mm_stream.snapshot_active) begin_snapshot(now);
    for (uint32_t i = 0; i < SNAPSHOT_SECTIONS && mm_stream.snapshot_active; i++) {
        memmap_port_lock();
        // Events come first: a snapshot never takes the last free frames.
        bool room = mm.events.on && mm_events_free_frames() >= 2 + CONFIG_MEMMAP_FRAME_COUNT / 8;
        if (room) walk_snapshot();
        memmap_port_unlock();
        if (!room) return;
    }
}

// --- Sending ---------------------------------------------------------------------------------------------------------------------

uint8_t *mm_send_seal(uint8_t *frame, uint8_t *end, uint32_t type)
{
    frame[0] = (uint8_t)(MEMMAP_PROTOCOL_VERSION << 4 | type);
    frame[1] = (uint8_t)mm_stream.identity.boot_id;
    frame[2] = (uint8_t)mm_stream.sequence;
    frame[3] = (uint8_t)(mm_stream.sequence >> 8);
    memmap_port_lock();
    mm_stream.sequence++;
    memmap_port_unlock();
    return mm_put_u32(end, mm_crc32(frame, (size_t)(end - frame)));
}

static void put_on_wire(const uint8_t *frame, size_t length)
{
    mm_stream.wire_length = mm_stream.transport.armoured ? mm_wire_armoured(frame, length, mm_stream.wire)
                                                         : mm_wire_binary(frame, length, mm_stream.wire);
}

static void finish_frame(uint8_t *frame, uint8_t *end, uint32_t type)
{
    end = mm_send_seal(frame, end, type);
    put_on_wire(frame, (size_t)(end - frame));
}

// The end of the boot before, which was told to nobody.
static bool take_kept(void)
{
#if MEMMAP_SURVIVE
    uint32_t length;
    const uint8_t *frame = mm_kept_next(&length);
    if (!frame || length > MM_LARGEST_FRAME) return false;
    put_on_wire(frame, length);
    return true;
#else
    return false;
#endif
}

static uint8_t *next_hello(uint8_t *body)
{
    if (!mm_stream.hello) return body;
    mm_stream.hello = false;
    return mm_compose_hello(body, &mm_stream.identity);
}

static uint8_t *next_tasks(uint8_t *body) { return mm_compose_tasks(body, &mm_stream.next_task); }
static uint8_t *next_sites(uint8_t *body) { return mm_compose_sites(body, &mm_stream.next_site, NULL); }

// One that was forgotten meanwhile is passed over.
static uint8_t *next_fault(uint8_t *body)
{
    mm_fault_t fault;
    while (mm_stream.next_fault < mm_stream.newest_fault)
        if (mm_fault_get(++mm_stream.next_fault, &fault)) return mm_compose_fault(body, &fault);
    return body;
}

static uint8_t *next_failure(uint8_t *body)
{
    mm_failure_t failure;
    while (mm_stream.next_failure < mm_stream.newest_failure)
        if (mm_failure_get(++mm_stream.next_failure, &failure)) return mm_compose_failure(body, &failure);
    return body;
}

static uint8_t *next_regions(uint8_t *body)
{
    if (mm_stream.next_region == MM_NO_REGION) return body;
    uint8_t *end = mm_compose_regions(body, &mm_stream.next_region);
    if (end == body) mm_stream.next_region = MM_NO_REGION;
    return end;
}

// Composes the most urgent frame that is not an event frame; false where there is none.
static bool compose_one(void)
{
    // The most urgent first. Each writes the next body of its kind and returns its end: the start where there is nothing.
    static const struct {
        uint32_t type;
        uint8_t *(*next)(uint8_t *body);
    } kinds[] = {
        {MEMMAP_FRAME_TYPE_HELLO, next_hello}, {MEMMAP_FRAME_TYPE_TASKS, next_tasks},     {MEMMAP_FRAME_TYPE_SITES, next_sites},
        {MEMMAP_FRAME_TYPE_FAULT, next_fault}, {MEMMAP_FRAME_TYPE_FAILURE, next_failure}, {MEMMAP_FRAME_TYPE_REGIONS, next_regions},
    };
    uint8_t *frame = mm_stream.frame, *body = frame + MEMMAP_FRAME_HEADER_BYTES;
    mm_report_newest(&mm_stream.newest_fault, &mm_stream.newest_failure);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        uint8_t *end = kinds[i].next(body);
        if (end == body) continue;
        finish_frame(frame, end, kinds[i].type);
        return true;
    }
    return false;
}

// The oldest event frame: copied to the wire buffer, so that its own is free again at once.
static bool take_events(void)
{
    uint32_t length;
    memmap_port_lock();
    uint8_t *frame = mm_events_oldest(&length);
    memmap_port_unlock();
    if (!frame) return false;
    finish_frame(frame, frame + length, MEMMAP_FRAME_TYPE_EVENTS);
    memmap_port_lock();
    mm_events_release();
    memmap_port_unlock();
    return true;
}

// One frame. False: nothing to send, or refused (then wire_length != 0).
static bool send_one(void)
{
    if (mm_stream.wire_length == 0 && !take_kept() && !compose_one() && !take_events()) return false;
    if (!mm_stream.transport.write(mm_stream.wire, mm_stream.wire_length, mm_stream.transport.context)) {
        mm_stream.refused++;
        return false;
    }
    mm_stream.wire_length = 0;
    mm_report_sent(mm_stream.next_fault, mm_stream.next_failure);
    return true;
}

// --- One step -------------------------------------------------------------------------------------------------------------------

bool mm_send_some(uint32_t latency_ticks)
{
    uint64_t now = memmap_port_time_us();
    see_what_is_due(now);
    step_snapshot(now);
    memmap_port_lock();
    mm_events_close_older(latency_ticks);
    memmap_port_unlock();
    for (uint32_t i = 0; i < FRAMES_PER_STEP; i++)
        if (!send_one()) return mm_stream.wire_length == 0 && mm_stream.snapshot_active;
    return true;
}

#endif // MEMMAP_ENABLE
