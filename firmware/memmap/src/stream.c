// The drain: takes closed event frames and everything that is not an event, gives each frame its sequence number and checksum, and
// hands it to the transport. The stream has one owner at a time, who runs a step of it, starts it or stops it; whoever comes then waits for
// the end of that step. A flush is a request, which the drain's task fulfils where there is one.
#include "stream.h"
#include "check.h"
#include "events.h"
#include "kept.h"
#include "report.h"
#include "retire.h"
#include "selftest.h"
#include "tasks.h"

#if MEMMAP_ENABLE

enum {
    FRAMES_PER_STEP = 4,
    SNAPSHOT_BLOCKS = 16,      // slots looked at in one critical section
    SNAPSHOT_SECTIONS = 8,     // critical sections in one step
    HEARTBEAT_EVENTS = 2048,   // a heartbeat is due after so many events, before its time
    REPAIR_MILLISECONDS = 2000, // least time between snapshots that only repair a loss
    WAIT_MILLISECONDS = 10,
    WAITS = 500 // without any progress: then the wait is given up
};

// --- The owner -------------------------------------------------------------------------------------------------------------------

// Time after which a frame is sent that is not full.
static const uint32_t latency_us = 100000;

mm_stream_t mm_stream;

// Makes the caller the owner. False where it is that already (a transport or a log sink calls back), and where somebody else is and the
// caller may not wait, or waits in vain.
static bool own(uint32_t waits)
{
    for (;; waits--) {
        memmap_port_lock();
        uintptr_t me_1 = mm_running() + 1;
        bool is_free = mm_stream.owner_1 == 0, is_mine = mm_stream.owner_1 == me_1;
        if (is_free) mm_stream.owner_1 = me_1;
        memmap_port_unlock();
        if (is_free) return true;
        if (is_mine || waits == 0 || !memmap_port_wait(WAIT_MILLISECONDS)) return false;
    }
}

static void disown(void)
{
    memmap_port_lock();
    mm_stream.owner_1 = 0;
    memmap_port_unlock();
}

static bool is_running(void)
{
    memmap_port_lock();
    bool running = mm_stream.running;
    memmap_port_unlock();
    return running;
}

// --- Start and stop --------------------------------------------------------------------------------------------------------------

static bool port_write(const uint8_t *bytes, size_t length, void *context)
{
    (void)context;
    return memmap_port_write(bytes, length);
}

static size_t port_read(uint8_t *bytes, size_t capacity, void *context)
{
    (void)context;
    return memmap_port_read(bytes, capacity);
}

// HELLO, tasks, sites, regions and reports all again.
static void resend(void)
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

// The step of the drain's own task, which makes itself known so that nothing of what it does is recorded.
static bool drain_task_step(void)
{
    if (mm.drain_1 == 0) {
        mm_lock_for_event();
        mm.drain_1 = (uint8_t)(mm_context_task(mm.events.context) + 1);
        memmap_port_unlock();
    }
    return memmap_drain();
}

static bool start_drain(void)
{
    memmap_port_lock();
    bool first = mm_stream.drain == MM_DRAIN_NONE;
    if (first) mm_stream.drain = MM_DRAIN_STARTING;
    memmap_port_unlock();
    if (!first) return true;
    bool runs = memmap_port_start_drain(drain_task_step, 10);
    memmap_port_lock();
    mm_stream.drain = runs ? MM_DRAIN_RUNS : MM_DRAIN_NONE;
    memmap_port_unlock();
    return runs;
}

bool memmap_stream_start(const memmap_transport_t *transport)
{
    static const memmap_transport_t standard = {port_write, port_read, NULL, false};
    memmap_take_table();
    if (!own(WAITS)) return false;
    bool start = !is_running();
    if (start) {
        mm_stream.transport = transport ? *transport : standard;
        if (!mm_stream.identity.boot_id) memmap_port_identity(&mm_stream.identity);
        mm_stream.wire_length = 0;
        mm_stream.flush_steps = 0;
        resend();
        mm_stream.snapshot_active = false;
        memmap_port_lock();
        mm_stream.snapshot_wanted = true;
        mm_events_reset();
        if (!mm.events.started) mm.events.first = mm.events.count;
        mm.events.on = mm.events.started = true;
        mm.events.newest = false;
        mm_stream.running = true;
        memmap_port_unlock();
    }
    disown();
    if (start) start_drain();
    return start;
}

bool memmap_check_every(uint32_t period_ms)
{
    memmap_options.check_period_ms = period_ms;
    return start_drain();
}

void memmap_stream_stop(void)
{
    memmap_port_lock();
    mm.events.on = mm.events.newest = MEMMAP_SURVIVE;
    mm_stream.running = false;
    memmap_port_unlock();
    // Behind the step that is under way, so that the transport is used no more.
    if (own(WAITS)) disown();
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
    uint8_t payload[MM_HEARTBEAT_BYTES];
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
    resend();
}

// (lock) Up to SNAPSHOT_BLOCKS slots, and the end behind the last one. Blocks that were allocated since the snapshot began are known
// from their events, those freed too; so each slot needs to be looked at once, at any time.
static void walk_snapshot(void)
{
    for (uint32_t i = 0; i < SNAPSHOT_BLOCKS && mm_stream.snapshot_slot < mm.table.used; i++) {
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

// --- Commands --------------------------------------------------------------------------------------------------------------------

static void obey(const uint8_t *body, size_t length)
{
    switch (body[0]) {
        case MEMMAP_COMMAND_HELLO: resend(); break;
        case MEMMAP_COMMAND_SNAPSHOT: memmap_request_snapshot(); break;
        case MEMMAP_COMMAND_CHECK: memmap_check(0); break;
        case MEMMAP_COMMAND_SELF_TEST: mm_self_test(); break;
        case MEMMAP_COMMAND_STREAM:
            if (length < 2) break;
            memmap_port_lock();
            mm_events_close();
            mm.events.on = body[1] != 0;
            memmap_port_unlock();
            if (body[1]) memmap_request_snapshot();
            break;
        case MEMMAP_COMMAND_MARK:
            if (length >= 2 && body[1] <= length - 2) {
                char name[MM_COMMAND_BYTES];
                memcpy(name, body + 2, body[1]);
                name[body[1]] = '\0';
                memmap_mark(name);
            }
            break;
        default: break; // newer than this probe
    }
}

void mm_stream_read_commands(void)
{
    uint8_t bytes[64];
    if (!mm_stream.transport.read) return;
    size_t length = mm_stream.transport.read(bytes, sizeof bytes, mm_stream.transport.context), body_length;
    for (size_t i = 0; i < length; i++) {
        const uint8_t *body = mm_command_take(&mm_stream.command, bytes[i], &body_length);
        if (body) obey(body, body_length);
    }
}

// --- Sending ---------------------------------------------------------------------------------------------------------------------

uint8_t *mm_stream_seal(uint8_t *frame, uint8_t *end, uint32_t type)
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
    end = mm_stream_seal(frame, end, type);
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

static bool drain(uint32_t latency_ticks)
{
    uint64_t now = memmap_port_time_us();
    mm_stream_read_commands();
    see_what_is_due(now);
    step_snapshot(now);
    memmap_port_lock();
    mm_events_close_older(latency_ticks);
    memmap_port_unlock();
    for (uint32_t i = 0; i < FRAMES_PER_STEP; i++)
        if (!send_one()) return mm_stream.wire_length == 0 && mm_stream.snapshot_active;
    return true;
}

// Each step of a flush sends frames or advances the snapshot; the bound is for allocations that go on meanwhile.
enum { FLUSH_STEPS = 64 + CONFIG_MEMMAP_FRAME_COUNT + CONFIG_MEMMAP_TABLE_CAPACITY / SNAPSHOT_BLOCKS };

// The owner's step. A flush goes on until nothing is left or a frame is refused.
static bool step(void)
{
    memmap_port_lock();
    bool running = mm_stream.running;
    uint32_t flush = mm_stream.flush_wanted;
    bool flushing = flush != mm_stream.flush_done;
    memmap_port_unlock();
    if (flushing && mm_stream.flush_steps == 0) mm_stream.flush_steps = FLUSH_STEPS;
    bool more = running && drain(flushing ? 0 : latency_us >> CONFIG_MEMMAP_TICK_SHIFT);
    if (!flushing || (more && --mm_stream.flush_steps != 0)) return more;
    mm_stream.flush_steps = 0;
    memmap_port_lock();
    mm_stream.flush_done = flush;
    mm_stream.flush_incomplete = more || mm_stream.wire_length != 0;
    memmap_port_unlock();
    return more;
}

bool memmap_drain(void)
{
    if (!own(0)) return false;
    mm_check_when_due();
    mm_report_print();
    mm_task_retire();
    bool more = step();
    disown();
    return more;
}

bool memmap_flush(void)
{
    memmap_port_lock();
    uint32_t mine = ++mm_stream.flush_wanted, waits = WAITS, sequence = mm_stream.sequence;
    bool ask = mm_stream.drain == MM_DRAIN_RUNS && mm_task_running() + 1 != mm.drain_1;
    memmap_port_unlock();
    for (;;) {
        memmap_port_lock();
        bool ended = !mm_stream.running || (int32_t)(mm_stream.flush_done - mine) >= 0;
        bool complete = !mm_stream.running || !mm_stream.flush_incomplete;
        if (sequence != mm_stream.sequence) waits = WAITS;
        sequence = mm_stream.sequence;
        memmap_port_unlock();
        if (ended) return complete;
        if (ask) {
            if (waits-- == 0 || !memmap_port_wait(WAIT_MILLISECONDS)) return false;
        } else {
            if (!own(WAITS)) return false;
            step();
            disown();
        }
    }
}

#endif // MEMMAP_ENABLE
