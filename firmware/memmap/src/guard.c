// What is written around and into blocks to see wrong writes: the red zone behind a block, the poison in a freed one; and whether the
// heap's own words agree with a record. All accesses but those of damage are aligned 32-bit words (a partial last word is read and written
// whole), so that word-only memory works as well.
#include "guard.h"

#if MEMMAP_ENABLE

MM_CHECK(red_zone, CONFIG_MEMMAP_RED_ZONE_BYTES >= 0 && CONFIG_MEMMAP_RED_ZONE_BYTES <= 64 && CONFIG_MEMMAP_RED_ZONE_BYTES % 4 == 0);

// The zone's last word, which says that it is the end.
#define SEAL (MM_WITNESS_BYTES != 0 ? UINT32_C(0x5aa55a5a) : MM_ZONE)

static MM_INLINE uint32_t words_up(uint32_t bytes) { return (bytes + 3) & ~UINT32_C(3); }

// --- What the heap says of a block ---------------------------------------------------------------------------------------------

// Bytes that stay with a block because they are too few for one of their own.
enum { MOST_REST = 12 };

// What is asked of the heap for a block.
static inline uint32_t request_for(const mm_block_t *block)
{
    uint32_t size = mm_block_size(block);
    return block->size_flags & MM_BLOCK_RED_ZONE ? words_up(size) + MM_ZONE_BYTES : size;
}

// Whether it is as large as the request, or what is over is too little for a block.
static inline bool plainly_fits(uint32_t request, uint32_t held)
{
    uint32_t size = words_up(request + MEMMAP_HEAP_OWN_BYTES);
    return held + MEMMAP_HEAP_OWN_BYTES - (size < 12 ? 12 : size) <= MOST_REST;
}

#if !MEMMAP_HEAP_POISONED
// log2 of the second level's lists in a region of so many bytes, less the heap's own variables, which are not known to the byte; 0: not known.
static uint32_t classes_of(uint32_t region)
{
    enum { SMALL = 16 * 1024, MEDIUM = 256 * 1024, SURE = 64 };
    if (region == 0 || (region > SMALL && region <= SMALL + SURE) || (region > MEDIUM && region <= MEDIUM + SURE)) return 0;
    return region <= SMALL ? 3 : region <= MEDIUM ? 4 : 5;
}
#endif

// Whether the heap may have made such a block of a request. It rounds up from small_block_size on, in steps of a request's
// leading 4, 5 or 6 bits, which depends on the size of its region; a realloc in place and aligned blocks are not rounded.
static bool class_fits(uint32_t request, const memmap_look_t *look)
{
#if MEMMAP_HEAP_POISONED
    return look->size - request <= 3; // known to the byte, but for memory that is read by words
#else
    if (plainly_fits(request, look->size)) return true;
    uint32_t size = words_up(request + MEMMAP_HEAP_OWN_BYTES), block = look->size + MEMMAP_HEAP_OWN_BYTES;
    if (size < 12) size = 12;
    uint32_t log2 = 31 - (uint32_t)__builtin_clz(size), classes = classes_of(look->region);
    for (uint32_t bits = 3; bits <= 5 && log2 >= bits + 2; bits++) {
        if (classes != 0 && classes != bits) continue;
        uint32_t step = UINT32_C(1) << (log2 - bits);
        if (block - ((size + step - 1) & -step) <= MOST_REST) return true;
    }
    return false;
#endif
}

// ESP-IDF rounds what must begin and end with a cache line, or is for a DMA engine in PSRAM, up to that: 16 to 128 bytes.
static bool may_be_padded(uint32_t site)
{
    const mm_site_entry_t *entry = &mm_sites[site <= CONFIG_MEMMAP_SITE_CAPACITY ? site : 0];
    uint32_t method = entry->how >> 8 & 0xff, dma = MALLOC_CAP_DMA | MALLOC_CAP_SPIRAM;
    return site == 0 || method == MEMMAP_METHOD_REGISTERED || (entry->caps & MALLOC_CAP_CACHE_ALIGNED) || (entry->caps & dma) == dma;
}

static bool size_fits(const mm_block_t *block, uint32_t request, const memmap_look_t *look)
{
    if (mm_block_size(block) == MM_BLOCK_SIZE_LIMIT - 1 || class_fits(request, look)) return true;
    if (may_be_padded(block->site))
        for (uint32_t line = 8; line <= 128; line *= 2)
            if (class_fits((request + line - 1) & -line, look)) return true;
    return false;
}

// --- The zone ------------------------------------------------------------------------------------------------------------------

#if MM_WITNESS_BYTES
// It goes to the end of the heap's block, where that is near, so that the heap writes into it when the block is freed.
static uint32_t zone_end(uint32_t size, uint32_t held)
{
    uint32_t end = words_up(size) + MM_ZONE_BYTES;
    return held - end <= MOST_REST ? held & ~UINT32_C(3) : end;
}

static bool seal_at(const void *pointer, uint32_t size, uint32_t end)
{
    const uint32_t *words = pointer;
    uint32_t wrong = words[end / 4 - 1] ^ SEAL;
    for (uint32_t i = (words_up(size) + CONFIG_MEMMAP_RED_ZONE_BYTES) / 4; i < end / 4 - 1; i++) wrong |= words[i] ^ MM_ZONE;
    return wrong == 0;
}

// Whether the zone's end is whole, wherever it is: the block has not been freed.
static bool sealed(const void *pointer, uint32_t size)
{
    for (uint32_t end = words_up(size) + MM_ZONE_BYTES, last = end + MOST_REST; end <= last; end += 4)
        if (seal_at(pointer, size, end)) return true;
    return false;
}
#else
static uint32_t zone_end(uint32_t size, uint32_t held)
{
    (void)held;
    return words_up(size) + MM_ZONE_BYTES;
}

// Whoever writes past the end may write as far as the zone goes.
static bool seal_at(const void *pointer, uint32_t size, uint32_t end)
{
    (void)pointer, (void)size, (void)end;
    return true;
}

static bool sealed(const void *pointer, uint32_t size)
{
    (void)pointer, (void)size;
    return false;
}
#endif

// The zone begins in the middle of a word where the size is no multiple of 4. Without a witness it has as many words behind that, whatever the
// block.
void mm_zone_write(void *pointer, uint32_t size)
{
    uint32_t *words = (uint32_t *)pointer + size / 4, rest = 8 * (size & 3);
    memmap_look_t look = {.size = 0};
    if (MM_WITNESS_BYTES) memmap_port_look(pointer, &look);
    uint32_t *seal = MM_WITNESS_BYTES ? (uint32_t *)pointer + zone_end(size, look.size) / 4 - 1 : NULL;
    if (rest != 0) {
        *words = (*words & ~(UINT32_MAX << rest)) | MM_ZONE << rest;
        words++;
    }
    if (!MM_WITNESS_BYTES) seal = words + MM_ZONE_BYTES / 4 - 1;
    for (; words < seal; words++) *words = MM_ZONE;
    *seal = SEAL;
}

static inline bool zone_whole(const void *pointer, uint32_t size, uint32_t end)
{
    // Byte by byte up to the next word: the user may be writing the bytes before them.
    const uint8_t *bytes = (const uint8_t *)pointer + size;
    uint32_t wrong = 0;
    for (; ((uintptr_t)bytes & 3) != 0; bytes++) wrong |= *bytes ^ (MM_ZONE & 0xff);
    const uint32_t *words = (const void *)bytes;
#if MM_WITNESS_BYTES
    const uint32_t *seal = (const uint32_t *)pointer + end / 4 - 1;
    for (; words < seal; words++) wrong |= *words ^ MM_ZONE;
    return (wrong | (*seal ^ SEAL)) == 0;
#else
    (void)end;
    for (int i = 0; i < MM_ZONE_BYTES / 4; i++) wrong |= words[i] ^ MM_ZONE;
    return wrong == 0;
#endif
}

bool mm_plainly_whole(const mm_block_t *block)
{
    memmap_look_t look;
    const void *pointer = mm_pointer(block->address);
    uint32_t size = mm_block_size(block), request = request_for(block);
    memmap_port_look(pointer, &look);
    if (look.state != MEMMAP_BLOCK_USED || !look.agrees || (block->size_flags & MM_BLOCK_BY_HAND)) return false;
    if (MEMMAP_HEAP_POISONED ? look.size - request > 3 : !plainly_fits(request, look.size)) return false;
    return !(block->size_flags & MM_BLOCK_RED_ZONE) || zone_whole(pointer, size, zone_end(size, look.size));
}

// Waits until what another core is doing to the blocks around is done. What disagrees for longer is damage.
static void look_until_it_agrees(const void *pointer, memmap_look_t *look)
{
    enum { LOOKS = 50 };
    memmap_port_look(pointer, look);
    for (int i = 1; i < LOOKS && look->state == MEMMAP_BLOCK_USED && look->next_whole && !look->agrees; i++) memmap_port_look(pointer, look);
}

void mm_standing(const mm_block_t *block, mm_standing_t *standing)
{
    const void *pointer = mm_pointer(block->address);
    uint32_t size = mm_block_size(block), request = request_for(block);
    bool zone = (block->size_flags & MM_BLOCK_RED_ZONE) != 0;
    *standing = (mm_standing_t){.right = true, .whole = true, .used = true, .held = size};
    const memmap_look_t *look = &standing->look;
    look_until_it_agrees(pointer, &standing->look);
    if (look->state == MEMMAP_BLOCK_UNKNOWN) {
        standing->zone = zone && zone_whole(pointer, size, zone_end(size, size));
        return;
    }
    standing->used = look->state == MEMMAP_BLOCK_USED;
    bool fits = standing->used && size_fits(block, request, look);
    if (block->size_flags & MM_BLOCK_BY_HAND) {
        standing->right = standing->whole = standing->used;
        if (look->size < size) standing->held = look->size;
    } else if (fits) {
        standing->held = look->size;
        uint32_t end = zone_end(size, look->size);
        standing->zone = zone && zone_whole(pointer, size, end);
        standing->right = !zone || standing->zone || seal_at(pointer, size, end);
    } else {
        // Where it may have been resized past the probe, words that agree are those of another block.
        bool another = look->freed || (standing->used && look->agrees);
        standing->whole = false;
        standing->right = MM_TRUSTED || (zone && !another && sealed(pointer, size));
        if (!MM_TRUSTED) standing->held = 0;
        if (standing->right) standing->used = false;
    }
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

bool mm_zone_damaged(const mm_block_t *block, const mm_standing_t *standing, mm_damage_t *damage)
{
    const uint8_t *bytes = mm_pointer(block->address);
    uint32_t size = mm_block_size(block), end = zone_end(size, standing->held);
    damage->length = damage->count = 0;
    if (standing->zone) return false;
    for (uint32_t at = size; at < end - MM_WITNESS_BYTES; at++)
        if (bytes[at] != (MM_ZONE & 0xff)) note(damage, bytes, at);
    return damage->length != 0;
}

void mm_start_damage(const void *pointer, mm_damage_t *damage)
{
    const uint8_t *before = (const uint8_t *)pointer - 4;
    damage->offset = -4;
    damage->length = damage->count = 4;
    for (int i = 0; i < 4; i++) damage->bytes[i] = before[i];
}

// --- Poison ----------------------------------------------------------------------------------------------------------------------

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

// Words from one poisoned word to the next: all are up to MM_POISONED_WHOLE, above that 257 spread over the block's length.
enum { POISON_WORDS = MM_POISONED_WHOLE / 4 };
static uint32_t poison_step(uint32_t size) { return (size + 4 * POISON_WORDS - 1) / (4 * POISON_WORDS); }

void mm_poison(void *pointer, uint32_t size)
{
    uint32_t step = size <= MM_POISONED_WHOLE ? 1 : poison_step(size), last = (size - 1) & ~UINT32_C(3);
    if (size == 0) return;
    volatile uint32_t *word = pointer, *end = word + last / 4;
    if (step == 1)
        for (; end - word >= 4; word += 4) word[0] = word[1] = word[2] = word[3] = MM_POISON;
    for (; word < end; word += step) *word = MM_POISON;
    mm_fill((uint8_t *)pointer + last, size - last, MM_POISON);
}

// Of the word at `at`, which may be the last one and partial, what is not poison.
static uint32_t unlike_poison(const void *pointer, uint32_t size, uint32_t at)
{
    uint32_t wrong = ((const uint32_t *)pointer)[at / 4] ^ MM_POISON;
    return size - at < 4 ? wrong << 8 * (4 - (size - at)) : wrong;
}

bool mm_poison_whole(const void *pointer, uint32_t size, uint32_t *from)
{
    uint32_t step = size <= MM_POISONED_WHOLE ? 1 : poison_step(size), last = (size - 1) & ~UINT32_C(3);
    const uint32_t *words = pointer, *word = words + *from / 4, *end = words + last / 4;
    if (size == 0) return true;
    if ((uint32_t)(end - word) > MM_POISON_CHUNK * step) end = word + MM_POISON_CHUNK * step;
    uint32_t ones = MM_POISON, any = MM_POISON; // bits that are set in all of them, and in any
    if (step == 1)
        for (; end - word >= 4; word += 4) {
            ones &= word[0] & word[1] & word[2] & word[3];
            any |= word[0] | word[1] | word[2] | word[3];
        }
    for (; word < end; word += step) ones &= *word, any |= *word;
    *from = (uint32_t)(word - words) * 4;
    if (word < words + last / 4) return ones == any;
    *from = size;
    return ones == any && unlike_poison(pointer, size, last) == 0;
}

void mm_poison_damage(const void *pointer, uint32_t size, mm_damage_t *damage)
{
    const uint8_t *bytes = pointer;
    uint32_t step = 4 * poison_step(size), last = (size - 1) & ~UINT32_C(3);
    damage->length = damage->count = 0;
    for (uint32_t word = 0; word < size; word = word < last && word + step > last ? last : word + step)
        for (uint32_t at = word; at < word + 4 && at < size; at++)
            if (bytes[at] != (MM_POISON & 0xff)) note(damage, bytes, at);
}

#endif // MEMMAP_ENABLE
