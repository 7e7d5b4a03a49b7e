// The live blocks: a pool of records that never move, so that a snapshot can walk it in steps, and an index of them by address: chains
// through the records, at least half as many as there are slots. So look-ups stay short for ever, and removal is one store. 13 or 14 bytes a
// slot, 2 more where slots, sites and tasks are too many for one word. What every allocation and free needs of it is in table.h.
#include "table.h"

#if MEMMAP_ENABLE

MM_CHECK(block_is_12_bytes, sizeof(mm_block_t) == 12);
MM_CHECK(slots_fit_16_bits, CONFIG_MEMMAP_TABLE_CAPACITY >= 16 && CONFIG_MEMMAP_TABLE_CAPACITY <= 32767);

MM_TABLE mm_block_t mm_blocks[CONFIG_MEMMAP_TABLE_CAPACITY + 1];
MM_TABLE uint16_t mm_table_chains[MM_TABLE_CHAINS];
MM_TABLE uint16_t mm_table_links[sizeof mm_table_links / sizeof mm_table_links[0]];

MM_HOT uint32_t mm_table_look_up(uint32_t address) { return mm_table_find(address).number; }

bool mm_table_copy(uint32_t *slot, mm_block_t *block)
{
    enum { STEP = 32 }; // free slots passed over in one critical section
    for (;;) {
        bool found = false, more = false;
        memmap_port_lock();
        for (uint32_t end = *slot + STEP; *slot < end && *slot < mm.table.used && !found; ++*slot) {
            found = mm_blocks[*slot + 1].address != 0;
            if (found) *block = mm_blocks[*slot + 1];
        }
        more = *slot < mm.table.used;
        memmap_port_unlock();
        if (found) --*slot;
        if (found || !more) return found;
    }
}

#endif // MEMMAP_ENABLE
