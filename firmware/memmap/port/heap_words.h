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
#define HEAP_CANARY UINT32_C(0xabba1234)

static inline uint32_t heap_word(uint32_t address) { return *(const volatile uint32_t *)(uintptr_t)address; }

// By the size of what is left of a region behind the heap's own variables; which is not known to the byte.
static inline uint32_t heap_classes(uint32_t bytes)
{
    enum { SMALL = 16 * 1024, MEDIUM = 256 * 1024, SURE = 64 };
    if (bytes <= SMALL) return 3;
    if (bytes <= SMALL + SURE) return 0;
    if (bytes <= MEDIUM) return 4;
    return bytes <= MEDIUM + SURE ? 0 : 5;
}

// `start` and `end`: of the region that contains the pointer, or of more that can be read.
static inline memmap_look_t heap_look(const void *pointer, uint32_t start, uint32_t end)
{
    uint32_t address = (uint32_t)(uintptr_t)pointer, block = address - HEAP_BYTES_BEFORE;
    memmap_look_t look = {.state = MEMMAP_BLOCK_NOT_USED, .classes = heap_classes(end - start)};
    if (address % 4 != 0 || block < start + HEAP_HEADER_BYTES || block > end - HEAP_HEADER_BYTES - HEAP_SMALLEST) return look;
    uint32_t word = heap_word(block - HEAP_HEADER_BYTES), size = word & ~UINT32_C(3);
    look.freed = (word & HEAP_FREE) != 0;
    look.size = size < HEAP_SMALLEST ? 0 : size - MEMMAP_HEAP_OWN_BYTES;
    if (look.freed || size < HEAP_SMALLEST || size > end - HEAP_HEADER_BYTES - block) return look;
    look.next = block + size + HEAP_HEADER_BYTES + HEAP_BYTES_BEFORE;
    uint32_t behind = heap_word(block + size);
    look.next_whole = (behind & HEAP_PREVIOUS_FREE) == 0;
    // Poisoned heaps have more to say of it than that word.
    if (!MEMMAP_HEAP_POISONED && behind >= HEAP_SMALLEST && (behind & HEAP_FREE) == 0) look.next_size = (behind & ~UINT32_C(3)) - MEMMAP_HEAP_OWN_BYTES;
#if MEMMAP_HEAP_POISONED
    // The size asked for stands there to the byte, and counts the owner.
    uint32_t asked = heap_word(block + 4);
    if (heap_word(block) != HEAP_CANARY || asked > size) return look;
    look.size = asked - (MEMMAP_HEAP_BYTES_BEFORE - 8);
#endif
    look.state = MEMMAP_BLOCK_USED;
    return look;
}

#endif // MEMMAP_HEAP_WORDS_H
