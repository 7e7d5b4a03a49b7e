// What every API comes down to: allocate, reallocate, release. The order is what keeps the record right on two cores: an allocation
// is recorded after the heap has made it, a free before the heap gets the block, a realloc as begin and end.
#include "internal.h"

#if MEMMAP_ENABLE

// Weak, because programs written for the classic API may define the two variables themselves.
__attribute__((weak)) SemaphoreHandle_t memorySemaphore;
__attribute__((weak)) bool debug_track_allocation = true;

memmap_options_t memmap_options = {
    .zero_on_free = true,
    .red_zones = true,
    .check_start = true,
    .quarantine = true,
    .remember_frees = true,
    .free_sites = true,
    .print_faults = true,
    .print_failures = true,
    .abort_on_fault = false,
    .sample_interval = CONFIG_MEMMAP_SAMPLE_INTERVAL,
    .check_period_ms = CONFIG_MEMMAP_CHECK_PERIOD_MS,
};

MM_TABLE mm_counters_t mm_counters;
bool mm_interposed = MEMMAP_INTERPOSE;
uint8_t mm_drain_task = UINT8_MAX;

// (lock) A record whose address the heap has just given out again: the block was freed where the probe could not see it.
static MM_HOT void drop_stale(uint32_t place)
{
    uint32_t address = mm_table_at(place)->address;
    if (!MEMMAP_HOOKS) mm_counters.stale_records++; // hooks have entered every block before the macros do
    mm_table_remove(place);
    mm_event_free(address, false, 0);
}

static MM_HOT void record(const mm_site_t *site, uint32_t address, uint32_t size, uint32_t flags)
{
    mm_lock_for_event();
    uint32_t task = mm_context_task(mm_events.context), place = mm_table_place(address);
    if (mm_table.index[place] != 0) {
        drop_stale(place);
        place = mm_table_place(address);
    }
    if (task != mm_drain_task) {
        uint32_t id = mm_site_intern(site);
        if (size < MM_BLOCK_SIZE_LIMIT && mm_table_insert(place, address, mm_size_flags(size, flags), id, task))
            mm_event_alloc(address, size, id);
        else mm_counters.table_full++;
    }
    memmap_port_unlock();
}

typedef struct {
    void *old; // realloc
    size_t size, alignment;
    bool zeroed;
    uint32_t zone, released; // bytes asked for beyond size; bytes of quarantine given back for it
} request_t;

static MM_HOT void *ask_heap(const request_t *request, uint32_t caps)
{
    size_t size = request->size + request->zone;
    if (request->old) return memmap_port_realloc(request->old, size, caps);
    if (request->alignment != 0) return memmap_port_aligned_alloc(request->alignment, size, caps);
    return request->zeroed ? memmap_port_calloc(1, size, caps) : memmap_port_malloc(size, caps);
}

// The probe must not be the reason of a failure: where there is no room, the quarantine is given back, then the red zone left out.
static MM_HOT void *ask_heap_again(request_t *request, uint32_t caps)
{
    void *pointer = NULL;
    if (request->size > UINT32_MAX - request->zone) return NULL; // only where pointers are wider than the chip's
    if (!memmap_port_context().in_interrupt) {
        request->released = mm_quarantine_trim(0);
        if (request->released != 0) pointer = ask_heap(request, caps);
    }
    if (!pointer && request->zone != 0) {
        request->zone = 0;
        pointer = ask_heap(request, caps);
    }
    return pointer;
}

static inline void *ask_heap_hard(request_t *request, uint32_t caps)
{
    void *pointer = request->size <= UINT32_MAX - request->zone ? ask_heap(request, caps) : NULL;
    return pointer ? pointer : ask_heap_again(request, caps);
}

static void report_no_memory(const mm_site_t *site, const request_t *request)
{
    mm_failure_t failure = {.reason = MEMMAP_FAILURE_REASON_NO_MEMORY, .size = (uint32_t)request->size, .count = 1,
                            .alignment = (uint32_t)request->alignment, .released = request->released};
    mm_failed(&failure, site);
}

static inline uint32_t flags_of(uint32_t zone, uint32_t caps)
{
    return (zone ? MM_BLOCK_RED_ZONE : 0u) | (mm_words_only(caps) ? MM_BLOCK_WORDS : 0u);
}

// Whether this allocation is in the sample. Distances are random around the interval, so that a regular program cannot beat in time
// with them.
static MM_HOT bool in_sample(void)
{
    static uint32_t random = 0x2545f491, left;
    memmap_port_lock();
    bool taken = left-- == 0;
    if (taken) {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        left = random % (2u * memmap_options.sample_interval - 1); // 0 to 2 (interval - 1): interval - 1 on average
    }
    memmap_port_unlock();
    return taken;
}

static inline bool sampling(void) { return memmap_options.sample_interval > 1; }

MM_HOT void *mm_allocate(const mm_site_t *site, size_t size, size_t alignment, bool zeroed)
{
    if (size == 0) return NULL;
    bool tracked = debug_track_allocation && (!sampling() || in_sample());
    request_t request = {NULL, size, alignment, zeroed, tracked ? mm_zone_bytes((uint32_t)size, site->caps) : 0, 0};
    void *pointer = ask_heap_hard(&request, site->caps);
    if (!pointer) {
        report_no_memory(site, &request);
        return NULL;
    }
    if (!tracked) {
        memmap_port_lock();
        mm_counters.untracked++;
        memmap_port_unlock();
        return pointer;
    }
    if (request.zone) mm_zone_write(pointer, (uint32_t)size);
    record(site, mm_address(pointer), (uint32_t)size, flags_of(request.zone, site->caps));
    return pointer;
}

// Called with a block that is out of the table, or detached: nobody else touches it.
static MM_HOT bool find_damage(const mm_site_t *site, const mm_block_t *block)
{
    const void *pointer = mm_pointer(block->address);
    uint32_t size = mm_block_size(block);
    bool zone = (block->size_flags & MM_BLOCK_RED_ZONE) != 0, whole_start = true;
    mm_fault_t fault;
    memset(&fault.damage, 0, sizeof fault.damage);
    for (int start = 0; start < 2; start++) {
        bool damaged = start ? memmap_options.check_start && mm_start_damaged(pointer, size, zone, &fault.damage)
                             : zone && !(block->size_flags & MM_BLOCK_DAMAGED) && mm_zone_damaged(pointer, size, &fault.damage);
        if (!damaged) continue;
        mm_damage_t damage = fault.damage;
        fault = (mm_fault_t){.kind = start ? MEMMAP_FAULT_KIND_UNDERFLOW : MEMMAP_FAULT_KIND_OVERFLOW,
                             .pointer = block->address, .address = block->address, .size = size,
                             .alloc_site = block->site, .alloc_task = block->task, .damaged = true, .damage = damage};
        if (!start) mm_check_bracket(block->size_flags, &fault); // the sweep looks at ends only
        mm_report_fault(&fault, site);
        if (start) whole_start = false;
    }
    return whole_start;
}

static inline bool check_whole(const mm_site_t *site, const mm_block_t *block)
{
    if (!(block->size_flags & MM_BLOCK_RED_ZONE) && !memmap_options.check_start) return true;
    return find_damage(site, block);
}

static MM_HOT void *reallocate_unknown(const mm_site_t *site, void *pointer, size_t size)
{
    if (mm_blame(site, pointer, true)) return NULL;
    bool tracked = debug_track_allocation && !sampling(); // a block left out of the sample stays out
    if (tracked) {
        mm_lock_for_event();
        mm_counters.unknown_frees++;
        mm_event_free(mm_address(pointer), true, 0);
        memmap_port_unlock();
    }
    request_t request = {.old = pointer, .size = size};
    void *moved = ask_heap_hard(&request, site->caps);
    if (!moved) report_no_memory(site, &request);
    else if (tracked) record(site, mm_address(moved), (uint32_t)size, flags_of(0, site->caps));
    return moved;
}

MM_HOT void *mm_reallocate(const mm_site_t *site, void *pointer, size_t size)
{
    if (!pointer) return mm_allocate(site, size, 0, false);
    if (size == 0) {
        mm_release(site, pointer, false);
        return NULL;
    }
    mm_lock_for_event();
    uint32_t place = mm_table_find(mm_address(pointer));
    if (place == MM_NOT_FOUND) {
        memmap_port_unlock();
        return reallocate_unknown(site, pointer, size);
    }
    mm_block_t *block = mm_table_detach(place);
    mm_block_t old = *block;
    mm_event_realloc_begin(old.address);
    memmap_port_unlock();

    check_whole(site, &old);
    request_t request = {.old = pointer, .size = size, .zone = mm_zone_bytes((uint32_t)size, site->caps)};
    void *moved = ask_heap_hard(&request, site->caps);
    if (moved && request.zone) mm_zone_write(moved, (uint32_t)size);

    mm_lock_for_event();
    uint32_t id = mm_site_intern(site), task = mm_context_task(mm_events.context);
    if (moved) {
        uint32_t address = mm_address(moved);
        if (address != old.address) {
            uint32_t stale = mm_table_find(address);
            if (stale != MM_NOT_FOUND) drop_stale(stale);
            mm_freed_add(&old, id, task, false);
        }
        // A size beyond the record's bits is recorded as the largest that fits; the heaps of these chips are smaller.
        uint32_t recorded = size < MM_BLOCK_SIZE_LIMIT ? (uint32_t)size : MM_BLOCK_SIZE_LIMIT - 1;
        mm_table_attach(block, address, mm_size_flags(recorded, flags_of(request.zone, site->caps)), id, task);
        mm_event_realloc_end(old.address, address, recorded, id);
    } else {
        mm_table_attach(block, old.address, old.size_flags & ~(uint32_t)MM_BLOCK_MOVING, old.site, old.task);
        mm_event_realloc_failed(old.address, (uint32_t)size, id);
    }
    memmap_port_unlock();
    if (!moved) report_no_memory(site, &request);
    return moved;
}

static void release_unknown(const mm_site_t *site, void *pointer)
{
    if (mm_blame(site, pointer, false)) return;
    mm_lock_for_event();
    if (mm_context_task(mm_events.context) != mm_drain_task && !sampling()) {
        mm_counters.unknown_frees++;
        mm_event_free(mm_address(pointer), true, memmap_options.free_sites ? mm_site_intern(site) : 0);
    }
    memmap_port_unlock();
    memmap_port_free(pointer);
}

MM_HOT void mm_release(const mm_site_t *site, void *pointer, bool wipe)
{
    enum { BUDGET = CONFIG_MEMMAP_QUARANTINE_BYTES };
    if (!pointer) return;
    mm_lock_for_event();
    uint32_t place = mm_table_find(mm_address(pointer));
    if (place == MM_NOT_FOUND) {
        memmap_port_unlock();
        release_unknown(site, pointer);
        return;
    }
    mm_block_t block = *mm_table_at(place);
    uint32_t size = mm_block_size(&block), task = mm_context_task(mm_events.context);
    bool remembered = memmap_options.remember_frees || memmap_options.quarantine;
    uint32_t id = remembered || memmap_options.free_sites ? mm_site_intern(site) : MEMMAP_SITE_UNKNOWN;
    mm_table_remove(place);
    mm_event_free(block.address, false, memmap_options.free_sites ? id : 0);
    mm_task_forget(block.address);
    // Interrupts should not spend the time, big blocks would push all others out, and poison is read by bytes.
    bool hold = BUDGET != 0 && memmap_options.quarantine && size <= BUDGET / 4 && task != MEMMAP_TASK_NUMBER_INTERRUPT &&
                !(block.size_flags & MM_BLOCK_WORDS);
    hold = remembered && mm_freed_add(&block, id, task, hold);
    bool trim = BUDGET != 0 && task != MEMMAP_TASK_NUMBER_INTERRUPT && mm_quarantine_due(BUDGET);
    memmap_port_unlock();

    // Where the heap's own word before the block is overwritten, the heap must not get the block: it would break on it.
    bool start_whole = check_whole(site, &block);
    if (wipe && memmap_options.zero_on_free) mm_fill(pointer, size, 0);
    if (hold) {
        mm_poison(pointer, size);
        memmap_port_lock();
        mm_freed_settle(block.address, start_whole);
        memmap_port_unlock();
    } else if (start_whole) {
        memmap_port_free(pointer);
    }
    if (trim) mm_quarantine_trim(BUDGET);
}

#if MEMMAP_HOOKS
// The macros' own calls reach the heap too: their record, which knows the place, replaces this one a moment later.
MM_HOT void mm_hook_allocated(uint32_t address, uint32_t size, uint32_t caps)
{
    mm_site_t site = {.caps = caps, .kind = MM_SITE_CALLERS, .method = MEMMAP_METHOD_UNKNOWN};
    if (debug_track_allocation) record(&site, address, size, flags_of(0, caps));
}

MM_HOT void mm_hook_freed(uint32_t address)
{
    mm_lock_for_event();
    uint32_t place = mm_table_find(address);
    if (place != MM_NOT_FOUND) {
        mm_table_remove(place);
        mm_event_free(address, false, 0);
        mm_task_forget(address);
    }
    memmap_port_unlock();
}
#endif

void mm_register(const mm_site_t *site, uint32_t address, uint32_t size)
{
    mm_lock_for_event();
    uint32_t place = mm_table_find(address);
    uint32_t flags = flags_of(0, site->caps), id = mm_site_intern(site);
    if (place != MM_NOT_FOUND) { // seen already: the entry by hand only says better where it comes from
        mm_block_t known = *mm_table_at(place);
        size = mm_block_size(&known);
        flags = known.size_flags & MM_BLOCK_FLAGS;
        mm_table_remove(place);
        mm_event_free(address, false, 0);
    }
    place = mm_table_place(address);
    if (size < MM_BLOCK_SIZE_LIMIT &&
        mm_table_insert(place, address, mm_size_flags(size, flags), id, mm_context_task(mm_events.context)))
        mm_event_alloc(address, size, id);
    else mm_counters.table_full++;
    memmap_port_unlock();
}

void mm_unregister(const mm_site_t *site, uint32_t address)
{
    mm_lock_for_event();
    uint32_t place = mm_table_find(address);
    if (place == MM_NOT_FOUND) {
        mm_counters.unknown_frees++;
        mm_event_free(address, true, 0);
    } else {
        mm_table_remove(place);
        mm_event_free(address, false, memmap_options.free_sites ? mm_site_intern(site) : 0);
    }
    memmap_port_unlock();
}

#endif // MEMMAP_ENABLE
