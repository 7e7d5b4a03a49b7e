// What every API comes down to: allocate, reallocate, release. The order is what keeps the record right on two cores: an allocation
// is recorded after the heap has made it, a free before the heap gets the block, a realloc as begin and end.
#include "freed.h"
#include "sites.h"
#include "table.h"
#include "tasks.h"

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
    .sample_bytes = CONFIG_MEMMAP_SAMPLE_BYTES,
    .check_period_ms = CONFIG_MEMMAP_CHECK_PERIOD_MS,
};

MM_TABLE mm_counters_t mm_counters;
bool mm_interposed = MEMMAP_INTERPOSE;
uint8_t mm_drain_task = UINT8_MAX;

// (lock) Is there a record at an address that the heap has just given out, the block was freed where the probe could not see it.
// Returns the link for a new one.
static MM_HOT MM_COLD uint16_t *drop_stale(uint32_t address)
{
    uint16_t *link = mm_table_find(address);
    if (*link == 0) return link;
    if (!MEMMAP_HOOKS) mm_counters.stale_records++; // hooks have entered every block before the macros do
    if (mm_blocks[*link].size_flags & MM_BLOCK_TASK) mm_task_forget(address);
    mm_table_remove(link);
    mm_event_free(address, false, 0);
    return mm_table_find(address);
}

static MM_INLINE void record(const mm_site_t *site, uint32_t address, uint32_t size_flags)
{
    mm_begin();
    uint32_t task = mm_context_task(mm_events.context);
    if (MM_SELDOM(task == mm_drain_task)) {
        drop_stale(address);
    } else {
        uint32_t id = mm_site_number(site);
        uint16_t *link = mm_table_find(address);
        if (MM_SELDOM(*link != 0)) link = drop_stale(address);
        if (mm_table_insert(link, address, size_flags, id, task)) mm_event_alloc(address, size_flags >> MM_BLOCK_SIZE_SHIFT, id);
        else mm_counters.table_full++;
    }
    memmap_port_unlock();
}

static MM_INLINE void *ask_heap(size_t size, size_t alignment, uint32_t caps)
{
    if (alignment == 0) return memmap_port_malloc(size, caps);
    return alignment == MM_ZEROED ? memmap_port_calloc(1, size, caps) : memmap_port_aligned_alloc(alignment, size, caps);
}

// A request that the heap has refused once.
typedef struct {
    void *old; // realloc
    size_t size, alignment;
    uint32_t zone, released; // bytes asked for beyond size; bytes of quarantine given back for it
} request_t;

// The probe must not be the reason of a failure: where there is no room, the quarantine is given back, then the red zone left out.
static MM_HOT MM_COLD void *ask_heap_again(request_t *request, uint32_t caps)
{
    for (int step = 0; step < 2; step++) {
        if (step == 0) {
            if (memmap_port_context().task == MEMMAP_IN_INTERRUPT) continue;
            request->released = mm_quarantine_trim(0);
            if (request->released == 0) continue;
        } else {
            if (request->zone == 0) break;
            request->zone = 0;
        }
        size_t size = request->size + request->zone;
        void *pointer = request->old ? memmap_port_realloc(request->old, size, caps) : ask_heap(size, request->alignment, caps);
        if (pointer) return pointer;
    }
    return NULL;
}

static MM_HOT MM_COLD void report_no_memory(const mm_site_t *site, const request_t *request)
{
    mm_failure_t failure = {.reason = MEMMAP_FAILURE_REASON_NO_MEMORY, .size = (uint32_t)request->size, .count = 1,
                            .alignment = request->alignment == MM_ZEROED ? 0 : (uint32_t)request->alignment,
                            .released = request->released};
    mm_failed(&failure, site);
}

static MM_INLINE uint32_t flags_of(uint32_t zone, uint32_t caps)
{
    return (zone ? MM_BLOCK_RED_ZONE : 0u) | (mm_words_only(caps) ? MM_BLOCK_WORDS : 0u);
}

// For what seldom happens, a heap that has refused among it: asks it (again). `tracked` false leaves the block out of the record.
static MM_HOT MM_COLD void *allocate_hard(const mm_site_t *site, size_t size, size_t alignment, bool tracked)
{
    if (size == 0) return NULL;
    bool too_large = size >= MM_BLOCK_SIZE_LIMIT; // larger than any memory of these chips: no record can hold it
    request_t request = {.size = size, .alignment = alignment};
    if (tracked && !too_large) request.zone = mm_zone_bytes((uint32_t)size, site->caps);
    void *pointer = size <= UINT32_MAX ? ask_heap(size + request.zone, alignment, site->caps) : NULL;
    if (!pointer && size <= UINT32_MAX) pointer = ask_heap_again(&request, site->caps);
    if (!pointer) {
        report_no_memory(site, &request);
        return NULL;
    }
    if (tracked && !too_large) {
        if (request.zone != 0) mm_zone_write(pointer, (uint32_t)size);
        record(site, mm_address(pointer), mm_size_flags((uint32_t)size, flags_of(request.zone, site->caps)));
        return pointer;
    }
    memmap_port_lock();
    mm_freed_forget(mm_address(pointer));
    if (tracked) mm_counters.table_full++;
    else mm_counters.untracked++;
    memmap_port_unlock();
    return pointer;
}

static MM_HOT MM_COLD void *allocate_left_out(const mm_site_t *site, size_t size, size_t alignment)
{
    void *pointer = size != 0 && size < MM_BLOCK_SIZE_LIMIT ? ask_heap(size, alignment, site->caps) : NULL;
    if (!pointer) return allocate_hard(site, size, alignment, false);
    memmap_port_lock();
    mm_freed_forget(mm_address(pointer));
    memmap_port_unlock();
    return pointer;
}

MM_HOT void *mm_allocate(const mm_site_t *site, size_t size, size_t alignment)
{
    bool tracked = debug_track_allocation;
    if (MM_SELDOM(mm_sampling()) && tracked && !mm_in_sample(size)) return allocate_left_out(site, size, alignment);
    if (MM_SELDOM(!tracked || size - 1 >= MM_BLOCK_SIZE_LIMIT - 1 || mm_words_only(site->caps)))
        return allocate_hard(site, size, alignment, tracked);
    uint32_t zone = mm_zone_bytes((uint32_t)size, MALLOC_CAP_8BIT);
    void *pointer = ask_heap(size + zone, alignment, site->caps);
    if (MM_SELDOM(!pointer)) return allocate_hard(site, size, alignment, true);
    if (zone != 0) mm_zone_write(pointer, (uint32_t)size);
    record(site, mm_address(pointer), mm_size_flags((uint32_t)size, zone != 0 ? MM_BLOCK_RED_ZONE : 0));
    return pointer;
}

static MM_COLD void report_damage(const mm_site_t *site, const mm_block_t *block)
{
    const void *pointer = mm_pointer(block->address);
    uint32_t size = mm_block_size(block);
    bool zone = (block->size_flags & MM_BLOCK_RED_ZONE) != 0;
    for (int start = 0; start < 2; start++) {
        mm_fault_t fault = {.kind = start ? MEMMAP_FAULT_KIND_UNDERFLOW : MEMMAP_FAULT_KIND_OVERFLOW,
                            .pointer = block->address, .address = block->address, .size = size,
                            .alloc_site = block->site, .alloc_task = block->task, .damaged = true};
        bool damaged = start ? memmap_options.check_start && mm_start_damaged(pointer, size, zone, &fault.damage)
                             : zone && !(block->size_flags & MM_BLOCK_DAMAGED) && mm_zone_damaged(pointer, size, &fault.damage);
        if (!damaged) continue;
        if (!start) mm_check_bracket(block->size_flags, &fault); // the sweep looks at ends only
        mm_report_fault(&fault, site);
    }
}

// Called with a block that is out of the table, or detached: nobody else touches it. Returns whether its start is whole.
static MM_INLINE bool check_whole(const mm_site_t *site, const mm_block_t *block)
{
    const void *pointer = mm_pointer(block->address);
    uint32_t size = mm_block_size(block);
    bool zone = (block->size_flags & MM_BLOCK_RED_ZONE) != 0;
    bool whole_start = !memmap_options.check_start || mm_start_whole(pointer, size, zone);
    if (MM_SELDOM(!whole_start || (zone && !mm_zone_whole(pointer, size)))) {
        if (memmap_port_flash_ready()) report_damage(site, block);
        else mm_report_drop();
    }
    return whole_start;
}

// Whether an unknown pointer is proven wrong, which is reported then. Where flash cannot be read there is no proof.
static MM_HOT bool blame(const mm_site_t *site, const void *pointer, bool reallocating)
{
    return memmap_port_flash_ready() && mm_blame(site, pointer, reallocating);
}

static MM_HOT void *reallocate_hard(request_t *request, uint32_t caps)
{
    if (request->size > UINT32_MAX - request->zone) return NULL; // only where pointers are wider than the chip's
    void *moved = memmap_port_realloc(request->old, request->size + request->zone, caps);
    return moved ? moved : ask_heap_again(request, caps);
}

// A size beyond the record's bits is recorded as the largest that fits; the heaps of these chips are smaller.
static MM_INLINE uint32_t recorded_size(size_t size) { return size < MM_BLOCK_SIZE_LIMIT ? (uint32_t)size : MM_BLOCK_SIZE_LIMIT - 1; }

static MM_HOT MM_COLD void *reallocate_unknown(const mm_site_t *site, void *pointer, size_t size)
{
    if (blame(site, pointer, true)) return NULL;
    // In a sample by calls a block that was left out stays out; by bytes its new size decides anew.
    bool sampled = mm_sampling();
    bool tracked = debug_track_allocation && (!sampled || (memmap_options.sample_bytes != 0 && mm_in_sample(size)));
    if (tracked && !sampled) {
        mm_begin();
        mm_counters.unknown_frees++;
        mm_event_free(mm_address(pointer), true, 0);
        memmap_port_unlock();
    }
    request_t request = {.old = pointer, .size = size};
    void *moved = reallocate_hard(&request, site->caps);
    if (!moved) report_no_memory(site, &request);
    else if (tracked) record(site, mm_address(moved), mm_size_flags(recorded_size(size), flags_of(0, site->caps)));
    return moved;
}

// A sample by bytes takes a block by its size. With a new one it stays in, or leaves: for the record it is freed then, and lives on untracked.
static MM_HOT MM_COLD void forget(uint32_t address)
{
    mm_begin();
    uint16_t *link = mm_table_find(address);
    if (*link != 0) {
        mm_table_remove(link);
        mm_event_free(address, false, 0);
    }
    memmap_port_unlock();
}

MM_HOT void *mm_reallocate(const mm_site_t *site, void *pointer, size_t size)
{
    if (!pointer) return mm_allocate(site, size, 0);
    if (size == 0) {
        mm_release(site, pointer, false);
        return NULL;
    }
    mm_begin();
    uint16_t *link = mm_table_find(mm_address(pointer));
    if (MM_SELDOM(*link == 0)) {
        memmap_port_unlock();
        return reallocate_unknown(site, pointer, size);
    }
    uint32_t number = mm_table_detach(link);
    mm_block_t old = mm_blocks[number];
    mm_event_realloc_begin(old.address);
    memmap_port_unlock();

    check_whole(site, &old);
    request_t request = {.old = pointer, .size = size, .zone = mm_zone_bytes((uint32_t)size, site->caps)};
    void *moved = reallocate_hard(&request, site->caps);
    if (moved && request.zone) mm_zone_write(moved, (uint32_t)size);

    mm_begin();
    uint32_t id = mm_site_intern(site), task = mm_context_task(mm_events.context), recorded = recorded_size(size);
    uint32_t address = moved ? mm_address(moved) : old.address;
    if (address != old.address) {
        drop_stale(address);
        mm_freed_add(&old, memmap_port_time_us(), id, task, false);
    }
    if (moved) mm_table_attach(number, address, mm_size_flags(recorded, flags_of(request.zone, site->caps)), id, task);
    else mm_table_attach(number, address, old.size_flags & ~(uint32_t)MM_BLOCK_MOVING, old.site, old.task);
    mm_event_realloc_end(old.address, moved ? address : 0, moved ? recorded : (uint32_t)size, id);
    memmap_port_unlock();
    if (!moved) report_no_memory(site, &request);
    else if (MM_SELDOM(memmap_options.sample_bytes != 0) && !mm_in_sample(size)) forget(mm_address(moved));
    return moved;
}

static MM_HOT MM_COLD void release_unknown(const mm_site_t *site, void *pointer)
{
    if (blame(site, pointer, false)) return;
    mm_begin();
    if (mm_context_task(mm_events.context) != mm_drain_task && !mm_sampling()) {
        mm_counters.unknown_frees++;
        mm_event_free(mm_address(pointer), true, memmap_options.free_sites ? mm_site_intern(site) : 0);
    }
    memmap_port_unlock();
    memmap_port_free(pointer);
}

enum { BUDGET = CONFIG_MEMMAP_QUARANTINE_BYTES };

// What becomes of a freed block: its entry in the history, where it goes into quarantine (0: the heap gets it), and a flag where the
// quarantine has grown too large.
enum { HELD = 0xffff, TRIM = 0x10000, WIPE = 0x20000 };

// (lock) The event of a free, with all that is to be known of it later.
static MM_HOT __attribute__((noinline)) uint32_t remember_free(const mm_site_t *site, const mm_block_t *block)
{
    uint32_t id = mm_site_number(site), task = mm_context_task(mm_events.context);
    uint64_t time_us = memmap_port_time_us();
    mm_event_free_at(time_us >> CONFIG_MEMMAP_TICK_SHIFT, block->address, memmap_options.free_sites ? id : 0);
    if (!memmap_options.remember_frees && !memmap_options.quarantine) return 0;
    // Interrupts should not spend the time, big blocks would push all others out, and poison is read by bytes.
    bool hold = BUDGET != 0 && memmap_options.quarantine && mm_block_size(block) <= BUDGET / 4 &&
                task != MEMMAP_TASK_NUMBER_INTERRUPT && !(block->size_flags & MM_BLOCK_WORDS);
    uint32_t held = mm_freed_add(block, time_us, id, task, hold);
    return BUDGET != 0 && task != MEMMAP_TASK_NUMBER_INTERRUPT && mm_quarantine_due(BUDGET) ? held | TRIM : held;
}

// The second half of a free, outside the lock, where the block is to be looked at or to be kept.
static MM_HOT __attribute__((noinline)) void release_checked(const mm_site_t *site, const mm_block_t *block, uint32_t afterlife)
{
    void *pointer = mm_pointer(block->address);
    // Where the heap's own word before the block is overwritten, the heap must not get the block: it would break on it.
    bool start_whole = check_whole(site, block);
    if (afterlife & WIPE) mm_fill(pointer, mm_block_size(block), 0);
    if (afterlife & HELD) {
        mm_poison(pointer, mm_block_size(block));
        memmap_port_lock();
        mm_freed_settle(afterlife & HELD, start_whole);
        memmap_port_unlock();
    } else if (start_whole) {
        memmap_port_free(pointer);
    }
    if (afterlife & TRIM) mm_quarantine_trim(BUDGET);
}

MM_HOT void mm_release(const mm_site_t *site, void *pointer, bool wipe)
{
    if (!pointer) return;
    mm_begin();
    uint16_t *link = mm_table_find(mm_address(pointer));
    if (MM_SELDOM(*link == 0)) {
        bool left_out = mm_sampling() && !mm_freed_find(mm_address(pointer)); // of the sample: not in the record, and not freed before
        memmap_port_unlock();
        if (left_out) memmap_port_free(pointer);
        else release_unknown(site, pointer);
        return;
    }
    mm_block_t block = mm_blocks[*link];
    mm_table_remove(link);
    uint32_t afterlife = 0;
    if (mm_frees_are_remembered()) afterlife = remember_free(site, &block);
    else mm_event_free_at(mm_events.on ? mm_now() : 0, mm_address(pointer), 0);
    if (MM_SELDOM(block.size_flags & MM_BLOCK_TASK)) mm_task_forget(mm_address(pointer));
    memmap_port_unlock();

    if (wipe && memmap_options.zero_on_free) afterlife |= WIPE;
    if (afterlife != 0 || (block.size_flags & MM_BLOCK_RED_ZONE) || memmap_options.check_start) release_checked(site, &block, afterlife);
    else memmap_port_free(pointer);
}

#if MEMMAP_HOOKS
// The macros' own calls reach the heap too: their record, which knows the place, replaces this one a moment later.
MM_HOT void mm_hook_allocated(uint32_t address, uint32_t size, uint32_t caps)
{
    mm_site_t site = {.caps = caps, .kind = MM_SITE_CALLERS, .method = MEMMAP_METHOD_UNKNOWN};
    if (debug_track_allocation) record(&site, address, mm_size_flags(recorded_size(size), flags_of(0, caps)));
}

MM_HOT void mm_hook_freed(uint32_t address)
{
    mm_begin();
    uint16_t *link = mm_table_find(address);
    if (*link != 0) {
        bool task = (mm_blocks[*link].size_flags & MM_BLOCK_TASK) != 0;
        mm_table_remove(link);
        mm_event_free(address, false, 0);
        if (task) mm_task_forget(address);
    }
    memmap_port_unlock();
}
#endif

void mm_register(const mm_site_t *site, uint32_t address, uint32_t size)
{
    mm_begin();
    uint16_t *link = mm_table_find(address);
    uint32_t flags = flags_of(0, site->caps), id = mm_site_intern(site);
    if (*link != 0) { // seen already: the entry by hand only says better where it comes from
        mm_block_t known = mm_blocks[*link];
        size = mm_block_size(&known);
        flags = known.size_flags & MM_BLOCK_FLAGS;
        mm_table_remove(link);
        mm_event_free(address, false, 0);
        link = mm_table_find(address);
    }
    if (size < MM_BLOCK_SIZE_LIMIT && mm_table_insert(link, address, mm_size_flags(size, flags), id, mm_context_task(mm_events.context)))
        mm_event_alloc(address, size, id);
    else mm_counters.table_full++;
    memmap_port_unlock();
}

void mm_unregister(const mm_site_t *site, uint32_t address)
{
    mm_begin();
    uint16_t *link = mm_table_find(address);
    bool known = *link != 0;
    if (known) mm_table_remove(link);
    else mm_counters.unknown_frees++;
    mm_event_free(address, !known, known && memmap_options.free_sites ? mm_site_intern(site) : 0);
    memmap_port_unlock();
}

#endif // MEMMAP_ENABLE
