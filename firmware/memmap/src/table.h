// The hot half of the table of live blocks (see table.c), for track.c: inlined where the compiler works for speed, one copy where it
// works for size. All (lock).
#ifndef MEMMAP_TABLE_H
#define MEMMAP_TABLE_H

#include "internal.h"

// Multiplicative hash, scaled to any number of chains by a second multiplication instead of a division. The first multiplication is also
// the first step of memmap_block_hash(): compilers do it once for both.
static MM_INLINE uint32_t mm_table_chain(uint32_t address)
{
    return (((address * UINT32_C(0x9e3779b1)) >> 16) * MM_TABLE_CHAINS) >> 16;
}

// The block behind in the chain, or in the free list; 0: none. In a damaged table any number, which is why callers look at it first.
static MM_INLINE uint32_t mm_table_next(uint32_t number)
{
    return MM_LINK_INSIDE ? mm_blocks[number].link : mm_table_links[number];
}
static MM_INLINE void mm_table_set_next(uint32_t number, uint32_t next)
{
    if (MM_LINK_INSIDE) mm_blocks[number].link = next & (UINT32_MAX >> MM_ORIGIN_BITS);
    else mm_table_links[number] = (uint16_t)next;
}

typedef struct {
    uint32_t number; // 0: there is no such block
    uint32_t before; // the one before it in its chain; 0: it is the first
} mm_found_t;

// Chains are short: what is longer than this, or leaves the table, was written over by somebody. Then the block is not found.
enum { MM_LONGEST_CHAIN = 48 };
static MM_INLINE mm_found_t mm_table_find(uint32_t address)
{
    mm_found_t found = {mm_table_chains[mm_table_chain(address)], 0};
    for (uint32_t left = MM_LONGEST_CHAIN; found.number - 1 < CONFIG_MEMMAP_TABLE_CAPACITY && left != 0; left--) {
        if (mm_blocks[found.number].address == address) return found;
        found.before = found.number;
        found.number = mm_table_next(found.number);
    }
    found.number = 0;
    return found;
}

// The same for other files: the number alone.
uint32_t mm_table_look_up(uint32_t address);

// Adds a block to the sums, or takes it out of them.
static MM_INLINE void mm_table_count(uint32_t address, uint32_t size_flags, uint32_t site, bool in)
{
    uint32_t size = size_flags >> MM_BLOCK_SIZE_SHIFT, hash = memmap_block_hash(address, size, site);
    mm.table.hash += in ? hash : -hash;
    mm.table.live_bytes += in ? size : -size;
    if (in && mm.table.live_bytes > mm.table.peak_bytes) mm.table.peak_bytes = mm.table.live_bytes;
}

// Fills slot `number` and hangs it up at the front of its address's chain. `origin` is without the link.
static MM_INLINE void mm_table_put(uint32_t number, uint32_t address, uint32_t size_flags, uint32_t origin)
{
    mm_block_t *block = &mm_blocks[number];
    uint16_t *chain = &mm_table_chains[mm_table_chain(address)];
    MM_KEEP(block);
    block->address = address;
    block->size_flags = size_flags;
    block->origin = MM_LINK_INSIDE ? origin | (uint32_t)*chain << (MM_LINK_INSIDE ? MM_ORIGIN_BITS : 0) : origin;
    if (!MM_LINK_INSIDE) mm_table_links[number] = *chain;
    *chain = (uint16_t)number;
    mm_table_count(address, size_flags, origin & ((1u << MM_SITE_BITS) - 1), true);
}

// For an address that is not in the table. False: the table is full.
static MM_INLINE bool mm_table_insert(uint32_t address, uint32_t size_flags, uint32_t site, uint32_t task)
{
    uint32_t number = mm.table.free_list;
    if (number - 1 < CONFIG_MEMMAP_TABLE_CAPACITY && mm_blocks[number].address == 0) mm.table.free_list = mm_table_next(number);
    else if (mm.table.used < CONFIG_MEMMAP_TABLE_CAPACITY) number = ++mm.table.used;
    else return false;
    mm.table.live_blocks++;
    mm_table_put(number, address, size_flags,
                 site | task << MM_SITE_BITS | (uint32_t)mm.table.generation << (MM_SITE_BITS + MM_TASK_BITS));
    return true;
}

static MM_INLINE void mm_table_unlink(mm_found_t found, uint32_t address)
{
    uint32_t next = mm_table_next(found.number);
    if (found.before != 0) mm_table_set_next(found.before, next);
    else mm_table_chains[mm_table_chain(address)] = (uint16_t)next;
}

static MM_INLINE void mm_table_remove(mm_found_t found)
{
    mm_block_t *block = &mm_blocks[found.number];
    MM_KEEP(block);
    mm_table_count(block->address, block->size_flags, block->site, false);
    mm.table.live_blocks--;
    mm_table_unlink(found, block->address);
    block->address = 0;
    mm_table_set_next(found.number, mm.table.free_list);
    mm.table.free_list = found.number;
}

// Takes a block out of the index only: it stays live, in its slot, until attach says what has become of it.
static MM_INLINE void mm_table_detach(mm_found_t found)
{
    mm_table_unlink(found, mm_blocks[found.number].address);
    mm_blocks[found.number].size_flags |= MM_BLOCK_MOVING;
}

static MM_INLINE void mm_table_attach(uint32_t number, const mm_block_t *block)
{
    const mm_block_t *before = &mm_blocks[number];
    mm_table_count(before->address, before->size_flags, before->site, false);
    mm_table_put(number, block->address, block->size_flags, block->origin & (UINT32_MAX >> (32 - MM_ORIGIN_BITS)));
}

#endif // MEMMAP_TABLE_H
