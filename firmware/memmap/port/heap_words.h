// The heap's own words around a block, as ESP-IDF's TLSF lays them out: for the ports, which know where the regions lie. Only the words
// that stay as they are while the block is allocated are judged, so that no lock is needed.
#ifndef MEMMAP_HEAP_WORDS_H
#define MEMMAP_HEAP_WORDS_H

#include "memmap_port.h"

// [size, flags] [poison's canary, size asked for] [owner's task] the program's bytes … [poison's canary] [size, flags of the next block]
enum {
    HEAP_FREE = 1,          // flags in the two lowest bits of a size
    HEAP_PREVIOUS_FREE = 2,
    HEAP_HEADER_BYTES = 4,
    HEAP_SMALLEST = 12,     // bytes of the smallest block
    HEAP_BYTES_BEFORE = MEMMAP_HEAP_BYTES_BEFORE,
};
// Behind the last block of a region stands one of no size: so near to what the port gives as the region's end.
#ifndef HEAP_LAST_BLOCK_REACH
#define HEAP_LAST_BLOCK_REACH 64
#endif
#define HEAP_CANARY UINT32_C(0xabba1234)

static inline uint32_t heap_word(uint32_t address) { return *(const volatile uint32_t *)(uintptr_t)address; }

// Whether all that the heap reads of a block's neighbours is as it leaves it: a free one is named by the word in front of the block behind
// it, and that one's flags say so. `block` and `behind`: where the two blocks begin, each behind its word; both words have been read.
static inline bool heap_neighbours_agree(uint32_t block, uint32_t word, uint32_t behind, uint32_t word_behind, uint32_t start, uint32_t end)
{
    uint32_t size = word_behind & ~UINT32_C(3);
    if (word & HEAP_PREVIOUS_FREE) {
        uint32_t before = heap_word(block - 8) + 8; // the heap counts from the word in front of the size
        if (before % 4 != 0 || before < start + HEAP_HEADER_BYTES || before > block - HEAP_HEADER_BYTES - HEAP_SMALLEST) return false;
        uint32_t word_before = heap_word(before - HEAP_HEADER_BYTES);
        if ((word_before & HEAP_FREE) == 0 || before + (word_before & ~UINT32_C(3)) != block - HEAP_HEADER_BYTES) return false;
    }
    if (size < HEAP_SMALLEST || size > end - HEAP_HEADER_BYTES - behind) return word_behind == 0 && end - behind <= HEAP_LAST_BLOCK_REACH;
    if ((word_behind & HEAP_FREE) == 0) return true;
    return heap_word(behind + size - 4) == behind - 8 && (heap_word(behind + size) & HEAP_PREVIOUS_FREE) != 0;
}

// `start` and `end`: of the region that contains the pointer, or of more that can be read.
static inline void heap_look(const void *pointer, uint32_t start, uint32_t end, memmap_look_t *look)
{
    uint32_t address = (uint32_t)(uintptr_t)pointer, block = address - HEAP_BYTES_BEFORE;
    look->state = MEMMAP_BLOCK_NOT_USED;
    look->freed = false;
    look->size = 0;
    look->region = end - start;
    if (address % 4 != 0 || block < start + HEAP_HEADER_BYTES || block > end - HEAP_HEADER_BYTES - HEAP_SMALLEST) return;
    uint32_t word = heap_word(block - HEAP_HEADER_BYTES), size = word & ~UINT32_C(3);
    if (size < HEAP_SMALLEST || (word & HEAP_FREE) != 0 || size > end - HEAP_HEADER_BYTES - block) {
        look->freed = (word & HEAP_FREE) != 0;
        if (size >= HEAP_SMALLEST) look->size = size - MEMMAP_HEAP_OWN_BYTES;
        return;
    }
    uint32_t behind = block + size + HEAP_HEADER_BYTES, word_behind = heap_word(block + size);
    look->size = size - MEMMAP_HEAP_OWN_BYTES;
#if MEMMAP_HEAP_POISONED
    // The size asked for stands there to the byte, and counts the owner.
    uint32_t asked = heap_word(block + 4);
    if (heap_word(block) != HEAP_CANARY || asked > size) return;
    look->size = asked - (MEMMAP_HEAP_BYTES_BEFORE - 8);
#endif
    look->state = MEMMAP_BLOCK_USED;
    look->next = behind + HEAP_BYTES_BEFORE;
    look->next_whole = (word_behind & HEAP_PREVIOUS_FREE) == 0;
    look->agrees = look->next_whole && heap_neighbours_agree(block, word, behind, word_behind, start, end);
}

#endif // MEMMAP_HEAP_WORDS_H
