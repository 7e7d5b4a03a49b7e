// The stream as others use it: started, stopped, flushed, told what to do by the host. It has one owner at a time, who runs a step of it, starts it
// or stops it; whoever comes then waits for the end of that step. A flush is a request, which the drain's task fulfils where there is one. What
// is sent is in send.c.
#include "stream.h"
#include "check.h"
#include "events.h"
#include "report.h"
#include "retire.h"
#include "selftest.h"
#include "tasks.h"

#if MEMMAP_ENABLE

enum {
    WAIT_MILLISECONDS = 10,
    WAITS = 500 // without any progress: then the wait is given up
};

// --- The owner -------------------------------------------------------------------------------------------------------------------

// Time after which a frame is sent that is not full.
static const uint32_t latency_us = 100000;

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
        mm_send_all_again();
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

// --- Commands --------------------------------------------------------------------------------------------------------------------

static void obey(const uint8_t *body, size_t length)
{
    switch (body[0]) {
        case MEMMAP_COMMAND_HELLO: mm_send_all_again(); break;
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

// --- Drain and flush -------------------------------------------------------------------------------------------------------------

// Each step of a flush sends frames or advances the snapshot; the bound is for allocations that go on meanwhile.
enum { FLUSH_STEPS = 64 + CONFIG_MEMMAP_FRAME_COUNT + CONFIG_MEMMAP_TABLE_CAPACITY / MM_SNAPSHOT_BLOCKS };

// The owner's step. A flush goes on until nothing is left or a frame is refused.
static bool step(void)
{
    memmap_port_lock();
    bool running = mm_stream.running;
    uint32_t flush = mm_stream.flush_wanted;
    bool flushing = flush != mm_stream.flush_done;
    memmap_port_unlock();
    if (flushing && mm_stream.flush_steps == 0) mm_stream.flush_steps = FLUSH_STEPS;
    if (running) mm_stream_read_commands();
    bool more = running && mm_send_some(flushing ? 0 : latency_us >> CONFIG_MEMMAP_TICK_SHIFT);
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
