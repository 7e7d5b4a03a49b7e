// Bodies of HELLO, SITES, TASKS, REGIONS, FAULT and FAILURE frames (SPEC.md 4 to 7). Runs in the drain only: the one place where
// strings are read.
#include "compose.h"
#include "events.h"
#include "format.h"
#include "freed.h"
#include "tasks.h"

#if MEMMAP_ENABLE

enum {
    PATH_BYTES = 64, // of a path the last ones are sent, of names the first ones
    NAME_BYTES = 48,
    TEXT_BYTES = 32,
    SITE_BYTES = 3 + 1 + 1 + 5 + 5 + (2 + PATH_BYTES) + 2 * (2 + NAME_BYTES) + 1 + 5 * CONFIG_MEMMAP_STACK_DEPTH,
    TASK_BYTES = 2 + 4 + 1 + 1 + 16,
    REGION_BYTES = 8 + 4 * 5 + 1 + TEXT_BYTES,
    FAULT_BYTES = 20 * 2 + 4 * 5 + 3 * 8 + 11 * 5 + 16 + MM_ACTIVE_TASKS,
    FAILURE_BYTES = 12 * 2 + 8 + 9 * 5 + MM_FAILURE_REGIONS * (2 + 8 + 3 * 5),
    HELLO_BYTES = 16 * 2 + 4 * TEXT_BYTES + 32 + 10 * 5
};
MM_CHECK(site_fits, SITE_BYTES <= (int)MM_BODY_BYTES);
MM_CHECK(fault_fits, FAULT_BYTES <= (int)MM_BODY_BYTES);
MM_CHECK(failure_fits, FAILURE_BYTES <= (int)MM_BODY_BYTES);
MM_CHECK(hello_fits, HELLO_BYTES <= (int)MM_BODY_BYTES);

static uint32_t length_of(const char *text, uint32_t limit)
{
    uint32_t length = 0;
    while (length < limit && text[length]) length++;
    return length;
}

static uint8_t *put_bytes(uint8_t *out, const void *bytes, uint32_t length)
{
    memcpy(out, bytes, length);
    return out + length;
}

static uint8_t *put_string(uint8_t *out, const char *text, uint32_t limit)
{
    uint32_t length = text ? length_of(text, limit) : 0;
    return put_bytes(mm_put_varint(out, length), text, length);
}

// --- Key, length, value --------------------------------------------------------------------------------------------------

static uint8_t *put_key64(uint8_t *out, uint32_t key, uint64_t value)
{
    uint8_t *length = out + 1, *start = out + 2, *end = mm_put_varint64(start, value);
    *out = (uint8_t)key;
    *length = (uint8_t)(end - start);
    return end;
}

static uint8_t *put_key(uint8_t *out, uint32_t key, uint32_t value) { return put_key64(out, key, value); }

static uint8_t *put_key_u32(uint8_t *out, uint32_t key, uint32_t value)
{
    *out++ = (uint8_t)key;
    *out++ = 4;
    return mm_put_u32(out, value);
}

static uint8_t *put_key_bytes(uint8_t *out, uint32_t key, const void *bytes, uint32_t length)
{
    return put_bytes(mm_put_varint(mm_put_varint(out, key), length), bytes, length);
}

static uint8_t *put_key_text(uint8_t *out, uint32_t key, const char *text)
{
    return text ? put_key_bytes(out, key, text, length_of(text, TEXT_BYTES)) : out;
}

static uint32_t configuration(void)
{
    uint32_t bits = 0;
    if (mm_interposed) bits |= MEMMAP_CONFIGURATION_INTERPOSITION;
    if (MEMMAP_HOOKS) bits |= MEMMAP_CONFIGURATION_HOOKS;
    if (CONFIG_MEMMAP_RED_ZONE_BYTES != 0 && memmap_options.red_zones) bits |= MEMMAP_CONFIGURATION_RED_ZONES;
    if (CONFIG_MEMMAP_QUARANTINE_BYTES != 0 && memmap_options.quarantine) bits |= MEMMAP_CONFIGURATION_QUARANTINE;
    if (memmap_options.zero_on_free) bits |= MEMMAP_CONFIGURATION_ZERO_ON_FREE;
    if (memmap_options.free_sites) bits |= MEMMAP_CONFIGURATION_FREE_SITES;
    return bits;
}

uint8_t *mm_compose_hello(uint8_t *body, const memmap_identity_t *identity)
{
    uint8_t *out = put_key_u32(body, MEMMAP_HELLO_KEY_BOOT_ID, identity->boot_id);
    out = put_key(out, MEMMAP_HELLO_KEY_TICK_NANOSECONDS, UINT32_C(1000) << CONFIG_MEMMAP_TICK_SHIFT);
    out = put_key_text(out, MEMMAP_HELLO_KEY_CHIP, identity->chip);
    out = put_key_text(out, MEMMAP_HELLO_KEY_IDF_VERSION, identity->idf_version);
    out = put_key_text(out, MEMMAP_HELLO_KEY_APP_NAME, identity->app_name);
    out = put_key_text(out, MEMMAP_HELLO_KEY_APP_VERSION, identity->app_version);
    if (identity->elf_sha256) out = put_key_bytes(out, MEMMAP_HELLO_KEY_ELF_SHA256, identity->elf_sha256, 32);
    out = put_key(out, MEMMAP_HELLO_KEY_CONFIGURATION, configuration());
    out = put_key(out, MEMMAP_HELLO_KEY_TABLE_CAPACITY, mm_table_capacity());
    bool by_calls = memmap_options.sample_interval > 1 && memmap_options.sample_bytes == 0;
    out = put_key(out, MEMMAP_HELLO_KEY_SAMPLE_INTERVAL, by_calls ? memmap_options.sample_interval : 1);
    out = put_key(out, MEMMAP_HELLO_KEY_STACK_DEPTH, CONFIG_MEMMAP_STACK_DEPTH);
    out = put_key(out, MEMMAP_HELLO_KEY_RESET_REASON, identity->reset_reason);
    out = put_key(out, MEMMAP_HELLO_KEY_CORES, identity->cores);
    out = put_key(out, MEMMAP_HELLO_KEY_RED_ZONE_BYTES, memmap_options.red_zones ? MM_ZONE_BYTES : 0);
    out = put_key(out, MEMMAP_HELLO_KEY_QUARANTINE_BYTES, memmap_options.quarantine ? CONFIG_MEMMAP_QUARANTINE_BYTES : 0);
    return memmap_options.sample_bytes != 0 ? put_key(out, MEMMAP_HELLO_KEY_SAMPLE_BYTES, memmap_options.sample_bytes) : out;
}

// --- Sites -----------------------------------------------------------------------------------------------------------------

typedef struct {
    const char *text;
    uint32_t length;
} shared_t;

// A string as what differs from the same field of the record before.
static uint8_t *put_shared(uint8_t *out, shared_t *before, const char *text, uint32_t length)
{
    uint32_t same = 0;
    while (same < length && same < before->length && text[same] == before->text[same]) same++;
    before->text = text;
    before->length = length;
    out = mm_put_varint(mm_put_varint(out, same), length - same);
    return put_bytes(out, text + same, length - same);
}

static uint8_t *put_shared_name(uint8_t *out, shared_t *before, const char *text)
{
    return put_shared(out, before, text, length_of(text, NAME_BYTES));
}

static uint8_t *put_callers(uint8_t *out, const mm_site_t *site)
{
    uint32_t previous = 0;
    *out++ = site->depth;
    for (uint32_t i = 0; i < site->depth; i++) {
        uint32_t address = (uint32_t)site->callers[i];
        out = mm_put_varint(out, mm_zigzag((int32_t)(address - previous)));
        previous = address;
    }
    return out;
}

uint8_t *mm_compose_sites(uint8_t *body, uint32_t *next, const uint8_t *only)
{
    uint8_t *out = body;
    shared_t file = {NULL, 0}, function = {NULL, 0}, variable = {NULL, 0};
    mm_site_t site;
    for (; out + SITE_BYTES <= body + MM_BODY_BYTES && mm_site_get(*next, &site); ++*next) {
        if (only && !(only[*next / 8] & 1 << *next % 8)) continue;
        mm_place_t place = mm_site_place(&site);
        bool source = site.kind != MM_SITE_CALLERS;
        out = mm_put_varint(out, *next);
        *out++ = (uint8_t)(source ? MEMMAP_SITE_FIELD_SOURCE | (place.variable ? MEMMAP_SITE_FIELD_VARIABLE : 0u)
                                  : MEMMAP_SITE_FIELD_CALLERS);
        *out++ = site.method;
        out = mm_put_varint(out, site.caps);
        if (!source) {
            out = put_callers(out, &site);
            continue;
        }
        uint32_t length = length_of(place.file, UINT32_MAX), skipped = length > PATH_BYTES ? length - PATH_BYTES : 0;
        // A cut must not fall into a UTF-8 sequence.
        while (skipped != 0 && skipped < length && ((uint8_t)place.file[skipped] & 0xc0) == 0x80) skipped++;
        out = mm_put_varint(out, place.line);
        out = put_shared(out, &file, place.file + skipped, length - skipped);
        out = put_shared_name(out, &function, place.function);
        if (place.variable) out = put_shared_name(out, &variable, place.variable);
    }
    return out;
}

// --- Tasks and regions -------------------------------------------------------------------------------------------------------

uint8_t *mm_compose_tasks(uint8_t *body, uint32_t *next)
{
    uint8_t *out = body;
    // Around the table once and back to its start: tasks may have changed anywhere.
    while (out + TASK_BYTES <= body + MM_BODY_BYTES) {
        mm_task_t copy = {.flags = 0};
        memmap_port_lock();
        bool past_end = *next >= mm_task_end();
        if (!past_end) {
            mm_task_t *task = mm_task_at(*next);
            copy = *task;
            task->flags &= (uint8_t)~MM_TASK_UNSENT;
        }
        memmap_port_unlock();
        if (past_end) {
            *next = MEMMAP_TASK_NUMBER_FIRST;
            break;
        }
        uint32_t id = (*next)++;
        if (!(copy.flags & MM_TASK_UNSENT)) continue;
        out = mm_put_varint(out, id);
        out = mm_put_u32(out, (uint32_t)copy.handle);
        *out++ = copy.flags & MM_TASK_DELETED ? 1 : 0;
        out = put_string(out, copy.name, sizeof copy.name);
    }
    return out;
}

uint8_t *mm_compose_regions(uint8_t *body, uint32_t *next)
{
    uint8_t *start = mm_put_varint64(body, mm_now()), *out = start;
    memmap_region_t region;
    for (; out + REGION_BYTES <= body + MM_BODY_BYTES && memmap_port_region(*next, true, &region); ++*next) {
        out = mm_put_u32(mm_put_u32(out, region.start), region.end);
        out = mm_put_varint(mm_put_varint(out, region.caps), region.free);
        out = mm_put_varint(mm_put_varint(out, region.largest_free), region.lowest_free);
        out = put_string(out, region.name, TEXT_BYTES);
    }
    return out == start ? body : out;
}

// --- Reports and heartbeat -----------------------------------------------------------------------------------------------------

uint8_t *mm_compose_fault(uint8_t *body, const mm_fault_t *fault)
{
    uint8_t *out = put_key(body, MEMMAP_FAULT_KEY_NUMBER, fault->number);
    out = put_key(out, MEMMAP_FAULT_KEY_KIND, fault->kind);
    out = put_key64(out, MEMMAP_FAULT_KEY_TIME, fault->time);
    out = put_key(out, MEMMAP_FAULT_KEY_EVENT_NUMBER, fault->event_number);
    out = put_key(out, MEMMAP_FAULT_KEY_CONTEXT, fault->context);
    out = put_key_u32(out, MEMMAP_FAULT_KEY_POINTER, fault->pointer);
    out = put_key_u32(out, MEMMAP_FAULT_KEY_BLOCK_ADDRESS, fault->address);
    out = put_key(out, MEMMAP_FAULT_KEY_BLOCK_SIZE, fault->size);
    out = put_key(out, MEMMAP_FAULT_KEY_ALLOC_SITE, fault->alloc_site);
    out = put_key(out, MEMMAP_FAULT_KEY_ALLOC_TASK, fault->alloc_task);
    if (fault->freed) {
        out = put_key(out, MEMMAP_FAULT_KEY_FREE_SITE, fault->free_site);
        out = put_key(out, MEMMAP_FAULT_KEY_FREE_TASK, fault->free_task);
        out = put_key64(out, MEMMAP_FAULT_KEY_FREE_TIME, fault->free_time);
    }
    if (fault->detected_site) out = put_key(out, MEMMAP_FAULT_KEY_DETECTED_SITE, fault->detected_site);
    if (fault->damaged) {
        out = put_key(out, MEMMAP_FAULT_KEY_DAMAGE_OFFSET, mm_zigzag(fault->damage.offset));
        out = put_key(out, MEMMAP_FAULT_KEY_DAMAGE_LENGTH, fault->damage.length);
        out = put_key_bytes(out, MEMMAP_FAULT_KEY_DAMAGE_BYTES, fault->damage.bytes, fault->damage.count);
    }
    if (fault->good) {
        out = put_key64(out, MEMMAP_FAULT_KEY_LAST_GOOD_TIME, fault->last_good);
        out = put_key(out, MEMMAP_FAULT_KEY_LAST_GOOD_TASK, fault->last_good_task);
        // Ids are below 128: a byte is a varint.
        if (fault->active_count) out = put_key_bytes(out, MEMMAP_FAULT_KEY_ACTIVE_TASKS, fault->active, fault->active_count);
    }
    return out;
}

uint8_t *mm_compose_failure(uint8_t *body, const mm_failure_t *failure)
{
    uint8_t *out = put_key(body, MEMMAP_FAILURE_KEY_NUMBER, failure->number);
    out = put_key(out, MEMMAP_FAILURE_KEY_REASON, failure->reason);
    out = put_key64(out, MEMMAP_FAILURE_KEY_TIME, failure->time);
    out = put_key(out, MEMMAP_FAILURE_KEY_EVENT_NUMBER, failure->event_number);
    out = put_key(out, MEMMAP_FAILURE_KEY_CONTEXT, failure->context);
    out = put_key(out, MEMMAP_FAILURE_KEY_SIZE, failure->size);
    out = put_key(out, MEMMAP_FAILURE_KEY_COUNT, failure->count);
    out = put_key(out, MEMMAP_FAILURE_KEY_CAPS, failure->caps);
    out = put_key(out, MEMMAP_FAILURE_KEY_SITE, failure->site);
    if (failure->alignment) out = put_key(out, MEMMAP_FAILURE_KEY_ALIGNMENT, failure->alignment);
    if (failure->released) out = put_key(out, MEMMAP_FAILURE_KEY_QUARANTINE_RELEASED, failure->released);
    for (uint32_t i = 0; i < failure->regions; i++) {
        uint8_t region[8 + 3 * 5], *end = mm_put_u32(mm_put_u32(region, failure->region[i].start), failure->region[i].end);
        end = mm_put_varint(mm_put_varint(end, failure->region[i].caps), failure->region[i].free);
        end = mm_put_varint(end, failure->region[i].largest);
        out = put_key_bytes(out, MEMMAP_FAILURE_KEY_REGION, region, (uint32_t)(end - region));
    }
    return out;
}

uint8_t *mm_compose_heartbeat(uint8_t *payload)
{
    const uint32_t numbers[] = {mm.table.live_blocks,      mm.table.live_bytes,     mm.table.peak_bytes,   mm.counters.table_full,
                                mm.counters.unknown_frees, mm.events.dropped,       mm_fault_count(),      mm_failure_count(),
                                mm_report_dropped(),       mm_quarantine_bytes(),   mm_quarantine_blocks()};
    uint8_t *out = mm_put_u32(payload, mm.table.hash);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) out = mm_put_varint(out, numbers[i]);
    return out;
}

#endif // MEMMAP_ENABLE
