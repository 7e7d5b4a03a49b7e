// The classic API's lists, and what other lists print as well.
#include "lists.h"
#include "format.h"
#include "guard.h"
#include "report.h"

#if MEMMAP_ENABLE

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
                 (unsigned)now.table_full, (unsigned)mm_table_capacity());
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

#endif // MEMMAP_ENABLE
