// Looks at freed blocks in quarantine, and gives them to the heap: whoever has written into one meanwhile is reported.
#include "quarantine.h"
#include "blame.h"

#if MEMMAP_ENABLE

// As it was in the table, with a red zone or without.
static mm_block_t block_of(const mm_freed_t *freed, bool zone)
{
    return (mm_block_t){.address = freed->address, .size_flags = mm_size_flags(freed->size, zone ? MM_BLOCK_RED_ZONE : 0),
                        .origin = freed->origin};
}

// Apart, so that the fault is not on the stack while the block in front is looked for.
static MM_COLD void report_writer(const mm_freed_t *freed, const mm_damage_t *damage)
{
    mm_fault_t fault = {.kind = MEMMAP_FAULT_KIND_WRITE_AFTER_FREE, .pointer = freed->address, .address = freed->address,
                        .size = freed->size, .alloc_site = freed->alloc_site, .alloc_task = freed->alloc_task,
                        .freed = true, .free_site = freed->free_site, .free_task = freed->free_task,
                        .free_time = mm_freed_time(freed), .damaged = true, .damage = *damage,
                        .good = true, .last_good = mm_freed_time(freed), .last_good_task = freed->free_task};
    mm_report_fault(&fault, NULL);
}

static MM_COLD void blame_writer(const mm_freed_t *freed, const mm_damage_t *damage)
{
    // What begins with the block's first byte, or before it, has perhaps come from the block in front.
    mm_block_t block = block_of(freed, memmap_options.red_zones);
    if (damage->offset > 0 || !mm_blame_the_one_before(NULL, &block)) report_writer(freed, damage);
}

// Whether the heap can take a block out of quarantine: the words around it are still those of such a block.
static bool heap_takes(const mm_freed_t *freed)
{
    bool zone = memmap_options.red_zones;
    mm_block_t block = block_of(freed, zone);
    if (mm_plainly_whole(&block)) return true;
    for (int i = 0; i < 2; i++, zone = !zone) { // what is likely first
        mm_standing_t standing;
        block = block_of(freed, zone);
        mm_standing(&block, &standing);
        if (standing.used && standing.right) return standing.look.state == MEMMAP_BLOCK_UNKNOWN || standing.look.agrees;
    }
    return false;
}

// Gives a block to the heap that has been taken out of quarantine; its bytes, or 0 where the heap must not get it.
static uint32_t give_back(const mm_freed_t *freed)
{
    mm_damage_t damage;
    void *pointer = mm_pointer(freed->address);
    bool whole = true, takes = heap_takes(freed);
    for (uint32_t at = 0; at < freed->size && whole;) whole = mm_poison_whole(pointer, freed->size, &at);
    if (!whole) mm_poison_damage(pointer, freed->size, &damage);
    else if (!takes) mm_start_damage(pointer, &damage);
    if (!takes && !MM_TRUSTED) mm_doubt(); // freed a second time past the probe, perhaps
    else if (!whole || !takes) blame_writer(freed, &damage);
    if (!takes) return 0;
    memmap_port_free(pointer);
    return freed->size;
}

uint32_t mm_quarantine_settle(uint32_t number, bool hold, uint32_t bytes)
{
    mm_freed_t freed;
    uint32_t released = 0;
    memmap_port_lock();
    if (number != 0) mm_freed_settle(number, hold);
    for (;;) {
        uint32_t took = mm_quarantine_take(bytes, &freed);
        memmap_port_unlock();
        if (took != 0) released += give_back(&freed);
        if (took != 2) return released;
        memmap_port_lock();
    }
}

uint32_t mm_quarantine_trim(uint32_t bytes) { return mm_quarantine_settle(0, false, bytes); }

// A few words at a time in the lock, because the block may be given back at any other time.
static bool still_whole(uint32_t entry, mm_freed_t *freed, mm_damage_t *damage)
{
    uint32_t time = 0;
    for (uint32_t at = 0;;) {
        memmap_port_lock();
        *freed = *mm_freed_at(entry);
        bool held = freed->state == MM_FREED_HELD && (at == 0 || freed->time == time), whole = true;
        void *pointer = mm_pointer(freed->address);
        if (held) whole = mm_poison_whole(pointer, freed->size, &at);
        if (!whole) {
            mm_poison_damage(pointer, freed->size, damage);
            mm_poison(pointer, freed->size); // so that it is reported once
        }
        memmap_port_unlock();
        if (!held || !whole || at == freed->size) return whole;
        time = freed->time;
    }
}

void mm_quarantine_check(uint32_t *cursor, uint32_t steps)
{
    for (; steps > 0 && *cursor < CONFIG_MEMMAP_FREED_HISTORY; steps--, ++*cursor) {
        mm_freed_t freed;
        mm_damage_t damage;
        if (!still_whole(*cursor, &freed, &damage)) blame_writer(&freed, &damage);
    }
}

#endif // MEMMAP_ENABLE
