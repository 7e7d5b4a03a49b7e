// A two-level segregated fit allocator over one range of memory, with the layout in memory that ESP-IDF's has, so that what
// reads or corrupts a real heap does the same here: 4 bytes of overhead a block, blocks of at least 12 bytes, alignment 4.
//
// A block at address B, with its user pointer at B + 8:
//   B + 0   address of the physically previous block; only valid when that one is free, and then inside its last word
//   B + 4   size of the user part; bit 0: this block is free, bit 1: the previous block is free
//   B + 8   next block of the same free list      (only while free: otherwise the user's bytes)
//   B + 12  previous block of the same free list
// The next block is at B + 4 + size. The last block of a pool has size 0.
//
// All addresses are 32 bits wide on every platform. On a 64-bit host the memory must lie below 4 GiB.
#ifndef TLSF_H
#define TLSF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint32_t tlsf_address_t;

enum {
    TLSF_ALIGNMENT = 4,
    TLSF_BLOCK_OVERHEAD = 4,  // bytes a used block costs beyond its size
    TLSF_BLOCK_MINIMUM = 12,  // smallest user part
    TLSF_FIRST_LEVELS_MAXIMUM = 25
};

// Sits at the start of the range; bitmaps and list heads follow it directly.
typedef struct {
    uint32_t null_block[4];  // ends every free list, points at itself
    uint32_t fl_index_count : 5;
    uint32_t fl_index_shift : 3;
    uint32_t fl_index_max : 6;
    uint32_t sl_index_count : 6;
    uint32_t sl_index_count_log2 : 3;
    uint32_t small_block_size : 8;
    uint32_t size;  // bytes of this structure with bitmaps and list heads
    uint32_t fl_bitmap;
    tlsf_address_t sl_bitmap;  // of uint32_t[fl_index_count]
    tlsf_address_t blocks;     // of tlsf_address_t[fl_index_count][sl_index_count]
} tlsf_t;

static inline void *tlsf_pointer(tlsf_address_t address) { return (void *)(uintptr_t)address; }
static inline tlsf_address_t tlsf_address(const void *pointer) { return (tlsf_address_t)(uintptr_t)pointer; }

// Builds an empty heap in [start, start + bytes). NULL where that is too small for the bookkeeping and one block.
tlsf_t *tlsf_create(tlsf_address_t start, uint32_t bytes);

// NULL where no block is large enough. `size` must not be 0.
void *tlsf_malloc(tlsf_t *tlsf, size_t size);
// `alignment` is a power of two.
void *tlsf_aligned_alloc(tlsf_t *tlsf, size_t alignment, size_t size);
// In place where the block or it and a free successor are large enough, else moved; NULL leaves the block as it was.
void *tlsf_realloc(tlsf_t *tlsf, void *pointer, size_t size);
void tlsf_free(tlsf_t *tlsf, void *pointer);

// Bytes that the user of a block may write: the request, rounded up, and what was too small to split off.
size_t tlsf_block_size(const void *pointer);

// The largest request that is certain to succeed now: of the largest block what its list holds for sure, as ESP-IDF reports it.
size_t tlsf_largest_free(const tlsf_t *tlsf);

// Calls `visit` for each block in the order of addresses until it returns false. Stops at a size that leaves [start, end).
typedef bool (*tlsf_visit_t)(void *pointer, size_t size, bool used, void *context);
void tlsf_walk(const tlsf_t *tlsf, tlsf_address_t end, tlsf_visit_t visit, void *context);

// Checks blocks and lists against each other. NULL where they agree, else what is wrong; `*where` is then the block.
const char *tlsf_check(const tlsf_t *tlsf, tlsf_address_t end, const void **where);

#endif
