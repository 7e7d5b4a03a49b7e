// The sweep: looks at red zones and quarantine a few blocks at a time, so that a wrong write is found between two times, together with
// the tasks that have used the heap in between.
#include "check.h"
#include "blame.h"
#include "quarantine.h"
#include "sweep.h"

#if MEMMAP_ENABLE

static struct {
    uint32_t slot, freed; // where the next step goes on; a sweep ends when it has come round
    mm_sweep_t now;       // the one under way
    uint64_t last_us;     // when the period's last step was
} steps;

// Looks at the block at *cursor and moves it on, in the lock: the block's owner may free it at any other time. At most 3 + 64 bytes
// are read, and the heap's words around. False past the last slot.
static bool check_slot(uint32_t *cursor)
{
    mm_fault_t fault;
    mm_block_t copy = {.address = 0};
    bool end_damaged = false, start_damaged = false;
    memmap_port_lock();
    if (*cursor >= mm.table.used) {
        memmap_port_unlock();
        return false;
    }
    mm_block_t *block = &mm_blocks[++*cursor];
    if (block->address != 0) copy = *block;
    if ((copy.size_flags & MM_BLOCK_RED_ZONE) && !(copy.size_flags & (MM_BLOCK_MOVING | MM_BLOCK_DAMAGED))) {
        mm_standing_t standing;
        mm_standing(block, &standing);
        fault = (mm_fault_t){.kind = MEMMAP_FAULT_KIND_OVERFLOW, .pointer = block->address, .address = block->address,
                             .size = mm_block_size(block), .alloc_site = block->site, .alloc_task = block->task, .damaged = true};
        start_damaged = memmap_options.check_start && standing.right && !standing.whole;
        end_damaged = !start_damaged && standing.right && mm_zone_damaged(block, &standing, &fault.damage);
        if (end_damaged) mm_follow(&standing, &fault);
        if (!standing.right) {
            mm.counters.stale_records++;
            block->size_flags &= ~(uint32_t)MM_BLOCK_RED_ZONE; // nothing is known of what stands there
        } else {
            block->size_flags |= start_damaged || end_damaged ? MM_BLOCK_DAMAGED : MM_BLOCK_CHECKED;
        }
    }
    memmap_port_unlock();
    if (start_damaged) mm_blame_start(NULL, &copy);
    if (end_damaged && mm_is_there(copy.address)) {
        mm_check_bracket(copy.size_flags, &fault);
        mm_report_fault(&fault, NULL);
    }
    return true;
}

static void check_all(void)
{
    uint32_t slot = 0, freed = 0;
    memmap_port_lock();
    mm_sweep_t sweep = mm_sweep_begin();
    steps.slot = steps.freed = 0;
    memmap_port_unlock();
    while (check_slot(&slot)) {
    }
    mm_quarantine_check(&freed, CONFIG_MEMMAP_FREED_HISTORY);
    memmap_port_lock();
    mm_sweep_end(&sweep);
    memmap_port_unlock();
}

static void check_next(uint32_t blocks)
{
    memmap_port_lock();
    if (steps.slot == 0 && steps.freed == 0) steps.now = mm_sweep_begin();
    memmap_port_unlock();
    while (blocks > 0 && check_slot(&steps.slot)) blocks--;
    if (blocks == 0) return;
    memmap_port_lock();
    uint32_t freed = steps.freed;
    steps.freed += blocks;
    if (steps.freed >= CONFIG_MEMMAP_FREED_HISTORY) {
        mm_sweep_end(&steps.now);
        steps.slot = steps.freed = 0;
    }
    memmap_port_unlock();
    mm_quarantine_check(&freed, blocks);
}

uint32_t memmap_check(uint32_t blocks)
{
    uint32_t before, now, failures;
    mm_report_print();
    mm_report_newest(&before, &failures);
    if (blocks) check_next(blocks);
    else check_all();
    mm_report_newest(&now, &failures);
    return now - before;
}

void mm_check_when_due(void)
{
    uint64_t now = memmap_port_time_us();
    if (memmap_options.check_period_ms == 0 || now - steps.last_us < memmap_options.check_period_ms * UINT64_C(1000)) return;
    steps.last_us = now;
    check_next(CONFIG_MEMMAP_CHECK_BLOCKS);
}

#endif // MEMMAP_ENABLE
