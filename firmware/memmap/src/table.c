// The live blocks: a pool of records that never move, so that a snapshot can walk it in steps, and an index of them by address: chains
// through the records, at least half as many as there are slots. So look-ups stay short for ever, and removal is one store. 13 or 14 bytes a
// slot, 2 more where slots, sites and tasks are too many for one word. What every allocation and free needs of it is in table.h.
#include "table.h"

#if MEMMAP_ENABLE

MM_CHECK(block_is_12_bytes, sizeof(mm_block_t) == 12);
MM_CHECK(slots_fit_16_bits, CONFIG_MEMMAP_TABLE_CAPACITY >= 16 && CONFIG_MEMMAP_TABLE_CAPACITY <= 32767);

#if MEMMAP_TABLE_TAKEN

// What the pointers name until the table is there: a table of no blocks, so that nobody needs to ask.
static mm_block_t no_blocks[1];
static uint16_t no_numbers[1];
mm_block_t *mm_blocks = no_blocks;
uint16_t *mm_table_chains = no_numbers, *mm_table_links = no_numbers;

static uint32_t chains_for(uint32_t slots)
{
    uint32_t chains = 8;
    while (2 * chains < slots) chains *= 2;
    return chains;
}

static uint32_t bytes_for(uint32_t slots)
{
    return (slots + 1) * (uint32_t)sizeof(mm_block_t) + 2 * chains_for(slots) + (MM_LINK_INSIDE ? 0 : 2 * (slots + 1));
}

// The share of what is free in all regions of the kind, as far as one block of the largest holds it.
static uint32_t slots_to_take(void)
{
    uint32_t free = 0, largest = 0, slots = CONFIG_MEMMAP_TABLE_CAPACITY;
    memmap_region_t region;
    for (size_t i = 0; memmap_port_region(i, true, &region); i++) {
        if ((region.caps & MEMMAP_TABLE_CAPS) != MEMMAP_TABLE_CAPS) continue;
        free += region.free;
        if (region.largest_free > largest) largest = region.largest_free;
    }
    uint32_t most = (uint32_t)((uint64_t)free * memmap_options.table_share / 100);
    if (most > largest) most = largest;
    while (slots >= 16 && bytes_for(slots) > most) slots -= slots / 16 + 1;
    return slots;
}

bool memmap_take_table(void)
{
    static bool taking;
    memmap_port_lock();
    bool has = mm.table.capacity != 0, mine = !has && !taking;
    if (mine) taking = true;
    memmap_port_unlock();
    if (!mine) return has;
    uint32_t slots = slots_to_take(), chains = chains_for(slots), bytes = bytes_for(slots);
    mm_block_t *blocks = slots >= 16 ? memmap_port_calloc(1, bytes, MEMMAP_TABLE_CAPS) : NULL;
    memmap_port_lock();
    if (blocks) {
        mm_blocks = blocks;
        mm_table_chains = (uint16_t *)(void *)(blocks + slots + 1);
        if (!MM_LINK_INSIDE) mm_table_links = mm_table_chains + chains;
        mm.table.chain_mask = (uint16_t)(chains - 1);
        mm.table.capacity = (uint16_t)slots;
    }
    taking = false;
    memmap_port_unlock();
    return blocks != NULL;
}

// At boot, when the heap has all its memory, before the program's own code.
static void take_at_boot(void) __attribute__((constructor));
static void take_at_boot(void) { memmap_take_table(); }

uint32_t mm_table_bytes(void) { return mm.table.capacity == 0 ? 0 : bytes_for(mm.table.capacity); }

#else

MM_TABLE mm_block_t mm_blocks[CONFIG_MEMMAP_TABLE_CAPACITY + 1];
MM_TABLE uint16_t mm_table_chains[MM_TABLE_CHAINS];
MM_TABLE uint16_t mm_table_links[sizeof mm_table_links / sizeof mm_table_links[0]];

bool memmap_take_table(void) { return true; }
uint32_t mm_table_bytes(void) { return sizeof mm_blocks + sizeof mm_table_chains + sizeof mm_table_links; }

#endif

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
