// The running task, in line for what every allocation does (see tasks.c).
#ifndef MEMMAP_TASKS_H
#define MEMMAP_TASKS_H

#include "internal.h"

// (lock) What mm_task_context() comes to where that is another task.
uint32_t mm_task_look_up(uintptr_t handle, uint32_t core);

// (lock) The running task in the packed form that CONTEXT records carry: task × 4 + core.
static MM_ALWAYS_INLINE uint32_t mm_task_context(void)
{
    memmap_context_t context = memmap_port_context();
    const mm_last_task_t *last = &mm.events.last[context.core];
    return context.task + 1 == last->handle_1 ? last->context : mm_task_look_up(context.task, context.core);
}

// mm_lock_for_event() in line.
static MM_INLINE void mm_begin(void)
{
    if (!MM_SPEED) {
        mm_lock_for_event();
        return;
    }
    memmap_port_lock();
    mm.events.context = mm_task_context();
}

#endif // MEMMAP_TASKS_H
