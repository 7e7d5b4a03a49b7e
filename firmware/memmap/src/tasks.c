// Tasks: a handle (address of a task control block) becomes a small number once. A control block that is freed ends its
// number, so that a later task at the same address gets its own.
#include "tasks.h"
#include "table.h"

#if MEMMAP_ENABLE

enum { INDEX_SIZE = 2 * CONFIG_MEMMAP_TASK_CAPACITY };

MM_CHECK(tasks_fit_8_bits, CONFIG_MEMMAP_TASK_CAPACITY >= 4 && CONFIG_MEMMAP_TASK_CAPACITY <= 120);
MM_CHECK(ids_without_a_task, MEMMAP_TASK_NUMBER_STARTUP == 0 && MEMMAP_TASK_NUMBER_INTERRUPT == MEMMAP_IN_INTERRUPT);

static MM_TABLE struct {
    uint32_t count;
    mm_task_t tasks[MEMMAP_TASK_NUMBER_FIRST + CONFIG_MEMMAP_TASK_CAPACITY]; // by id
    uint8_t index[INDEX_SIZE]; // id, by handle; 0: empty, of which there are always some
} table;

// Which tasks have used the heap of late costs nothing where a task goes on: a sweep forgets the cores' last tasks, so that each comes
// by mm_task_look_up() once more and is noted there.
void mm_task_new_sweep(void)
{
    mm.sweep++;
    memset(mm.events.last, 0, sizeof mm.events.last);
}

uint32_t mm_task_end(void) { return MEMMAP_TASK_NUMBER_FIRST + table.count; }
mm_task_t *mm_task_at(uint32_t id) { return &table.tasks[id]; }

uint32_t mm_task_active(uint32_t since, uint8_t *ids, uint32_t limit)
{
    uint32_t count = 0;
    for (uint32_t id = 0; id < mm_task_end(); id++) {
        if (table.tasks[id].sweep < since) continue;
        if (count == limit) {
            ids[count - 1] = MEMMAP_TASK_NUMBER_OTHER;
            break;
        }
        ids[count++] = (uint8_t)id;
    }
    return count;
}

static MM_INLINE uint32_t home_of(uintptr_t handle)
{
    return ((((uint32_t)handle * UINT32_C(0x9e3779b1)) >> 16) * INDEX_SIZE) >> 16;
}

// Entries of deleted tasks stay in the index, to be replaced by a task that comes by.
static MM_HOT uint32_t id_of(uintptr_t handle)
{
    if (handle <= MEMMAP_IN_INTERRUPT) return (uint32_t)handle;
    uint8_t *place = &table.index[home_of(handle)], *reusable = NULL;
    for (; *place != 0; place = place + 1 == table.index + INDEX_SIZE ? table.index : place + 1) {
        const mm_task_t *task = &table.tasks[*place];
        if (task->flags & MM_TASK_DELETED) reusable = place;
        else if (task->handle == handle) return *place;
    }
    if (table.count == CONFIG_MEMMAP_TASK_CAPACITY) return MEMMAP_TASK_NUMBER_OTHER;
    uint32_t id = MEMMAP_TASK_NUMBER_FIRST + table.count++;
    table.tasks[id].handle = handle;
    table.tasks[id].flags = MM_TASK_UNSENT;
    *(reusable ? reusable : place) = (uint8_t)id;
    uint16_t *block = mm_table_look_up((uint32_t)handle);
    if (*block != 0) mm_blocks[*block].size_flags |= MM_BLOCK_TASK;
    return id;
}

MM_HOT uint32_t mm_task_look_up(uintptr_t handle, uint32_t core)
{
    uint32_t id = id_of(handle);
    mm_task_t *task = &table.tasks[id];
    task->sweep = mm.sweep;
    if (id >= MEMMAP_TASK_NUMBER_FIRST && !(task->flags & MM_TASK_NAMED) && memmap_port_task_name(handle, task->name, sizeof task->name))
        task->flags |= MM_TASK_NAMED | MM_TASK_UNSENT;
    mm.events.last[core].handle_1 = handle + 1;
    return mm.events.last[core].context = id << 2 | core;
}

MM_HOT void mm_lock_for_event(void)
{
    memmap_port_lock();
    mm.events.context = mm_task_context();
}

uint8_t mm_task_running(void) { return (uint8_t)id_of(memmap_port_context().task); }

MM_HOT void mm_task_forget(uintptr_t handle)
{
    for (uint32_t id = MEMMAP_TASK_NUMBER_FIRST; id < MEMMAP_TASK_NUMBER_FIRST + table.count; id++)
        if (table.tasks[id].handle == handle && !(table.tasks[id].flags & MM_TASK_DELETED))
            table.tasks[id].flags |= MM_TASK_DELETED | MM_TASK_UNSENT; // an earlier task's end at this address was told then
    memset(mm.events.last, 0, sizeof mm.events.last);
}

const char *mm_task_label(uint32_t id)
{
    static const char *const without[] = {"(startup)", "(interrupt)", "(other)"};
    if (id >= mm_task_end()) id = MEMMAP_TASK_NUMBER_OTHER;
    if (id < MEMMAP_TASK_NUMBER_FIRST) return without[id];
    return table.tasks[id].name[0] ? table.tasks[id].name : "(unnamed)";
}

#endif // MEMMAP_ENABLE
