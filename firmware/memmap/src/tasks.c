// Tasks: a handle (address of a task control block) becomes a small number once. A control block that is freed ends its
// number, so that a later task at the same address gets its own.
#include "tasks.h"
#include "table.h"

#if MEMMAP_ENABLE

enum { INDEX_SIZE = 2 * CONFIG_MEMMAP_TASK_CAPACITY };

MM_CHECK(tasks_fit_8_bits, CONFIG_MEMMAP_TASK_CAPACITY >= 4 && CONFIG_MEMMAP_TASK_CAPACITY <= 120);

static MM_TABLE struct {
    uint32_t count;
    mm_task_t tasks[CONFIG_MEMMAP_TASK_CAPACITY];
    uint8_t index[INDEX_SIZE]; // number, by handle; 0: empty
} table;

// Which tasks have used the heap of late costs nothing where a task goes on: a sweep forgets the cores' last tasks, so that each comes
// by mm_task_look_up() once more and is noted there.
uint32_t mm_sweep = 1;
static uint32_t interrupt_sweep; // 0: none so far

void mm_task_new_sweep(void)
{
    mm_sweep++;
    for (uint32_t core = 0; core < MM_CORES; core++) mm_events.last[core] = (mm_last_task_t){0, core};
}

uint32_t mm_task_active(uint32_t since, uint8_t *ids, uint32_t limit)
{
    uint32_t count = 0;
    if (interrupt_sweep >= since) ids[count++] = MEMMAP_TASK_NUMBER_INTERRUPT;
    for (uint32_t i = 0; i < table.count; i++) {
        if ((uint16_t)(mm_sweep - table.tasks[i].sweep) > mm_sweep - since) continue;
        if (count == limit) {
            ids[count - 1] = MEMMAP_TASK_NUMBER_OTHER;
            break;
        }
        ids[count++] = (uint8_t)(i + MEMMAP_TASK_NUMBER_FIRST);
    }
    return count;
}

static MM_INLINE uint32_t home_of(uintptr_t handle)
{
    return ((((uint32_t)handle * UINT32_C(0x9e3779b1)) >> 16) * INDEX_SIZE) >> 16;
}

static MM_INLINE uint32_t next_place(uint32_t place) { return (place + 1) % INDEX_SIZE; }

static MM_INLINE bool deleted(uint32_t number) { return (table.tasks[number - 1].flags & MM_TASK_DELETED) != 0; }

// Entries of deleted tasks stay in the index, to be replaced by a task with the same home.
static MM_HOT uint32_t look_up(uintptr_t handle)
{
    uint32_t reusable = INDEX_SIZE, place = home_of(handle);
    for (uint32_t steps = 0; steps < INDEX_SIZE && table.index[place] != 0; steps++, place = next_place(place)) {
        uint32_t number = table.index[place];
        if (deleted(number)) {
            if (reusable == INDEX_SIZE) reusable = place;
        } else if (table.tasks[number - 1].handle == handle) {
            return number;
        }
    }
    if (table.count == CONFIG_MEMMAP_TASK_CAPACITY) return 0;
    if (reusable != INDEX_SIZE) place = reusable;
    table.tasks[table.count].handle = handle;
    table.tasks[table.count].flags = MM_TASK_UNSENT;
    table.index[place] = (uint8_t)++table.count;
    uint16_t *block = mm_table_find((uint32_t)handle);
    if (*block != 0) mm_blocks[*block].size_flags |= MM_BLOCK_TASK;
    return table.count;
}

MM_HOT uint32_t mm_task_look_up(uintptr_t handle, uint32_t core)
{
    if (handle == MEMMAP_IN_INTERRUPT) {
        interrupt_sweep = mm_sweep;
        return MEMMAP_TASK_NUMBER_INTERRUPT << 2 | core;
    }
    if (handle == 0) return MEMMAP_TASK_NUMBER_STARTUP << 2 | core;
    uint32_t number = look_up(handle);
    if (number == 0) return MEMMAP_TASK_NUMBER_OTHER << 2 | core;
    mm_task_t *task = &table.tasks[number - 1];
    task->sweep = (uint16_t)mm_sweep;
    if (!(task->flags & MM_TASK_NAMED) && memmap_port_task_name(handle, task->name, sizeof task->name))
        task->flags |= MM_TASK_NAMED | MM_TASK_UNSENT;
    mm_events.last[core].handle = handle;
    mm_events.last[core].context = (number + MEMMAP_TASK_NUMBER_FIRST - 1) << 2 | core;
    return mm_events.last[core].context;
}

MM_HOT uint32_t mm_task_context(void) { return mm_task_context_in_line(); }

MM_HOT void mm_lock_for_event(void)
{
    memmap_port_lock();
    mm_events.context = mm_task_context_in_line();
}

uint8_t mm_task_running(void)
{
    memmap_context_t context = memmap_port_context();
    if (context.task == MEMMAP_IN_INTERRUPT) return MEMMAP_TASK_NUMBER_INTERRUPT;
    if (context.task == 0) return MEMMAP_TASK_NUMBER_STARTUP;
    uint32_t number = look_up(context.task);
    return (uint8_t)(number ? number + MEMMAP_TASK_NUMBER_FIRST - 1 : MEMMAP_TASK_NUMBER_OTHER);
}

MM_HOT void mm_task_forget(uintptr_t handle)
{
    for (uint32_t i = 0; i < table.count; i++)
        if (table.tasks[i].handle == handle && !deleted(i + 1)) table.tasks[i].flags |= MM_TASK_DELETED | MM_TASK_UNSENT;
    for (uint32_t core = 0; core < MM_CORES; core++)
        if (mm_events.last[core].handle == handle) mm_events.last[core] = (mm_last_task_t){0, core};
}

uint32_t mm_task_count(void) { return table.count; }
mm_task_t *mm_task_at(uint32_t index) { return &table.tasks[index]; }

const char *mm_task_label(uint32_t id)
{
    if (id == MEMMAP_TASK_NUMBER_STARTUP) return "(startup)";
    if (id == MEMMAP_TASK_NUMBER_INTERRUPT) return "(interrupt)";
    uint32_t index = id - MEMMAP_TASK_NUMBER_FIRST;
    if (id < MEMMAP_TASK_NUMBER_FIRST || index >= table.count) return "(other)";
    return table.tasks[index].name[0] ? table.tasks[index].name : "(unnamed)";
}

#endif // MEMMAP_ENABLE
