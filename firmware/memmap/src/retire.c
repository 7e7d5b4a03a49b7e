// Numbers of tasks that are gone, for tasks to come. A number is free when neither a live block nor a freed one that is remembered nor a
// report names it: looked for in steps, first the blocks, then the history, then the reports, as a name can only go that way; and twice,
// because a block that is being freed is in neither for a moment.
#include "retire.h"
#include "freed.h"
#include "store.h"
#include "tasks.h"

#if MEMMAP_ENABLE

enum { STEP = 32, SECONDS = 1 }; // slots in one critical section; least time between searches, in which events of old go out

static struct {
    bool under_way;
    uint32_t slot, entry;
    uint64_t began; // microseconds
} search;

void mm_task_retire(void)
{
    uint64_t now = memmap_port_time_us();
    if (!search.under_way && now - search.began < SECONDS * UINT64_C(1000000)) return;
    memmap_port_lock();
    if (!search.under_way) {
        search.began = now;
        search.slot = search.entry = 0;
        search.under_way = mm_task_search_begin();
    } else if (search.slot < mm.table.used) {
        for (uint32_t end = search.slot + STEP; search.slot < end && search.slot < mm.table.used; search.slot++) {
            const mm_block_t *block = &mm_blocks[search.slot + 1];
            if (block->address != 0) mm_task_search_seen(block->task);
        }
    } else if (search.entry < CONFIG_MEMMAP_FREED_HISTORY) {
        for (uint32_t end = search.entry + STEP; search.entry < end && search.entry < CONFIG_MEMMAP_FREED_HISTORY; search.entry++) {
            const mm_freed_t *entry = mm_freed_at(search.entry);
            if (entry->state == MM_FREED_EMPTY) continue;
            mm_task_search_seen(entry->alloc_task);
            mm_task_search_seen(entry->free_task);
        }
    } else {
        mm_report_tasks_seen();
        mm_task_search_end();
        search.under_way = false;
    }
    memmap_port_unlock();
}

#endif // MEMMAP_ENABLE
