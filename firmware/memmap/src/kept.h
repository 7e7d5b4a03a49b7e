// What a panic leaves for the next boot: whole frames in memory that a reset does not clear. CONFIG_MEMMAP_SURVIVE.
#ifndef MEMMAP_KEPT_H
#define MEMMAP_KEPT_H

#include "frame.h"

#if MEMMAP_ENABLE && MEMMAP_SURVIVE

typedef struct {
    uint32_t magic, length, checksum; // of `frames`
    uint8_t frames[CONFIG_MEMMAP_SURVIVE_BYTES]; // each: u16 length, then the frame without its wire form
} mm_kept_t;
extern mm_kept_t mm_kept;

// At boot, before the first allocation: what is there counts only if its checksum is right. From here on events are encoded.
void mm_kept_boot(void);

// The next frame that the boot before has left; NULL past the last one, and then all are forgotten.
const uint8_t *mm_kept_next(uint32_t *length);

// For the panic: an empty store; where the next frame goes, and how many bytes it may have; how many it has; the end.
void mm_kept_begin(void);
uint8_t *mm_kept_place(uint32_t *room);
void mm_kept_add(uint32_t length);
void mm_kept_end(void);

#endif

#endif // MEMMAP_KEPT_H
