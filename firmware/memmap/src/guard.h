// Red zones, poison, and what the heap says of a block (see guard.c).
#ifndef MEMMAP_GUARD_H
#define MEMMAP_GUARD_H

#include "sites.h"
#include "table.h"

typedef struct {
    int32_t offset;  // first damaged byte, from the block's start
    uint32_t length; // to the last damaged byte
    uint8_t count;   // bytes copied
    uint8_t bytes[16];
} mm_damage_t;

// MALLOC_CAP_EXEC: ESP-IDF 6 leaves the name out where no memory is executable.
#define MM_CAP_EXEC UINT32_C(1)

// Whether memory of such caps may be without byte access (ESP32: IRAM).
static MM_INLINE bool mm_words_only(uint32_t caps)
{
    return (caps & MALLOC_CAP_8BIT) == 0 && (caps & (MALLOC_CAP_32BIT | MM_CAP_EXEC)) != 0;
}
#define MM_ZONE UINT32_C(0xa5a5a5a5)

// Where every call comes by the probe, a record is right. Elsewhere the block may have been freed or resized past it at any time, so that the
// heap is asked first, and the red zone is longer: an overflow is only believed while the zone's end is whole. A plain free() writes there
// (the heap's own link is a free block's last word); so does whoever gets the memory then; and a plain realloc() to a size that covers
// less of the zone than its end gives the rest back to the heap, whose size word shows it.
#define MM_TRUSTED MEMMAP_INTERPOSE
#define MM_WITNESS_BYTES (MEMMAP_INTERPOSE || MEMMAP_HOOKS || CONFIG_MEMMAP_RED_ZONE_BYTES == 0 ? 0 : 16)
#define MM_ZONE_BYTES (CONFIG_MEMMAP_RED_ZONE_BYTES + MM_WITNESS_BYTES)

// Bytes asked for beyond `size`: the zone begins right behind the block and ends with a word.
static MM_INLINE uint32_t mm_zone_bytes(size_t size) { return (-(uint32_t)size & 3) + MM_ZONE_BYTES; }
void mm_zone_write(void *pointer, uint32_t size);

// Whether a block is as recorded and the heap can free it: its words around and the red zone are whole. What nearly all are, in a fraction of
// the time that mm_standing() takes, which tells the others apart.
bool mm_plainly_whole(const mm_block_t *block);

// What the heap's own words say of a block as it is recorded.
typedef struct {
    bool right;    // the record is: the block may be judged by it, and written to
    bool whole;    // the word before the block is whole
    bool used;     // the heap itself can take the pointer as a block to free
    bool zone;     // the red zone is whole, to its end
    uint32_t held; // bytes that may be written
    memmap_look_t look;
} mm_standing_t;
void mm_standing(const mm_block_t *block, mm_standing_t *standing);

// Whether the zone is damaged, and that proves a write past the end of a block that stands so.
bool mm_zone_damaged(const mm_block_t *block, const mm_standing_t *standing, mm_damage_t *damage);
void mm_start_damage(const void *pointer, mm_damage_t *damage); // the word before the block, as it is now
void mm_fill(void *pointer, uint32_t size, uint32_t word);
#define MM_POISON UINT32_C(0xfefefefe)
enum { MM_POISONED_WHOLE = 1024 }; // bytes up to which all of a block is
void mm_poison(void *pointer, uint32_t size);
enum { MM_POISON_CHUNK = 32 }; // words looked at in one go
// Looks at the next poisoned words from byte *from on, and moves that on; it is `size` at the end.
bool mm_poison_whole(const void *pointer, uint32_t size, uint32_t *from);
void mm_poison_damage(const void *pointer, uint32_t size, mm_damage_t *damage);

#endif // MEMMAP_GUARD_H
