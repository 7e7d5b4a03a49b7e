// What is written around and into blocks to see wrong writes: the red zone behind a block, the poison in a freed one. All accesses
// are aligned 32-bit words (a partial last word is read and written whole), so that word-only memory works as well.
#include "internal.h"

#if MEMMAP_ENABLE

MM_CHECK(red_zone, CONFIG_MEMMAP_RED_ZONE_BYTES >= 0 && CONFIG_MEMMAP_RED_ZONE_BYTES <= 64 && CONFIG_MEMMAP_RED_ZONE_BYTES % 4 == 0);

#define ZONE_BYTE UINT32_C(0xa5)
// Poison at each end of a freed block; what lies between is not looked at.
enum { POISON_BYTES = 64 };

MM_HOT uint32_t mm_zone_bytes(uint32_t size, uint32_t caps)
{
    if (CONFIG_MEMMAP_RED_ZONE_BYTES == 0 || !memmap_options.red_zones || mm_words_only(caps)) return 0;
    return (-size & 3) + CONFIG_MEMMAP_RED_ZONE_BYTES;
}

MM_HOT void mm_zone_write(void *pointer, uint32_t size)
{
    uint8_t *zone = (uint8_t *)pointer + size, *end = (uint8_t *)pointer + ((size + 3) & ~UINT32_C(3)) + CONFIG_MEMMAP_RED_ZONE_BYTES;
    while (zone < end) *zone++ = ZONE_BYTE;
}

// Notes the first damaged byte, and the last; and copies what stands there.
static void note(mm_damage_t *damage, const uint8_t *block, uint32_t at)
{
    if (damage->length == 0) damage->offset = (int32_t)at;
    damage->length = at - (uint32_t)damage->offset + 1;
    if (damage->length <= sizeof damage->bytes) {
        for (uint32_t i = damage->count; i < damage->length; i++) damage->bytes[i] = block[(uint32_t)damage->offset + i];
        damage->count = (uint8_t)damage->length;
    }
}

bool mm_zone_damaged(const void *pointer, uint32_t size, mm_damage_t *damage)
{
    const uint8_t *block = pointer;
    uint32_t end = ((size + 3) & ~UINT32_C(3)) + CONFIG_MEMMAP_RED_ZONE_BYTES;
    damage->length = damage->count = 0;
    for (uint32_t at = size; at < end; at++)
        if (block[at] != ZONE_BYTE) note(damage, block, at);
    return damage->length != 0;
}

// The heap keeps a block's size in the word before it. It can only be the size requested, or a little more where the rest was
// too small to be a block, or was rounded up to a cache line or a page; anything else was written by somebody.
bool mm_start_damaged(const void *pointer, uint32_t size, bool zone, mm_damage_t *damage)
{
    enum { LARGEST_EXCESS = 4096 };
    size_t actual = memmap_port_block_size(pointer);
    size_t request = zone ? ((size + 3) & ~UINT32_C(3)) + CONFIG_MEMMAP_RED_ZONE_BYTES : size;
    if (actual == 0) return false; // the platform cannot tell
    if (actual >= request && actual - request <= LARGEST_EXCESS) return false;
    const uint8_t *before = (const uint8_t *)pointer - 4;
    damage->offset = -4;
    damage->length = damage->count = 4;
    for (int i = 0; i < 4; i++) damage->bytes[i] = before[i];
    return true;
}

MM_HOT void mm_fill(void *pointer, uint32_t size, uint32_t word)
{
    volatile uint32_t *words = pointer;
    uint32_t whole = size / 4, rest = size & 3;
    for (uint32_t i = 0; i < whole; i++) words[i] = word;
    if (rest) {
        uint32_t mask = (UINT32_C(1) << 8 * rest) - 1;
        words[whole] = (words[whole] & ~mask) | (word & mask);
    }
}

void mm_poison(void *pointer, uint32_t size)
{
    if (size <= 2 * POISON_BYTES) {
        mm_fill(pointer, size, MM_POISON);
    } else {
        uint32_t tail = (size - POISON_BYTES) & ~UINT32_C(3);
        mm_fill(pointer, POISON_BYTES, MM_POISON);
        mm_fill((uint8_t *)pointer + tail, size - tail, MM_POISON);
    }
}

static bool all_poison(const uint32_t *words, uint32_t count)
{
    uint32_t difference = 0;
    for (uint32_t i = 0; i < count; i++) difference |= words[i] ^ MM_POISON;
    return difference == 0;
}

bool mm_poison_damaged(const void *pointer, uint32_t size, mm_damage_t *damage)
{
    const uint8_t *block = pointer;
    damage->length = damage->count = 0;
    // The usual case by words; the bytes of a partial last word, and damage, one by one.
    if (size <= 2 * POISON_BYTES && (size & 3) == 0 && all_poison(pointer, size / 4)) return false;
    for (uint32_t at = 0; at < size; at++) {
        if (size > 2 * POISON_BYTES && at == POISON_BYTES) at = (size - POISON_BYTES) & ~UINT32_C(3);
        if (block[at] != (MM_POISON & 0xff)) note(damage, block, at);
    }
    return damage->length != 0;
}

#endif // MEMMAP_ENABLE
