// The live blocks (see table.c). What every allocation and free needs is inlined where the compiler works for speed, and one copy where it
// works for size.
#ifndef MEMMAP_TABLE_H
#define MEMMAP_TABLE_H

#include "state.h"

enum {
    MM_BLOCK_RED_ZONE = 1,  // a red zone stands behind the block
    MM_BLOCK_MOVING = 2,    // a realloc is under way; the block cannot be found by its address
    MM_BLOCK_CHECKED = 4,   // the sweep has seen it whole
    MM_BLOCK_DAMAGED = 8,   // nothing more is said of it: reported already, or hit by a block that was
    MM_BLOCK_WORDS = 16,    // only aligned 32-bit accesses are safe in its memory
    MM_BLOCK_TASK = 32,     // it is a task's control block: that task is gone when it is freed
    MM_BLOCK_BY_HAND = 64,  // register_allocation(): its size is what the program says
    MM_BLOCK_FLAGS = 127,
    MM_BLOCK_SIZE_SHIFT = 7
};
#define MM_BLOCK_SIZE_LIMIT (UINT32_C(1) << 25) // sizes are below this: as much memory as the largest of these chips has

// What tells blocks apart by more than address and size takes as many bits as the configuration needs, so that a record with its link is
// 12 bytes; only where that does not fit in a word, the link is apart and takes 2 more.
#define MM_BITS_FOR(number)                                                                                                \
    ((number) < 64 ? 6 : (number) < 128 ? 7 : (number) < 256 ? 8 : (number) < 512 ? 9 : (number) < 1024 ? 10               \
     : (number) < 2048 ? 11 : (number) < 4096 ? 12 : (number) < 8192 ? 13 : (number) < 16384 ? 14 : 15)
enum {
    MM_SITE_BITS = MM_BITS_FOR(CONFIG_MEMMAP_SITE_CAPACITY),
    MM_TASK_BITS = MM_BITS_FOR(MEMMAP_TASK_NUMBER_FIRST + CONFIG_MEMMAP_TASK_CAPACITY),
    MM_GENERATION_BITS = 5,
    MM_ORIGIN_BITS = MM_SITE_BITS + MM_TASK_BITS + MM_GENERATION_BITS,
    MM_GENERATIONS = 1 << MM_GENERATION_BITS
};
#define MM_LINK_INSIDE (MM_ORIGIN_BITS + MM_BITS_FOR(CONFIG_MEMMAP_TABLE_CAPACITY) <= 32)

typedef struct {
    uint32_t address;      // 0: the slot is free
    uint32_t size_flags;   // size << MM_BLOCK_SIZE_SHIFT | flags
    union {
        struct {
            uint32_t site : MM_SITE_BITS, task : MM_TASK_BITS, generation : MM_GENERATION_BITS, link : 32 - MM_ORIGIN_BITS;
        };
        uint32_t origin; // all of them, to be copied at once
    };
} mm_block_t;

static MM_INLINE uint32_t mm_block_size(const mm_block_t *block) { return block->size_flags >> MM_BLOCK_SIZE_SHIFT; }

// At least half as many chains as slots, and a power of two: 1 byte a slot where they are one too, and in a full table two blocks in each.
enum { MM_CHAIN_BITS = MM_BITS_FOR(CONFIG_MEMMAP_TABLE_CAPACITY - 1) - 1, MM_TABLE_CHAINS = 1 << MM_CHAIN_BITS };
// Apart from each other, because an address that the linker knows is cheaper than a sum.
#if MEMMAP_TABLE_TAKEN
extern mm_block_t *mm_blocks;
extern uint16_t *mm_table_chains, *mm_table_links;
static MM_INLINE uint32_t mm_table_capacity(void) { return mm.table.capacity; }
#else
extern mm_block_t mm_blocks[CONFIG_MEMMAP_TABLE_CAPACITY + 1]; // by number, from 1 on; 0 is not used
extern uint16_t mm_table_chains[MM_TABLE_CHAINS];              // number of a chain's first block; 0: none
extern uint16_t mm_table_links[MM_LINK_INSIDE ? 1 : CONFIG_MEMMAP_TABLE_CAPACITY + 1]; // by number: the next one, in chain or free list
static MM_INLINE uint32_t mm_table_capacity(void) { return CONFIG_MEMMAP_TABLE_CAPACITY; }
#endif
uint32_t mm_table_bytes(void);

// Copies the first live block from slot *slot on, and moves *slot there; false past the last. No lock.
bool mm_table_copy(uint32_t *slot, mm_block_t *block);

static MM_INLINE uint32_t mm_size_flags(uint32_t size, uint32_t flags) { return size << MM_BLOCK_SIZE_SHIFT | flags; }

// --- All (lock) -----------------------------------------------------------------------------------------------------------------

// Multiplicative hash. The multiplication is also the first step of memmap_block_hash(): compilers do it once for both.
static MM_INLINE uint32_t mm_table_chain(uint32_t address)
{
    uint32_t hash = address * UINT32_C(0x9e3779b1);
#if MEMMAP_TABLE_TAKEN
    return hash >> 16 & mm.table.chain_mask;
#else
    return hash >> (32 - MM_CHAIN_BITS);
#endif
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
    mm_block_t *block;
} mm_found_t;

// Whatever stands in a damaged table, nothing outside of it is read.
static MM_INLINE bool mm_table_has(uint32_t number) { return number - 1 < mm_table_capacity(); }

// Compilers would rather compute an address again at each use than keep it, which is longer.
static MM_INLINE mm_block_t *mm_table_block(uint32_t number)
{
    mm_block_t *block = &mm_blocks[number];
    __asm__("" : "+r"(block));
    return block;
}

// Whether *found is the block, or there is none; else goes on to the next one of its chain.
static MM_INLINE bool mm_table_ends(mm_found_t *found, uint32_t address)
{
    if (!mm_table_has(found->number)) {
        found->number = 0;
        return true;
    }
    found->block = mm_table_block(found->number);
    if (found->block->address == address) return true;
    found->before = found->number;
    found->number = MM_LINK_INSIDE ? found->block->link : mm_table_links[found->number];
    return false;
}

// Chains are short: what is longer than MM_LONGEST_CHAIN was written over by somebody, and then the block is not found. The first steps,
// which are nearly all, are not counted where the compiler works for speed.
enum { MM_LONGEST_CHAIN = 48 };
static MM_INLINE mm_found_t mm_table_find(uint32_t address)
{
    mm_found_t found = {mm_table_chains[mm_table_chain(address)], 0, mm_blocks};
    if (MM_SPEED && (mm_table_ends(&found, address) || mm_table_ends(&found, address))) return found;
    for (uint32_t left = MM_LONGEST_CHAIN; left != 0; left--)
        if (mm_table_ends(&found, address)) return found;
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
    mm_block_t *block = mm_table_block(number);
    uint16_t *chain = &mm_table_chains[mm_table_chain(address)];
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
    if (mm_table_has(number)) mm.table.free_list = mm_table_next(number);
    else if (mm.table.used < mm_table_capacity()) number = ++mm.table.used;
    else return false;
    mm.table.live_blocks++;
    mm_table_put(number, address, size_flags,
                 site | task << MM_SITE_BITS | (uint32_t)mm.table.generation << (MM_SITE_BITS + MM_TASK_BITS));
    return true;
}

static MM_INLINE void mm_table_unlink(mm_found_t found, uint32_t address)
{
    uint32_t next = MM_LINK_INSIDE ? found.block->link : mm_table_links[found.number];
    if (found.before == 0) mm_table_chains[mm_table_chain(address)] = (uint16_t)next;
    else if (MM_LINK_INSIDE) mm_blocks[found.before].origin += (next - found.number) << (MM_LINK_INSIDE ? MM_ORIGIN_BITS : 0);
    else mm_table_links[found.before] = (uint16_t)next;
}

// `address`: the block's.
static MM_INLINE void mm_table_remove(mm_found_t found, uint32_t address)
{
    mm_block_t *block = found.block;
    mm_table_count(address, block->size_flags, block->site, false);
    mm.table.live_blocks--;
    mm_table_unlink(found, address);
    block->address = 0;
    if (MM_LINK_INSIDE) block->origin = mm.table.free_list << (MM_LINK_INSIDE ? MM_ORIGIN_BITS : 0); // all else of it is over
    else mm_table_links[found.number] = (uint16_t)mm.table.free_list;
    mm.table.free_list = found.number;
}

// Takes a block out of the index only: it stays live, in its slot, until attach says what has become of it.
static MM_INLINE void mm_table_detach(mm_found_t found)
{
    mm_table_unlink(found, found.block->address);
    found.block->size_flags |= MM_BLOCK_MOVING;
}

static MM_INLINE void mm_table_attach(uint32_t number, const mm_block_t *block)
{
    const mm_block_t *before = &mm_blocks[number];
    mm_table_count(before->address, before->size_flags, before->site, false);
    mm_table_put(number, block->address, block->size_flags, block->origin & (UINT32_MAX >> (32 - MM_ORIGIN_BITS)));
}

#endif // MEMMAP_TABLE_H
