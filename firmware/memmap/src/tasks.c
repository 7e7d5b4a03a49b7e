// Tasks: a handle (address of a task control block) becomes a small number once. A control block that is freed, or that has got another
// name, ends its number, so that a later task at the same address gets its own. Numbers that nobody names any more are given out again
// (retire.c).
#include "tasks.h"

#if MEMMAP_ENABLE

enum { INDEX_SIZE = 2 * CONFIG_MEMMAP_TASK_CAPACITY };

MM_CHECK(tasks_fit_8_bits, CONFIG_MEMMAP_TASK_CAPACITY >= 4 && CONFIG_MEMMAP_TASK_CAPACITY <= 120);
MM_CHECK(ids_without_a_task, MEMMAP_TASK_NUMBER_STARTUP == 0 && MEMMAP_TASK_NUMBER_INTERRUPT == MEMMAP_IN_INTERRUPT);

static MM_TABLE struct {
    uint32_t count;
    uint8_t free; // the first number to be given out again; 0: none
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

void mm_tasks_unsent(void)
{
    for (uint32_t id = MEMMAP_TASK_NUMBER_FIRST; id < mm_task_end(); id++) table.tasks[id].flags |= MM_TASK_UNSENT;
}

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
    uint32_t id = table.free;
    if (id != 0) table.free = (uint8_t)table.tasks[id].handle;
    else if (table.count == CONFIG_MEMMAP_TASK_CAPACITY) return MEMMAP_TASK_NUMBER_OTHER;
    else id = MEMMAP_TASK_NUMBER_FIRST + table.count++;
    table.tasks[id].handle = handle;
    table.tasks[id].flags = MM_TASK_UNSENT;
    *(reusable ? reusable : place) = (uint8_t)id;
    uint32_t block = mm_table_look_up((uint32_t)handle);
    if (block != 0) mm_blocks[block].size_flags |= MM_BLOCK_TASK;
    return id;
}

// Reads the name of task `id`; returns its number, which is a new one where a control block that was not seen to be freed now has another
// task. Where flash can be read.
static MM_COLD uint32_t check_name(uint32_t id, uintptr_t handle)
{
    char name[sizeof table.tasks[0].name] = "";
    mm_task_t *task = &table.tasks[id];
    if (!memmap_port_task_name(handle, name, sizeof name)) return id;
    if (task->flags & MM_TASK_NAMED) {
        if (memcmp(task->name, name, sizeof name) == 0) return id;
        task->flags |= MM_TASK_DELETED | MM_TASK_UNSENT;
        id = id_of(handle);
        if (id < MEMMAP_TASK_NUMBER_FIRST) return id;
        task = &table.tasks[id];
    }
    memcpy(task->name, name, sizeof name);
    task->flags |= MM_TASK_NAMED | MM_TASK_UNSENT;
    return id;
}

MM_HOT uint32_t mm_task_look_up(uintptr_t handle, uint32_t core)
{
    uint32_t id = id_of(handle);
    if (id >= MEMMAP_TASK_NUMBER_FIRST && memmap_port_flash_ready()) id = check_name(id, handle);
    table.tasks[id].sweep = mm.sweep;
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

bool mm_task_search_begin(void)
{
    bool any = false;
    // While there are numbers enough, a deleted task may keep its own: it is in what the host asks for again.
    if (table.free != 0 || table.count < CONFIG_MEMMAP_TASK_CAPACITY - CONFIG_MEMMAP_TASK_CAPACITY / 4) return false;
    for (uint32_t id = MEMMAP_TASK_NUMBER_FIRST; id < mm_task_end(); id++) {
        uint8_t *flags = &table.tasks[id].flags;
        if ((*flags & (MM_TASK_DELETED | MM_TASK_FREE)) != MM_TASK_DELETED) continue;
        *flags |= MM_TASK_UNSEEN;
        any = true;
    }
    return any;
}

void mm_task_search_seen(uint32_t id)
{
    if (id < mm_task_end()) table.tasks[id].flags &= (uint8_t)~(MM_TASK_UNSEEN | MM_TASK_ABSENT); // it may be of a damaged record
}

// Each task that lives, into an empty index.
static void make_index(void)
{
    memset(table.index, 0, sizeof table.index);
    for (uint32_t id = MEMMAP_TASK_NUMBER_FIRST; id < mm_task_end(); id++) {
        if (table.tasks[id].flags & MM_TASK_DELETED) continue;
        uint8_t *place = &table.index[home_of(table.tasks[id].handle)];
        while (*place != 0) place = place + 1 == table.index + INDEX_SIZE ? table.index : place + 1;
        *place = (uint8_t)id;
    }
}

void mm_task_search_end(void)
{
    bool any = false;
    for (uint32_t id = MEMMAP_TASK_NUMBER_FIRST; id < mm_task_end(); id++) {
        mm_task_t *task = &table.tasks[id];
        if (!(task->flags & MM_TASK_UNSEEN)) continue;
        task->flags &= (uint8_t)~MM_TASK_UNSEEN;
        if (task->flags & MM_TASK_UNSENT) continue; // its end is to be told first
        if (task->flags & MM_TASK_ABSENT) {
            task->flags = MM_TASK_DELETED | MM_TASK_FREE;
            task->handle = table.free;
            table.free = (uint8_t)id;
            any = true;
        } else {
            task->flags |= MM_TASK_ABSENT;
        }
    }
    if (any) make_index();
}

const char *mm_task_label(uint32_t id)
{
    static const char *const without[] = {"(startup)", "(interrupt)", "(other)"};
    if (id >= mm_task_end()) id = MEMMAP_TASK_NUMBER_OTHER;
    if (id < MEMMAP_TASK_NUMBER_FIRST) return without[id];
    return table.tasks[id].name[0] ? table.tasks[id].name : "(unnamed)";
}

uint32_t mm_task_bytes(void) { return sizeof table; }

#endif // MEMMAP_ENABLE
