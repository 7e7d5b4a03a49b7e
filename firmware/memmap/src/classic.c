// The classic API and the functions behind the macros: each names the call's site and goes on to track.c.
#include "freed.h"
#include "text.h"

// The functions of the classic API are defined under their own names here, without the macros' sources.
#undef free_unregister_allocation
#undef unregister_allocation

#if MEMMAP_ENABLE

MM_HOT void *mm_allocate_array(const mm_site_t *site, size_t count, size_t size)
{
    uint64_t bytes = (uint64_t)count * size;
    if (count <= UINT32_MAX && size <= UINT32_MAX && bytes <= UINT32_MAX) return mm_allocate(site, (size_t)bytes, MM_ZEROED);
    mm_failure_t failure = {.reason = MEMMAP_FAILURE_REASON_SIZE_OVERFLOW,
                            .size = size <= UINT32_MAX ? (uint32_t)size : UINT32_MAX,
                            .count = count <= UINT32_MAX ? (uint32_t)count : UINT32_MAX};
    mm_failed(&failure, site);
    return NULL;
}

MM_HOT void *memmap_malloc(const memmap_source_t *source, size_t size, uint32_t caps)
{
    mm_site_t site = mm_site_of_source(source, caps, MEMMAP_METHOD_MALLOC);
    return mm_allocate(&site, size, 0);
}

MM_HOT void *memmap_calloc(const memmap_source_t *source, size_t count, size_t size, uint32_t caps)
{
    mm_site_t site = mm_site_of_source(source, caps, MEMMAP_METHOD_CALLOC);
    return mm_allocate_array(&site, count, size);
}

MM_HOT void *memmap_realloc(const memmap_source_t *source, void *pointer, size_t size, uint32_t caps)
{
    mm_site_t site = mm_site_of_source(source, caps, MEMMAP_METHOD_REALLOC);
    return mm_reallocate(&site, pointer, size);
}

MM_HOT void *memmap_aligned_alloc(const memmap_source_t *source, size_t alignment, size_t size, uint32_t caps)
{
    mm_site_t site = mm_site_of_source(source, caps, MEMMAP_METHOD_ALIGNED_ALLOC);
    return mm_allocate(&site, size, alignment);
}

MM_HOT void memmap_free(const memmap_source_t *source, void *pointer)
{
    mm_site_t site = mm_site_of_source(source, 0, MEMMAP_METHOD_FREE);
    mm_release(&site, pointer, true);
}

MM_HOT void memmap_free_and_clear(const memmap_source_t *source, void **pointer)
{
    if (!pointer) return;
    memmap_free(source, *pointer);
    *pointer = NULL;
}

void memmap_unregister(const memmap_source_t *source, void *address)
{
    mm_site_t site = mm_site_of_source(source, 0, MEMMAP_METHOD_FREE);
    if (address) mm_unregister(&site, mm_address(address));
}

// A site whose place was given by hand.
static mm_site_t named_site(const char *file, int line, const char *function, const char *variable, uint32_t caps, uint32_t method)
{
    memmap_source_t place = {file, function, variable, (uint32_t)line, method};
    return mm_site_of_source(mm_source_of(&place), caps, method);
}

void *traceable_heap_caps_malloc(size_t size, uint32_t caps, memmap_text_t *file, int line, memmap_text_t *function)
{
    mm_site_t site = named_site(file, line, function, NULL, caps, MEMMAP_METHOD_MALLOC);
    return mm_allocate(&site, size, 0);
}

void *traceable_heap_caps_calloc(size_t count, size_t size, uint32_t caps, const char *file, int line, const char *function)
{
    mm_site_t site = named_site(file, line, function, NULL, caps, MEMMAP_METHOD_CALLOC);
    return mm_allocate_array(&site, count, size);
}

void *traceable_heap_caps_realloc(void *pointer, size_t size, uint32_t caps, const char *file, int line,
                                  const char *function)
{
    mm_site_t site = named_site(file, line, function, NULL, caps, MEMMAP_METHOD_REALLOC);
    return mm_reallocate(&site, pointer, size);
}

void register_allocation(MemoryTraceInfo info)
{
    if (!debug_track_allocation || info.failure || !info.address) return;
    mm_site_t site = named_site(info.file, info.line, info.function, info.var_name, info.caps, MEMMAP_METHOD_REGISTERED);
    mm_register(&site, mm_address(info.address), (uint32_t)info.size);
}

// Called by address or from code compiled without the macros: the return address is all that is known of the caller.
#define SITE_OF_CALLER(name)                                                                                               \
    uintptr_t name##_caller;                                                                                               \
    memmap_port_callers(__builtin_return_address(0), &name##_caller, 1);                                                   \
    mm_site_t name = {.key = name##_caller, .callers = &name##_caller, .depth = 1, .kind = MM_SITE_CALLERS,                \
                      .method = MEMMAP_METHOD_FREE}

void unregister_allocation(void *address)
{
    SITE_OF_CALLER(site);
    if (address) mm_unregister(&site, mm_address(address));
}

void free_unregister_allocation(void **pointer)
{
    SITE_OF_CALLER(site);
    if (!pointer) return;
    mm_release(&site, *pointer, true);
    *pointer = NULL;
}

void log_memory_allocation(MemoryTraceInfo info)
{
    mm_line_t line;
    mm_print_capture(&line, info.caps);
    mm_line_begin(&line);
    const char *what = info.failure ? "Failed to allocate" : "Snapshot, nothing has failed:";
    mm_text(&line.text, "%s %u bytes for %s in %s at %s:%d\n", what, (unsigned)info.size,
            info.method ? info.method : "-", info.function ? info.function : "-", info.file ? info.file : "-", info.line);
    mm_line_print(&line, MEMMAP_LOG_FAILURE);
    memmap_region_t region;
    for (size_t i = 0; memmap_port_region(i, true, &region); i++)
        if ((region.caps & info.caps) == info.caps) mm_print_region(&line, region.start, region.end, region.free, region.largest_free);
}

// --- Lists -------------------------------------------------------------------------------------------------------------------

void mm_print_block(const mm_block_t *block)
{
    mm_site_t site = {.kind = MM_SITE_CALLERS};
    bool known = mm_site_get(block->site, &site);
    mm_place_t place = mm_site_place(&site);
    mm_print(MEMMAP_LOG_LIST, "Memory allocated at %p, caps 0x%x, size %u bytes, in %s, line %u, function %s, variable %s\n",
             mm_pointer(block->address), known ? (unsigned)site.caps : 0u, (unsigned)mm_block_size(block), place.file,
             (unsigned)place.line, place.function, place.variable ? place.variable : "unknown");
}

void mm_print_losses(void)
{
    mm_report_print();
    memmap_statistics_t now;
    memmap_statistics(&now);
    if (now.table_full != 0)
        mm_print(MEMMAP_LOG_LIST, "memmap: not in these numbers: %u allocations for which the table of %u had no room\n",
                 (unsigned)now.table_full, (unsigned)CONFIG_MEMMAP_TABLE_CAPACITY);
    if (now.site_overflow != 0)
        mm_print(MEMMAP_LOG_LIST, "memmap: %u times there was no room for a new site: counted at an unknown place\n",
                 (unsigned)now.site_overflow);
}

void list_allocations(void)
{
    mm_block_t block;
    mm_report_print();
    for (uint32_t slot = 0; mm_table_copy(&slot, &block); slot++) mm_print_block(&block);
    mm_print_losses();
}

void print_memory_info(const char *tag)
{
    static const struct { uint32_t caps; const char *name; } lines[] = {
        {MALLOC_CAP_DEFAULT, "Total free heap"},
        {MALLOC_CAP_INTERNAL, "Free internal memory (DRAM)"},
        {MM_CAP_EXEC, "Free IRAM memory (executable)"},
        {MALLOC_CAP_DMA, "Free DMA-capable memory"},
        {MALLOC_CAP_8BIT, "Free 8-bit accessible memory"},
        {MALLOC_CAP_32BIT, "Free 32-bit accessible memory"},
        {MALLOC_CAP_SPIRAM, "Free SPIRAM memory"},
        {MALLOC_CAP_IRAM_8BIT, "Free IRAM 8-bit accessible memory"},
        {MALLOC_CAP_RETENTION, "Free retention memory (RTC fast)"},
    };
    for (size_t line = 0; line < sizeof lines / sizeof lines[0]; line++) {
        uint32_t bytes = 0;
        memmap_region_t region;
        for (size_t i = 0; memmap_port_region(i, false, &region); i++)
            if ((region.caps & lines[line].caps) == lines[line].caps) bytes += region.free;
        mm_print(MEMMAP_LOG_LIST, "%s - %s: %u bytes\n", tag ? tag : "-", lines[line].name, (unsigned)bytes);
    }
}

void memmap_statistics(memmap_statistics_t *statistics)
{
    memmap_port_lock();
    statistics->live_blocks = mm.table.live_blocks;
    statistics->live_bytes = mm.table.live_bytes;
    statistics->peak_bytes = mm.table.peak_bytes;
    statistics->table_capacity = CONFIG_MEMMAP_TABLE_CAPACITY;
    statistics->table_full = mm.counters.table_full;
    statistics->site_overflow = mm_site_overflow();
    statistics->unknown_frees = mm.counters.unknown_frees;
    statistics->stale_records = mm.counters.stale_records;
    statistics->events = mm.events.count;
    statistics->dropped_events = mm.events.dropped;
    statistics->faults = mm_fault_count();
    statistics->failures = mm_failure_count();
    statistics->dropped_reports = mm_report_dropped();
    statistics->quarantined_bytes = mm_quarantine_bytes();
    statistics->quarantined_blocks = mm_quarantine_blocks();
    statistics->hash = mm.table.hash;
    memmap_port_unlock();
}

#endif // MEMMAP_ENABLE
