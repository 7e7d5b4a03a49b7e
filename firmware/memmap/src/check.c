// The sweep: looks at red zones and quarantine a few blocks at a time, so that a wrong write is found between two times.
#include "internal.h"

#if MEMMAP_ENABLE

static struct {
    uint32_t slot, freed; // where the next step goes on
    uint64_t started, previous; // ticks: this sweep's start, and the one before
} sweep;

// Looks at one block, in the lock: its owner may free it at any other time. At most 3 + 64 bytes are read.
// False past the last slot.
static bool check_slot(uint32_t slot)
{
    mm_fault_t fault;
    bool damaged = false;
    memmap_port_lock();
    if (slot >= mm_table.used) {
        memmap_port_unlock();
        return false;
    }
    mm_block_t *block = &mm_table.blocks[slot];
    uint32_t flags = block->address == 0 ? 0 : block->size_flags;
    if ((flags & MM_BLOCK_RED_ZONE) && !(flags & (MM_BLOCK_MOVING | MM_BLOCK_DAMAGED))) {
        uint32_t size = mm_block_size(block);
        mm_damage_t damage;
        damaged = mm_zone_damaged(mm_pointer(block->address), size, &damage);
        if (damaged)
            fault = (mm_fault_t){.kind = MEMMAP_FAULT_KIND_OVERFLOW, .pointer = block->address, .address = block->address,
                                 .size = size, .alloc_site = block->site, .alloc_task = block->task, .damaged = true,
                                 .damage = damage, .good = (flags & MM_BLOCK_CHECKED) != 0, .last_good = sweep.previous};
        block->size_flags |= damaged ? MM_BLOCK_DAMAGED : MM_BLOCK_CHECKED;
    }
    memmap_port_unlock();
    if (damaged) mm_report_fault(&fault, NULL);
    return true;
}

uint32_t memmap_check(uint32_t blocks)
{
    uint32_t before, now, failures, limit = blocks ? blocks : UINT32_MAX;
    mm_report_newest(&before, &failures);
    if (!blocks) sweep.slot = sweep.freed = 0;
    if (sweep.slot == 0 && sweep.freed == 0) {
        sweep.previous = sweep.started;
        sweep.started = mm_now();
    }
    uint32_t done = 0;
    while (done < limit && check_slot(sweep.slot)) {
        sweep.slot++;
        done++;
    }
    if (done < limit) {
        mm_quarantine_check(&sweep.freed, limit - done);
        if (sweep.freed >= CONFIG_MEMMAP_FREED_HISTORY) sweep.slot = sweep.freed = 0;
    }
    mm_report_newest(&now, &failures);
    return now - before;
}

#endif // MEMMAP_ENABLE
