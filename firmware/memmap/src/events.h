// Records into frame buffers (see events.c).
#ifndef MEMMAP_EVENTS_H
#define MEMMAP_EVENTS_H

#include "frame.h"
#include "table.h"

// All (lock). Events are counted always and written while the stream is on; mm_encode_* are for the functions below.
void mm_encode_alloc(uint32_t address, uint32_t size, uint32_t site);
void mm_encode_end(uint32_t tag, uint32_t address, uint32_t site);
void mm_encode_realloc_end(uint32_t old_address, uint32_t new_address, uint32_t size, uint32_t site);
// False: no room now.
bool mm_event_live(const mm_block_t *block);
bool mm_event_extended(uint32_t code, const uint8_t *payload, uint32_t length);

// Where the compiler works for speed, calls are saved while the stream is off; else mm_encode_* look themselves.
static MM_ALWAYS_INLINE bool mm_event_only_counted(void)
{
    if (!MM_SPEED || mm.events.on) return false;
    mm.events.count++;
    return true;
}
static MM_ALWAYS_INLINE void mm_event_alloc(uint32_t address, uint32_t size, uint32_t site)
{
    if (!mm_event_only_counted()) mm_encode_alloc(address, size, site);
}
static MM_ALWAYS_INLINE void mm_event_free(uint32_t address, bool unknown, uint32_t site)
{
    if (!mm_event_only_counted()) mm_encode_end(MEMMAP_OP_FREE | (unknown ? MEMMAP_FLAG_FREE_UNKNOWN : 0), address, site);
}
static MM_ALWAYS_INLINE void mm_event_realloc_begin(uint32_t address)
{
    if (!mm_event_only_counted()) mm_encode_end(MEMMAP_OP_REALLOC, address, 0);
}
// new_address 0: failed.
static MM_ALWAYS_INLINE void mm_event_realloc_end(uint32_t old_address, uint32_t new_address, uint32_t size, uint32_t site)
{
    if (!mm_event_only_counted()) mm_encode_realloc_end(old_address, new_address, size, site);
}

// Number on the wire of the next event.
static MM_INLINE uint32_t mm_event_number(void) { return mm.events.started ? mm.events.count - mm.events.first : 0; }

// (lock) Frames: closes the one being filled; the oldest closed one, whose bytes stay untouched until it is released.
void mm_events_close(void);
uint8_t *mm_events_oldest(uint32_t *length);
void mm_events_release(void);
const uint8_t *mm_events_closed(uint32_t index, uint32_t *length); // the one so many behind the oldest; NULL: there is none
uint32_t mm_events_free_frames(void);
void mm_events_close_older(uint32_t ticks); // closes the one being filled if it was begun so long ago
void mm_events_reset(void);   // forgets all frames
uint32_t mm_events_bytes(void);

#endif // MEMMAP_EVENTS_H
