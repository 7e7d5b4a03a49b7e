// The sweep: looks at red zones and quarantine a few blocks at a time, so that a wrong write is found between two times, together with
// the tasks that have used the heap in between.
#include "freed.h"

#if MEMMAP_ENABLE

typedef struct {
    uint64_t began; // ticks
    uint32_t number; // mm.sweep; 0: there was none
    uint8_t task;
} sweep_t;

static struct {
    uint32_t slot, freed; // where the next step goes on; a sweep ends when it has come round
    sweep_t now, whole;   // the one under way, and the last one that came to its end
    uint64_t last_us;     // when the period's last step was
} sweeps;

// (lock)
static sweep_t begin(void)
{
    mm_task_new_sweep();
    sweep_t sweep = {mm_now(), mm.sweep, mm_task_running()};
    if (sweeps.whole.number == 0) sweeps.whole = sweep; // what was checked before the first one has ended, was checked since it began
    return sweep;
}

// (lock) Two may be under way at a time, in two tasks: the later one counts.
static void end(const sweep_t *sweep)
{
    if (sweep->number > sweeps.whole.number) sweeps.whole = *sweep;
}

void mm_check_bracket(uint32_t block_flags, mm_fault_t *fault)
{
    fault->good = (block_flags & MM_BLOCK_CHECKED) != 0;
    fault->active_count = 0;
    if (!fault->good) return;
    memmap_port_lock();
    fault->last_good = sweeps.whole.began;
    fault->last_good_task = sweeps.whole.task;
    fault->active_count = (uint8_t)mm_task_active(sweeps.whole.number, fault->active, MM_ACTIVE_TASKS);
    memmap_port_unlock();
}

// Looks at the block at *cursor and moves it on, in the lock: the block's owner may free it at any other time. At most 3 + 64 bytes
// are read. False past the last slot.
static bool check_slot(uint32_t *cursor)
{
    mm_fault_t fault;
    uint32_t flags = 0;
    bool damaged = false;
    memmap_port_lock();
    if (*cursor >= mm.table.used) {
        memmap_port_unlock();
        return false;
    }
    mm_block_t *block = &mm_blocks[++*cursor];
    if (block->address != 0) flags = block->size_flags;
    if ((flags & MM_BLOCK_RED_ZONE) && !(flags & (MM_BLOCK_MOVING | MM_BLOCK_DAMAGED))) {
        uint32_t size = mm_block_size(block);
        mm_damage_t damage;
        damaged = mm_zone_damaged(mm_pointer(block->address), size, &damage);
        if (damaged)
            fault = (mm_fault_t){.kind = MEMMAP_FAULT_KIND_OVERFLOW, .pointer = block->address, .address = block->address,
                                 .size = size, .alloc_site = block->site, .alloc_task = block->task, .damaged = true,
                                 .damage = damage};
        block->size_flags |= damaged ? MM_BLOCK_DAMAGED : MM_BLOCK_CHECKED;
    }
    memmap_port_unlock();
    if (damaged) {
        mm_check_bracket(flags, &fault);
        mm_report_fault(&fault, NULL);
    }
    return true;
}

static void check_all(void)
{
    uint32_t slot = 0, freed = 0;
    memmap_port_lock();
    sweep_t sweep = begin();
    sweeps.slot = sweeps.freed = 0;
    memmap_port_unlock();
    while (check_slot(&slot)) {
    }
    mm_quarantine_check(&freed, CONFIG_MEMMAP_FREED_HISTORY);
    memmap_port_lock();
    end(&sweep);
    memmap_port_unlock();
}

static void check_next(uint32_t blocks)
{
    memmap_port_lock();
    if (sweeps.slot == 0 && sweeps.freed == 0) sweeps.now = begin();
    memmap_port_unlock();
    while (blocks > 0 && check_slot(&sweeps.slot)) blocks--;
    if (blocks == 0) return;
    memmap_port_lock();
    uint32_t freed = sweeps.freed;
    sweeps.freed += blocks;
    if (sweeps.freed >= CONFIG_MEMMAP_FREED_HISTORY) {
        end(&sweeps.now);
        sweeps.slot = sweeps.freed = 0;
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
    if (memmap_options.check_period_ms == 0 || now - sweeps.last_us < memmap_options.check_period_ms * UINT64_C(1000)) return;
    sweeps.last_us = now;
    check_next(CONFIG_MEMMAP_CHECK_BLOCKS);
}

#endif // MEMMAP_ENABLE
