// Recent frees with both their sites, and the quarantine: the part of them whose blocks the heap has not got back yet. A block is
// held until bytes or entries run out; then its poison is checked and it goes to the heap.
#include "freed.h"

#if MEMMAP_ENABLE

enum {
    ENTRIES = CONFIG_MEMMAP_FREED_HISTORY,
    // Entries kept clear of held blocks, for frees that may not give blocks back themselves (interrupts).
    RESERVE = ENTRIES / 8 + 1
};

MM_CHECK(freed_history, ENTRIES >= 2 && ENTRIES <= 32767);

static MM_TABLE struct {
    uint32_t next;         // entry to be written next: the oldest
    uint32_t oldest_held;  // entries from here to `next` may be held; meaningful while held_blocks != 0
    uint32_t held_blocks, held_bytes;
    mm_freed_t entries[ENTRIES];
} history;

// Entries by address, in chains, the newest first: numbers are places in `entries` + 1, 0 ends a chain.
enum { CHAINS = 2 * ENTRIES };
#if CONFIG_MEMMAP_FREED_HISTORY < 255
typedef uint8_t link_t;
#else
typedef uint16_t link_t;
#endif
static link_t chains[CHAINS], next_in_chain[ENTRIES + 1];

static MM_INLINE link_t *chain_of(uint32_t address) { return &chains[(((address * UINT32_C(0x9e3779b1)) >> 16) * CHAINS) >> 16]; }

static MM_INLINE uint32_t after(uint32_t entry) { return entry + 1 == ENTRIES ? 0 : entry + 1; }

// Takes an entry out of its chain.
static MM_INLINE void unlink_entry(uint32_t number)
{
    link_t *link = chain_of(history.entries[number - 1].address);
    while (*link != number) link = &next_in_chain[*link];
    *link = next_in_chain[number];
}

MM_HOT uint32_t mm_freed_add(const mm_block_t *block, uint32_t free_site, bool hold)
{
    uint32_t number = history.next + 1;
    mm_freed_t *entry = &history.entries[number - 1];
    MM_KEEP(entry);
    if (entry->state >= MM_FREED_HELD) return 0; // every entry is held
    if (entry->state != MM_FREED_EMPTY) unlink_entry(number);
    entry->address = block->address;
    entry->size = mm_block_size(block);
    entry->time = mm.events.on ? mm.events.now : mm_now();
    entry->origin = block->origin;
    entry->end = free_site | mm_context_task(mm.events.context) << 16 | (uint32_t)(hold ? MM_FREED_FILLING : MM_FREED_GONE) << 24;
    link_t *link = chain_of(entry->address);
    next_in_chain[number] = *link;
    *link = (link_t)number;
    if (hold) {
        if (history.held_blocks++ == 0) history.oldest_held = number - 1;
        history.held_bytes += entry->size;
    }
    history.next = after(number - 1);
    return hold ? number : 0;
}

MM_HOT mm_freed_t *mm_freed_find(uint32_t address)
{
    link_t number = *chain_of(address);
    while (number != 0 && history.entries[number - 1].address != address) number = next_in_chain[number];
    return number != 0 ? &history.entries[number - 1] : NULL;
}

MM_HOT void mm_freed_forget(uint32_t address)
{
    for (mm_freed_t *entry; (entry = mm_freed_find(address)) && entry->state == MM_FREED_GONE; entry->state = MM_FREED_EMPTY)
        unlink_entry((uint32_t)(entry - history.entries) + 1);
}

MM_HOT void mm_freed_settle(uint32_t number, bool hold)
{
    mm_freed_t *entry = &history.entries[number - 1]; // nobody else writes to it while it is FILLING
    entry->state = hold ? MM_FREED_HELD : MM_FREED_GONE;
    if (hold) return;
    history.held_blocks--;
    history.held_bytes -= entry->size;
}

MM_HOT bool mm_quarantine_due(uint32_t bytes)
{
    if (history.held_blocks == 0) return false;
    uint32_t clear = history.oldest_held - history.next + (history.oldest_held < history.next ? (uint32_t)ENTRIES : 0);
    return history.held_bytes > bytes || clear < RESERVE;
}

// (lock) Takes the oldest held block out of quarantine, if that is due.
static bool take_oldest(uint32_t bytes, mm_freed_t *taken)
{
    if (history.held_blocks == 0) return false;
    while (history.entries[history.oldest_held].state < MM_FREED_HELD) history.oldest_held = after(history.oldest_held);
    mm_freed_t *entry = &history.entries[history.oldest_held];
    if (entry->state == MM_FREED_FILLING || !mm_quarantine_due(bytes)) return false;
    *taken = *entry;
    entry->state = MM_FREED_GONE;
    history.held_blocks--;
    history.held_bytes -= entry->size;
    history.oldest_held = after(history.oldest_held);
    return true;
}

static void blame_writer(const mm_freed_t *freed, const mm_damage_t *damage)
{
    mm_fault_t fault = {.kind = MEMMAP_FAULT_KIND_WRITE_AFTER_FREE, .pointer = freed->address, .address = freed->address,
                        .size = freed->size, .alloc_site = freed->alloc_site, .alloc_task = freed->alloc_task,
                        .freed = true, .free_site = freed->free_site, .free_task = freed->free_task,
                        .free_time = freed->time, .damaged = true, .damage = *damage,
                        .good = true, .last_good = freed->time, .last_good_task = freed->free_task};
    mm_report_fault(&fault, NULL);
}

uint32_t mm_quarantine_trim(uint32_t bytes)
{
    uint32_t released = 0;
    for (;;) {
        mm_freed_t freed;
        memmap_port_lock();
        bool took = take_oldest(bytes, &freed);
        memmap_port_unlock();
        if (!took) return released;
        mm_damage_t damage;
        void *pointer = mm_pointer(freed.address);
        if (mm_poison_damaged(pointer, freed.size, &damage)) blame_writer(&freed, &damage);
        released += freed.size;
        memmap_port_free(pointer);
    }
}

void mm_quarantine_check(uint32_t *cursor, uint32_t steps)
{
    for (; steps > 0 && *cursor < ENTRIES; steps--, ++*cursor) {
        mm_damage_t damage;
        mm_freed_t freed;
        // The poison is looked at in the lock, because the block may be given back at any other time. At most 2 × 64 bytes.
        memmap_port_lock();
        freed = history.entries[*cursor];
        bool damaged = freed.state == MM_FREED_HELD && mm_poison_damaged(mm_pointer(freed.address), freed.size, &damage);
        if (damaged) mm_poison(mm_pointer(freed.address), freed.size); // so that it is reported once
        memmap_port_unlock();
        if (damaged) blame_writer(&freed, &damage);
    }
}

bool mm_freed_tasks_seen(uint32_t cursor, uint32_t steps)
{
    for (; steps > 0 && cursor < ENTRIES; steps--, cursor++) {
        const mm_freed_t *entry = &history.entries[cursor];
        if (entry->state == MM_FREED_EMPTY) continue;
        mm_task_search_seen(entry->alloc_task);
        mm_task_search_seen(entry->free_task);
    }
    return cursor < ENTRIES;
}

uint32_t mm_quarantine_bytes(void) { return history.held_bytes; }
uint32_t mm_quarantine_blocks(void) { return history.held_blocks; }

#endif // MEMMAP_ENABLE
