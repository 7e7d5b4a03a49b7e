// The system is about to stop: reports that wait are printed, and with CONFIG_MEMMAP_SURVIVE the newest events, the reports, the sites and
// tasks that they name and the totals are put where the next boot finds them (kept.h), as frames that go on behind the last one sent. The
// port has seen to it that the lock is free: whoever held it does not run any more, and may have left things half done.
#include "send.h"
#include "events.h"
#include "kept.h"
#include "report.h"
#include "tasks.h"

#if MEMMAP_ENABLE

#if MEMMAP_SURVIVE

enum { REPORTS_KEPT = 4, EVENTS_SHARE = CONFIG_MEMMAP_SURVIVE_BYTES / 2 };

static uint8_t named[CONFIG_MEMMAP_SITE_CAPACITY / 8 + 1]; // sites, a bit each

static void name_site(uint32_t site)
{
    if (site <= CONFIG_MEMMAP_SITE_CAPACITY) named[site / 8] |= (uint8_t)(1 << site % 8);
}

static uint32_t take_varint(const uint8_t **at, const uint8_t *end)
{
    uint32_t value = 0;
    for (uint32_t shift = 0; *at < end; shift += 7) {
        uint8_t byte = *(*at)++;
        if (shift < 32) value |= (uint32_t)(byte & 0x7f) << shift;
        if (byte < 0x80) break;
    }
    return value;
}

// Sites of the records in the body of an EVENTS frame (SPEC.md 3).
static void name_sites_of(const uint8_t *at, const uint8_t *end)
{
    take_varint(&at, end); // first event, time
    take_varint(&at, end);
    while (at < end) {
        uint32_t tag = *at++, code = tag >> MEMMAP_CONTROL_SHIFT;
        if ((tag >> MEMMAP_DT_SHIFT & MEMMAP_DT_EXTENDED) == MEMMAP_DT_EXTENDED) take_varint(&at, end);
        uint32_t operation = tag & 3, fields;
        if (operation != MEMMAP_OP_CONTROL) {
            // Varints before the site: the address and what follows it.
            bool ends = (tag & MEMMAP_FLAG_REALLOC_END) != 0;
            if (operation == MEMMAP_OP_ALLOC) fields = 2;
            else if (operation == MEMMAP_OP_FREE) fields = 1;
            else fields = !ends ? 1 : tag & MEMMAP_FLAG_REALLOC_FAILED ? 2 : 3;
            for (; fields > 0; fields--) take_varint(&at, end);
            bool has_site = operation == MEMMAP_OP_ALLOC  ? !(tag & MEMMAP_FLAG_ALLOC_SAME_SITE)
                            : operation == MEMMAP_OP_FREE ? (tag & MEMMAP_FLAG_FREE_SITE) != 0
                                                          : ends;
            if (has_site) name_site(take_varint(&at, end));
        } else if (code == MEMMAP_CONTROL_LIVE_BASE0 || code == MEMMAP_CONTROL_LIVE_BASE1) {
            take_varint(&at, end);
            take_varint(&at, end);
            name_site(take_varint(&at, end));
            take_varint(&at, end);
        } else if (code == MEMMAP_CONTROL_EXTENDED) {
            take_varint(&at, end);
            uint32_t length = take_varint(&at, end);
            at = length < (uint32_t)(end - at) ? at + length : end;
        } else {
            take_varint(&at, end);
        }
    }
}

// The body for the next frame, or NULL where there is no room for any.
static uint8_t *begin_frame(void)
{
    uint32_t room;
    uint8_t *frame = mm_kept_place(&room);
    return room >= MM_FRAME_BYTES ? frame + MEMMAP_FRAME_HEADER_BYTES : NULL;
}

// False where the body is empty.
static bool end_frame(uint8_t *body, uint8_t *end, uint32_t type)
{
    if (end == body) return false;
    uint8_t *frame = body - MEMMAP_FRAME_HEADER_BYTES;
    mm_kept_add((uint32_t)(mm_send_seal(frame, end, type) - frame));
    return true;
}

static void mark_end(const char *reason)
{
    static const char prefix[] = "panic: ";
    uint8_t text[64], heartbeat[MEMMAP_HEARTBEAT_BYTES];
    uint32_t length = sizeof prefix - 1;
    memcpy(text, prefix, length);
    for (; reason && *reason && length < sizeof text; reason++) text[length++] = (uint8_t)*reason;
    mm_lock_for_event();
    mm.events.newest = true; // rather than the mark is lost, the oldest frame is
    mm_event_extended(MEMMAP_EXTENDED_MARK, text, length);
    mm_event_extended(MEMMAP_EXTENDED_HEARTBEAT, heartbeat, (uint32_t)(mm_compose_heartbeat(heartbeat) - heartbeat));
    mm_events_close();
    memmap_port_unlock();
}

// The reports that are kept, the last ones of each kind.
static uint32_t first_kept(uint32_t newest) { return newest > REPORTS_KEPT ? newest - REPORTS_KEPT + 1 : 1; }

static void keep_reports(void)
{
    mm_fault_t fault;
    mm_failure_t failure;
    uint8_t *body;
    for (uint32_t number = first_kept(mm_fault_count()); mm_fault_get(number, &fault) && (body = begin_frame()); number++)
        end_frame(body, mm_compose_fault(body, &fault), MEMMAP_FRAME_TYPE_FAULT);
    for (uint32_t number = first_kept(mm_failure_count()); mm_failure_get(number, &failure) && (body = begin_frame()); number++)
        end_frame(body, mm_compose_failure(body, &failure), MEMMAP_FRAME_TYPE_FAILURE);
}

static void name_sites_of_reports(void)
{
    mm_fault_t fault;
    mm_failure_t failure;
    for (uint32_t number = first_kept(mm_fault_count()); mm_fault_get(number, &fault); number++) {
        name_site(fault.alloc_site);
        name_site(fault.free_site);
        name_site(fault.detected_site);
    }
    for (uint32_t number = first_kept(mm_failure_count()); mm_failure_get(number, &failure); number++) name_site(failure.site);
}

static void keep(const char *reason)
{
    uint32_t length, bytes = 0, first = 0, next = 1, task = MEMMAP_TASK_NUMBER_FIRST;
    uint8_t *body;
    mark_end(reason);
    if (!mm_stream.identity.boot_id) memmap_port_identity(&mm_stream.identity);
    mm_kept_begin();
    // As many of the newest event frames as their share allows.
    while (mm_events_closed(first, &length)) first++;
    for (; first > 0; first--) {
        const uint8_t *frame = mm_events_closed(first - 1, &length);
        if (bytes + length + MM_FRAME_BYTES - MM_BODY_BYTES > EVENTS_SHARE) break;
        bytes += length + MM_FRAME_BYTES - MM_BODY_BYTES;
        name_sites_of(frame + MEMMAP_FRAME_HEADER_BYTES, frame + length);
    }
    name_sites_of_reports();
    if ((body = begin_frame())) end_frame(body, mm_compose_hello(body, &mm_stream.identity), MEMMAP_FRAME_TYPE_HELLO);
    // Events before what describes them: that is left out where room runs short.
    for (const uint8_t *frame; (frame = mm_events_closed(first, &length)); first++) {
        uint32_t room, body_bytes = length - MEMMAP_FRAME_HEADER_BYTES;
        uint8_t *to = mm_kept_place(&room);
        if (room < length + MEMMAP_FRAME_CHECKSUM_BYTES) break;
        memcpy(to + MEMMAP_FRAME_HEADER_BYTES, frame + MEMMAP_FRAME_HEADER_BYTES, body_bytes);
        end_frame(to + MEMMAP_FRAME_HEADER_BYTES, to + length, MEMMAP_FRAME_TYPE_EVENTS);
    }
    keep_reports();
    memmap_port_lock();
    mm_tasks_unsent();
    memmap_port_unlock();
    while ((body = begin_frame()) && end_frame(body, mm_compose_tasks(body, &task), MEMMAP_FRAME_TYPE_TASKS)) {
    }
    while ((body = begin_frame()) && end_frame(body, mm_compose_sites(body, &next, named), MEMMAP_FRAME_TYPE_SITES)) {
    }
    mm_kept_end();
}

#endif

void memmap_panic(const char *reason)
{
    static bool begun;
    if (begun) return; // and this is what has gone wrong
    begun = true;
    mm_report_print_without_lock();
#if MEMMAP_SURVIVE
    keep(reason);
#else
    (void)reason;
#endif
}

#endif // MEMMAP_ENABLE
