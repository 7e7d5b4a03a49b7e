// What the probe itself takes, part by part: its variables, which are there from the start, and what it has from the heap now.
#include "callers.h"
#include "events.h"
#include "format.h"
#include "freed.h"
#include "kept.h"
#include "lists.h"
#include "report.h"
#include "send.h"
#include "tasks.h"

#if MEMMAP_ENABLE

static void print_part(uint32_t *sum, const char *what, uint32_t count, uint32_t bytes)
{
    *sum += bytes;
    if (bytes == 0) return;
    mm_line_t line;
    mm_line_begin(&line);
    mm_text(&line.text, "  %u bytes: ", (unsigned)bytes);
    if (count != 0) mm_text(&line.text, "%u ", (unsigned)count);
    mm_text(&line.text, "%s\n", what);
    mm_line_print(&line, MEMMAP_LOG_LIST);
}

// Bytes behind blocks, by what was asked for; what the heap rounds up is not counted.
static uint32_t zones(uint32_t *blocks)
{
    uint32_t bytes = 0;
    mm_block_t block;
    *blocks = 0;
    for (uint32_t slot = 0; mm_table_copy(&slot, &block); slot++) {
        if (!(block.size_flags & MM_BLOCK_RED_ZONE)) continue;
        bytes += mm_zone_bytes(mm_block_size(&block));
        ++*blocks;
    }
    return bytes;
}

static uint32_t other_bytes(void)
{
    uint32_t bytes = sizeof mm + sizeof memmap_options + sizeof debug_track_allocation + sizeof mm_interposed;
#if MEMMAP_DIRECT_CALLERS
    bytes += sizeof mm_notes;
#endif
    return bytes;
}

void memmap_print_cost(void)
{
    uint32_t fixed = 0, heap = 0, blocks, bytes = zones(&blocks);
    mm_print(MEMMAP_LOG_LIST, "memmap: variables\n");
    if (!MEMMAP_TABLE_TAKEN) print_part(&fixed, "blocks that the table holds", mm_table_capacity(), mm_table_bytes());
    print_part(&fixed, "call sites, and those given by hand", CONFIG_MEMMAP_SITE_CAPACITY, mm_site_bytes());
    print_part(&fixed, "event buffers", CONFIG_MEMMAP_FRAME_COUNT, mm_events_bytes());
    print_part(&fixed, "reports of each kind, and the line that is printed", CONFIG_MEMMAP_REPORT_CAPACITY, mm_store_bytes() + mm_report_bytes());
    print_part(&fixed, "frees remembered", CONFIG_MEMMAP_FREED_HISTORY, mm_freed_bytes());
    print_part(&fixed, "what the stream sends from", 0, sizeof mm_stream);
    print_part(&fixed, "tasks", CONFIG_MEMMAP_TASK_CAPACITY, mm_task_bytes());
    print_part(&fixed, "marks", 0, mm_mark_bytes());
#if MEMMAP_SURVIVE
    print_part(&fixed, "what survives a panic", 0, sizeof mm_kept);
#endif
    print_part(&fixed, "counters, options and others", 0, other_bytes());
#if defined(ESP_PLATFORM)
    print_part(&fixed, "the stack of the task that sends", 0, MEMMAP_DRAIN_STACK_BYTES);
#endif
    mm_print(MEMMAP_LOG_LIST, "memmap: from the heap now\n");
    if (MEMMAP_TABLE_TAKEN) print_part(&heap, "blocks that the table holds", mm_table_capacity(), mm_table_bytes());
    print_part(&heap, "red zones, with what fills up the last word", blocks, bytes);
    print_part(&heap, "freed blocks kept back", mm_quarantine_blocks(), mm_quarantine_bytes());
    mm_print(MEMMAP_LOG_LIST, "memmap: %u bytes of variables, %u bytes from the heap\n", (unsigned)fixed, (unsigned)heap);
}

#endif // MEMMAP_ENABLE
