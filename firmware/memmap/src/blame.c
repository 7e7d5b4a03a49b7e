// A pointer that is not in the table is freed or reallocated: is that proven wrong? Blocks from before tracking, and those that the
// table had no room for, are unknown too and perfectly legal, so that only a proof counts. Only ever runs on unknown pointers.
#include "freed.h"

#if MEMMAP_ENABLE

// Whether the heap itself, or the probe's having seen every allocation, rules out that an allocated block begins here.
static bool no_block_begins_at(const void *pointer)
{
    switch (memmap_port_block_state(pointer)) {
        case MEMMAP_BLOCK_USED: return false;
        case MEMMAP_BLOCK_NOT_USED: return true;
        default: return mm_interposed && mm.counters.table_full == 0 && mm.counters.untracked == 0;
    }
}

static bool find_around(uint32_t address, mm_block_t *found)
{
    for (uint32_t slot = 0; mm_table_copy(&slot, found); slot++)
        if (address > found->address && address - found->address < mm_block_size(found)) return true;
    return false;
}

bool mm_blame(const mm_site_t *site, const void *pointer, bool reallocating)
{
    uint32_t address = mm_address(pointer);
    mm_fault_t fault = {.pointer = address, .address = address};
    memmap_port_lock();
    const mm_freed_t *newest = mm_freed_find(address);
    mm_freed_t freed = newest ? *newest : (mm_freed_t){.state = MM_FREED_EMPTY};
    memmap_port_unlock();
    mm_block_t around;
    if (freed.state >= MM_FREED_HELD || (freed.state == MM_FREED_GONE && no_block_begins_at(pointer))) {
        fault.kind = reallocating ? MEMMAP_FAULT_KIND_REALLOC_AFTER_FREE : MEMMAP_FAULT_KIND_DOUBLE_FREE;
        fault.size = freed.size;
        fault.alloc_site = freed.alloc_site;
        fault.alloc_task = freed.alloc_task;
        fault.freed = true;
        fault.free_site = freed.free_site;
        fault.free_task = freed.free_task;
        fault.free_time = freed.time;
    } else if (mm_sampling()) {
        return false; // most frees are of blocks left out: a search for each would cost too much
    } else if (freed.state == MM_FREED_EMPTY && find_around(address, &around) && no_block_begins_at(pointer)) {
        fault.kind = MEMMAP_FAULT_KIND_INTERIOR_FREE;
        fault.address = around.address;
        fault.size = mm_block_size(&around);
        fault.alloc_site = around.site;
        fault.alloc_task = around.task;
    } else {
        return false;
    }
    mm_report_fault(&fault, site);
    return true;
}

#endif // MEMMAP_ENABLE
