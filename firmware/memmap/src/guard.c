// What is written around and into blocks to see wrong writes: the red zone behind a block, the poison in a freed one. All accesses
// are aligned 32-bit words (a partial last word is read and written whole), so that word-only memory works as well.
#include "internal.h"

#if MEMMAP_ENABLE

MM_CHECK(red_zone, CONFIG_MEMMAP_RED_ZONE_BYTES >= 0 && CONFIG_MEMMAP_RED_ZONE_BYTES <= 64 && CONFIG_MEMMAP_RED_ZONE_BYTES % 4 == 0);

// Poison at each end of a freed block; what lies between is not looked at.
enum { POISON_BYTES = 64 };

// The zone begins in the middle of a word where the size is no multiple of 4.
MM_HOT void mm_zone_write(void *pointer, uint32_t size)
{
    uint32_t *word = (uint32_t *)pointer + size / 4, rest = 8 * (size & 3);
    if (rest != 0) {
        *word = (*word & ~(UINT32_MAX << rest)) | MM_ZONE << rest;
        word++;
    }
    for (int i = 0; i < CONFIG_MEMMAP_RED_ZONE_BYTES / 4; i++) word[i] = MM_ZONE;
}

MM_HOT bool mm_zone_whole(const void *pointer, uint32_t size)
{
    const uint32_t *word = (const uint32_t *)pointer + size / 4;
    uint32_t rest = 8 * (size & 3), wrong = 0;
    if (rest != 0) wrong = (*word++ ^ MM_ZONE) >> rest;
    for (int i = 0; i < CONFIG_MEMMAP_RED_ZONE_BYTES / 4; i++) wrong |= word[i] ^ MM_ZONE;
    return wrong == 0;
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
    if (mm_zone_whole(pointer, size)) return false;
    for (uint32_t at = size; at < end; at++)
        if (block[at] != (MM_ZONE & 0xff)) note(damage, block, at);
    return damage->length != 0;
}

bool mm_start_damaged(const void *pointer, uint32_t size, bool zone, mm_damage_t *damage)
{
    if (mm_start_whole(pointer, size, zone)) return false;
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

// By words; the bytes of a partial last word, and damage, one by one.
static bool all_poison(const uint32_t *words, uint32_t size)
{
    uint32_t wrong = 0, whole = size / 4, rest = size & 3;
    for (uint32_t i = 0; i < whole; i++) wrong |= words[i] ^ MM_POISON;
    if (rest != 0) wrong |= (words[whole] ^ MM_POISON) << 8 * (4 - rest);
    return wrong == 0;
}

bool mm_poison_damaged(const void *pointer, uint32_t size, mm_damage_t *damage)
{
    const uint8_t *block = pointer;
    uint32_t head = size <= 2 * POISON_BYTES ? size : POISON_BYTES, tail = size <= 2 * POISON_BYTES ? size : (size - POISON_BYTES) & ~UINT32_C(3);
    damage->length = damage->count = 0;
    if (all_poison(pointer, head) && all_poison((const uint32_t *)pointer + tail / 4, size - tail)) return false;
    for (uint32_t at = 0; at < size; at++) {
        if (at == head) at = tail;
        if (block[at] != (MM_POISON & 0xff)) note(damage, block, at);
    }
    return damage->length != 0;
}

#endif // MEMMAP_ENABLE
