// Tasks by number (see tasks.c), and the beginning of every call's critical section.
#ifndef MEMMAP_TASKS_H
#define MEMMAP_TASKS_H

#include "table.h"

enum {
    MM_TASK_NAMED = 1,
    MM_TASK_DELETED = 2,
    MM_TASK_UNSENT = 4,
    MM_TASK_FREE = 8,    // nobody names this number any more: another task may have it
    MM_TASK_UNSEEN = 16, // deleted, and found nowhere so far in the search under way
    MM_TASK_ABSENT = 32  // found nowhere in the last search
};
typedef struct {
    uintptr_t handle; // of a free number: the next free one, 0 at the end
    uint32_t sweep; // number of the sweep during which it used the heap last; 0: never
    uint8_t flags;
    char name[16];
} mm_task_t;

// (lock) A block has been freed: were it a task's control block, that task is gone.
void mm_task_forget(uintptr_t handle);
void mm_task_new_sweep(void); // (lock)
uint8_t mm_task_running(void); // (lock) id of the running task, without counting it as one that uses the heap
// (lock) Tasks that have used the heap since that sweep began, at most `limit` of them; "other" as the last one says that there are more.
uint32_t mm_task_active(uint32_t since, uint8_t *ids, uint32_t limit);
uint32_t mm_task_end(void); // the first id not given out
mm_task_t *mm_task_at(uint32_t id);
void mm_tasks_unsent(void); // (lock) all are to be sent again
const char *mm_task_label(uint32_t id);
uint32_t mm_task_bytes(void);
// (lock) The search for numbers that may be given to other tasks: begins it (false where it is not worth it), takes note of a number that
// is in use, and ends it. Numbers found nowhere in two searches are free.
bool mm_task_search_begin(void);
void mm_task_search_seen(uint32_t id);
void mm_task_search_end(void);

// Begins the critical section of a call that may become an event. In line it is mm_begin().
void mm_lock_for_event(void);

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
