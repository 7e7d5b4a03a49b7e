// Recent frees with both their sites, and the quarantine: the part of them whose blocks the heap has not got back yet. A block is
// held until bytes or entries run out; quarantine.c then looks at it and gives it to the heap.
#include "freed.h"
#include "events.h"
#include "tasks.h"

#if MEMMAP_ENABLE

enum {
    ENTRIES = CONFIG_MEMMAP_FREED_HISTORY,
    // Entries kept clear of held blocks, for frees that may not give blocks back themselves (interrupts).
    RESERVE = ENTRIES / 8 + 1
};

MM_CHECK(freed_history, ENTRIES >= 2 && ENTRIES <= 32767);

static MM_TABLE struct {
    uint32_t next;         // entry to be written next: the oldest
    uint32_t oldest_held;  // is held, while held_blocks != 0
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
    for (uint32_t left = ENTRIES; *link != number; link = &next_in_chain[*link])
        if (*link - 1u >= ENTRIES || left-- == 0) return; // written over
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
    uint64_t now = mm.events.on ? mm.events.now : mm_now();
    enum { HIGH = MM_SITE_BITS + MM_TASK_BITS };
    entry->time = (uint32_t)now;
    entry->origin = (block->origin & ((UINT32_C(1) << HIGH) - 1)) | (uint32_t)(now >> 32) << HIGH;
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
    uint32_t number = *chain_of(address), left = ENTRIES;
    for (; number - 1 < ENTRIES && left != 0; number = next_in_chain[number], left--)
        if (history.entries[number - 1].address == address) return &history.entries[number - 1];
    return NULL; // or the chain was written over
}

MM_HOT void mm_freed_forget(uint32_t address)
{
    for (mm_freed_t *entry; (entry = mm_freed_find(address)) && entry->state == MM_FREED_GONE; entry->state = MM_FREED_EMPTY)
        unlink_entry((uint32_t)(entry - history.entries) + 1);
}

// Ends the time of a held entry.
static inline void leave(mm_freed_t *entry)
{
    entry->state = MM_FREED_GONE;
    history.held_blocks--;
    history.held_bytes -= entry->size;
    for (uint32_t left = ENTRIES; history.held_blocks != 0 && left != 0 && history.entries[history.oldest_held].state < MM_FREED_HELD; left--)
        history.oldest_held = after(history.oldest_held);
}

void mm_freed_settle(uint32_t number, bool hold)
{
    mm_freed_t *entry = &history.entries[number - 1]; // nobody else writes to it while it is FILLING
    if (hold) entry->state = MM_FREED_HELD;
    else leave(entry);
}

static MM_ALWAYS_INLINE bool due(uint32_t bytes)
{
    if (history.held_blocks == 0) return false;
    uint32_t clear = history.oldest_held - history.next + (history.oldest_held < history.next ? (uint32_t)ENTRIES : 0);
    return history.held_bytes > bytes || clear < RESERVE;
}

MM_HOT bool mm_quarantine_due(uint32_t bytes) { return due(bytes); }

uint32_t mm_quarantine_take(uint32_t bytes, mm_freed_t *taken)
{
    mm_freed_t *entry = &history.entries[history.oldest_held];
    if (!due(bytes) || entry->state != MM_FREED_HELD) return 0;
    *taken = *entry;
    leave(entry);
    return due(bytes) ? 2 : 1;
}

mm_freed_t *mm_freed_at(uint32_t entry) { return &history.entries[entry]; }

bool mm_freed_around(uint32_t address, mm_freed_t *found)
{
    bool is = false;
    for (uint32_t i = 0, entry = history.next; i < ENTRIES && !is; i++) {
        entry = (entry == 0 ? (uint32_t)ENTRIES : entry) - 1; // the newest first
        memmap_port_lock();
        *found = history.entries[entry];
        memmap_port_unlock();
        is = found->state != MM_FREED_EMPTY && address > found->address && address - found->address < found->size;
    }
    return is;
}

void mm_freed_hit(uint32_t address)
{
    mm_freed_t *entry = mm_freed_find(address);
    if (entry && entry->state == MM_FREED_HELD) mm_freed_settle((uint32_t)(entry - history.entries) + 1, false);
}

uint32_t mm_quarantine_bytes(void) { return history.held_bytes; }
uint32_t mm_quarantine_blocks(void) { return history.held_blocks; }

uint32_t mm_freed_bytes(void) { return sizeof history + sizeof chains + sizeof next_in_chain; }

#endif // MEMMAP_ENABLE
