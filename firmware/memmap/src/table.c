// The live blocks: a pool of records that never move, so that a snapshot can walk it in steps, and an index of 16-bit slot
// numbers by address. Linear probing at a load of at most one half; deletion shifts later entries back, so that there are no
// tombstones and look-ups stay short for ever. 12 + 2 × 2 = 16 bytes a slot.
#include "internal.h"

#if MEMMAP_ENABLE

enum { INDEX_SIZE = 2 * CONFIG_MEMMAP_TABLE_CAPACITY };

MM_CHECK(block_is_12_bytes, sizeof(mm_block_t) == 12);
MM_CHECK(slots_fit_16_bits, CONFIG_MEMMAP_TABLE_CAPACITY >= 16 && CONFIG_MEMMAP_TABLE_CAPACITY <= 32767);

MM_TABLE mm_table_t mm_table;

// Multiplicative hash, scaled to any index size by a second multiplication instead of a division.
static inline uint32_t home_of(uint32_t address)
{
    return (((address * UINT32_C(0x9e3779b1)) >> 16) * INDEX_SIZE) >> 16;
}

static inline uint32_t next_place(uint32_t place) { return place + 1 == INDEX_SIZE ? 0 : place + 1; }

MM_HOT uint32_t mm_table_place(uint32_t address)
{
    for (uint32_t place = home_of(address);; place = next_place(place)) {
        uint32_t slot = mm_table.index[place];
        if (slot == 0 || mm_table.blocks[slot - 1].address == address) return place;
    }
}

static MM_HOT void index_remove(uint32_t hole)
{
    uint32_t place = hole;
    for (;;) {
        place = next_place(place);
        uint32_t slot = mm_table.index[place];
        if (slot == 0) break;
        // An entry may fill the hole unless its home lies behind the hole on the way to where it is.
        uint32_t home = home_of(mm_table.blocks[slot - 1].address);
        bool home_behind_hole = hole <= place ? (hole < home && home <= place) : (hole < home || home <= place);
        if (home_behind_hole) continue;
        mm_table.index[hole] = (uint16_t)slot;
        hole = place;
    }
    mm_table.index[hole] = 0;
}

static inline void count_out(const mm_block_t *block)
{
    uint32_t size = mm_block_size(block);
    mm_table.hash -= memmap_block_hash(block->address, size, block->site);
    mm_table.live_bytes -= size;
}

static inline void fill(mm_block_t *block, uint32_t address, uint32_t size_flags, uint32_t site, uint32_t task)
{
    uint32_t size = size_flags >> MM_BLOCK_SIZE_SHIFT;
    block->address = address;
    block->size_flags = size_flags;
    block->site = (uint16_t)site;
    block->task = (uint8_t)task;
    mm_table.hash += memmap_block_hash(address, size, site);
    mm_table.live_bytes += size;
    if (mm_table.live_bytes > mm_table.peak_bytes) mm_table.peak_bytes = mm_table.live_bytes;
}

MM_HOT mm_block_t *mm_table_insert(uint32_t place, uint32_t address, uint32_t size_flags, uint32_t site, uint32_t task)
{
    uint32_t slot;
    if (mm_table.free_list != 0) {
        slot = mm_table.free_list - 1;
        mm_table.free_list = mm_table.blocks[slot].size_flags;
    } else if (mm_table.used < CONFIG_MEMMAP_TABLE_CAPACITY) {
        slot = mm_table.used++;
    } else {
        return NULL;
    }
    mm_block_t *block = &mm_table.blocks[slot];
    fill(block, address, size_flags, site, task);
    block->generation = mm_table.generation;
    mm_table.index[place] = (uint16_t)(slot + 1);
    mm_table.live_blocks++;
    return block;
}

MM_HOT void mm_table_remove(uint32_t place)
{
    uint32_t slot = (uint32_t)mm_table.index[place] - 1;
    mm_block_t *block = &mm_table.blocks[slot];
    count_out(block);
    mm_table.live_blocks--;
    index_remove(place);
    block->address = 0;
    block->size_flags = mm_table.free_list;
    mm_table.free_list = slot + 1;
}

MM_HOT mm_block_t *mm_table_detach(uint32_t place)
{
    mm_block_t *block = mm_table_at(place);
    index_remove(place);
    block->size_flags |= MM_BLOCK_MOVING;
    return block;
}

MM_HOT void mm_table_attach(mm_block_t *block, uint32_t address, uint32_t size_flags, uint32_t site, uint32_t task)
{
    count_out(block);
    fill(block, address, size_flags, site, task); // and its old generation: a block that grows is no new block
    mm_table.index[mm_table_place(address)] = (uint16_t)(block - mm_table.blocks + 1);
}

bool mm_table_copy(uint32_t *slot, mm_block_t *block)
{
    enum { STEP = 32 }; // free slots passed over in one critical section
    for (;;) {
        bool found = false, more = false;
        memmap_port_lock();
        for (uint32_t end = *slot + STEP; *slot < end && *slot < mm_table.used && !found; ++*slot) {
            found = mm_table.blocks[*slot].address != 0;
            if (found) *block = mm_table.blocks[*slot];
        }
        more = *slot < mm_table.used;
        memmap_port_unlock();
        if (found) --*slot;
        if (found || !more) return found;
    }
}

#endif // MEMMAP_ENABLE
