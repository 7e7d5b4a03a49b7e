// The hot half of the table of live blocks (see table.c), for track.c: inlined where the compiler works for speed, one copy where it
// works for size. All (lock).
#ifndef MEMMAP_TABLE_H
#define MEMMAP_TABLE_H

#include "internal.h"

// Multiplicative hash, scaled to any number of chains by a second multiplication instead of a division. The first multiplication is also
// the first step of memmap_block_hash(): compilers do it once for both.
static MM_INLINE uint32_t mm_table_chain(uint32_t address)
{
    return (((address * UINT32_C(0x9e3779b1)) >> 16) * CONFIG_MEMMAP_TABLE_CAPACITY) >> 16;
}

// The link to the block at this address: a slot's number, or 0 at the end of the chain where there is no such block.
static MM_INLINE uint16_t *mm_table_find(uint32_t address)
{
    uint16_t *link = &mm_table_chains[mm_table_chain(address)];
    while (*link != 0 && mm_blocks[*link].address != address) link = &mm_table_next[*link];
    return link;
}

// The same for other files.
uint16_t *mm_table_look_up(uint32_t address);

// Adds a block to the sums, or takes it out of them.
static MM_INLINE void mm_table_count(uint32_t address, uint32_t size_flags, uint32_t site, bool in)
{
    uint32_t size = size_flags >> MM_BLOCK_SIZE_SHIFT, hash = memmap_block_hash(address, size, site);
    mm.table.hash += in ? hash : -hash;
    mm.table.live_bytes += in ? size : -size;
    if (in && mm.table.live_bytes > mm.table.peak_bytes) mm.table.peak_bytes = mm.table.live_bytes;
}

// Fills slot `number` and hangs it up at `link`, the end of its address's chain.
static MM_INLINE void mm_table_put(uint32_t number, uint16_t *link, uint32_t address, uint32_t size_flags, uint32_t origin)
{
    mm_block_t *block = &mm_blocks[number];
    MM_KEEP(block);
    block->address = address;
    block->size_flags = size_flags;
    block->origin = origin;
    mm_table_next[number] = 0;
    *link = (uint16_t)number;
    mm_table_count(address, size_flags, origin & UINT16_MAX, true);
}

// `link`: the end of this address's chain. False: the table is full.
static MM_INLINE bool mm_table_insert(uint16_t *link, uint32_t address, uint32_t size_flags, uint32_t site, uint32_t task)
{
    uint32_t number = mm.table.free_list;
    if (number != 0) mm.table.free_list = mm_table_next[number];
    else if (mm.table.used < CONFIG_MEMMAP_TABLE_CAPACITY) number = ++mm.table.used;
    else return false;
    mm.table.live_blocks++;
    mm_table_put(number, link, address, size_flags, site | task << 16 | (uint32_t)mm.table.generation << 24);
    return true;
}

static MM_INLINE void mm_table_remove(uint16_t *link)
{
    uint32_t number = *link;
    mm_block_t *block = &mm_blocks[number];
    MM_KEEP(block);
    mm_table_count(block->address, block->size_flags, block->site, false);
    mm.table.live_blocks--;
    block->address = 0;
    *link = mm_table_next[number];
    mm_table_next[number] = (uint16_t)mm.table.free_list;
    mm.table.free_list = number;
}

// Takes a block out of the index only, and returns its number: it stays live, in its slot, until attach says what has become of it.
static MM_INLINE uint32_t mm_table_detach(uint16_t *link)
{
    uint32_t number = *link;
    *link = mm_table_next[number];
    mm_blocks[number].size_flags |= MM_BLOCK_MOVING;
    return number;
}

static MM_INLINE void mm_table_attach(uint32_t number, const mm_block_t *block)
{
    const mm_block_t *before = &mm_blocks[number];
    mm_table_count(before->address, before->size_flags, before->site, false);
    mm_table_put(number, mm_table_find(block->address), block->address, block->size_flags, block->origin);
}

#endif // MEMMAP_TABLE_H
