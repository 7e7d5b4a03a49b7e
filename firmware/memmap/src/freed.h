// The history of frees, and the quarantine as its newest part (see freed.c).
#ifndef MEMMAP_FREED_H
#define MEMMAP_FREED_H

#include "table.h"

typedef struct {
    uint32_t address, size;
    uint32_t time; // ticks, and above them what bits are left of the next word: 11 at least, or 43 in all, which is 101 days
    union {
        struct {
            uint32_t alloc_site : MM_SITE_BITS, alloc_task : MM_TASK_BITS, time_high : 32 - MM_SITE_BITS - MM_TASK_BITS;
        };
        uint32_t origin; // site and task as in mm_block_t
    };
    union {
        struct {
            uint16_t free_site;
            uint8_t free_task, state; // MM_FREED_*
        };
        uint32_t end;
    };
} mm_freed_t;
static inline uint64_t mm_freed_time(const mm_freed_t *freed) { return (uint64_t)freed->time_high << 32 | freed->time; }
enum { MM_FREED_EMPTY, MM_FREED_GONE, MM_FREED_HELD, MM_FREED_FILLING };

// (lock) Remembers a free by the running task, at the time of the newest event. With `hold` the block goes into quarantine, but is not
// given back before mm_freed_settle(). Returns the entry's number for that; 0: not held.
uint32_t mm_freed_add(const mm_block_t *block, uint32_t free_site, bool hold);
// (lock) Ends the time between add and now: the block is poisoned and may be given back from now on, or is kept out of it.
void mm_freed_settle(uint32_t number, bool hold);
// (lock) The newest free of this address.
mm_freed_t *mm_freed_find(uint32_t address);
// (lock) The heap has given this address out again, to a block that is not in the table: its next free is no second one.
void mm_freed_forget(uint32_t address);
// The newest free of a block that this address lies in, behind its start. No lock.
bool mm_freed_around(uint32_t address, mm_freed_t *found);
// (lock) Somebody has written over the heap's word before this block: if it is held, it is held for good, and nothing more is said of it.
void mm_freed_hit(uint32_t address);
// (lock) Entry number `entry`, below CONFIG_MEMMAP_FREED_HISTORY.
mm_freed_t *mm_freed_at(uint32_t entry);
// (lock) mm_task_search_seen() for all that up to `steps` entries from `cursor` on name; false past the last one.
bool mm_freed_tasks_seen(uint32_t cursor, uint32_t steps);
// (lock) Whether more than `bytes` are held, or entries run short.
bool mm_quarantine_due(uint32_t bytes);
// (lock) Takes the oldest held block out of quarantine, if that is due: 1, and 2 where another one is. 0: none.
uint32_t mm_quarantine_take(uint32_t bytes, mm_freed_t *taken);
uint32_t mm_freed_bytes(void);
uint32_t mm_quarantine_bytes(void);
uint32_t mm_quarantine_blocks(void);

#endif // MEMMAP_FREED_H
