// When all blocks were last seen whole: what lies between two sweeps of checks is when a write happened, and who used the heap then.
#include "sweep.h"

#if MEMMAP_ENABLE

static mm_sweep_t whole; // the last one that came to its end

mm_sweep_t mm_sweep_begin(void)
{
    mm_task_new_sweep();
    mm_sweep_t sweep = {mm_now(), mm.sweep, mm_task_running()};
    if (whole.number == 0) whole = sweep; // what was checked before the first one has ended, was checked since it began
    return sweep;
}

void mm_sweep_end(const mm_sweep_t *sweep)
{
    if (sweep->number > whole.number) whole = *sweep;
}

void mm_check_bracket(uint32_t block_flags, mm_fault_t *fault)
{
    fault->good = (block_flags & MM_BLOCK_CHECKED) != 0;
    fault->active_count = 0;
    if (!fault->good) return;
    memmap_port_lock();
    fault->last_good = whole.began;
    fault->last_good_task = whole.task;
    fault->active_count = (uint8_t)mm_task_active(whole.number, fault->active, MM_ACTIVE_TASKS);
    memmap_port_unlock();
}

#endif // MEMMAP_ENABLE
