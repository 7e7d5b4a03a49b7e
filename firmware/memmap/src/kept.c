// The store of frames that outlives a reset (see kept.h). After power-on it holds anything: magic, length and checksum must all be right.
#include "kept.h"

#if MEMMAP_ENABLE && MEMMAP_SURVIVE

enum { LENGTH_BYTES = 2 };
#define MAGIC UINT32_C(0x4b4d4d01)

MM_CHECK(room_for_a_run, CONFIG_MEMMAP_SURVIVE_BYTES >= 2048 && CONFIG_MEMMAP_SURVIVE_BYTES <= 65536);

#if defined(ESP_PLATFORM)
__NOINIT_ATTR
#endif
mm_kept_t mm_kept;

static struct {
    bool valid;
    uint32_t next; // offset of the next frame
} reading;

void mm_kept_boot(void)
{
    reading.valid = mm_kept.magic == MAGIC && mm_kept.length <= sizeof mm_kept.frames &&
                    mm_kept.checksum == mm_crc32(mm_kept.frames, mm_kept.length);
    reading.next = 0;
    mm.events.on = mm.events.started = mm.events.newest = true;
}

const uint8_t *mm_kept_next(uint32_t *length)
{
    if (!reading.valid) return NULL;
    const uint8_t *from = mm_kept.frames + reading.next;
    *length = reading.next + LENGTH_BYTES <= mm_kept.length ? from[0] | (uint32_t)from[1] << 8 : 0;
    reading.next += LENGTH_BYTES + *length;
    if (*length != 0 && reading.next <= mm_kept.length) return from + LENGTH_BYTES;
    reading.valid = false; // all are sent
    mm_kept.magic = 0;
    return NULL;
}

void mm_kept_begin(void)
{
    reading.valid = false;
    mm_kept.magic = mm_kept.length = 0;
}

uint8_t *mm_kept_place(uint32_t *room)
{
    uint32_t used = mm_kept.length + LENGTH_BYTES;
    *room = used < sizeof mm_kept.frames ? (uint32_t)sizeof mm_kept.frames - used : 0;
    return mm_kept.frames + used;
}

void mm_kept_add(uint32_t length)
{
    mm_kept.frames[mm_kept.length] = (uint8_t)length;
    mm_kept.frames[mm_kept.length + 1] = (uint8_t)(length >> 8);
    mm_kept.length += LENGTH_BYTES + length;
}

void mm_kept_end(void)
{
    mm_kept.checksum = mm_crc32(mm_kept.frames, mm_kept.length);
    mm_kept.magic = MAGIC;
}

#endif // MEMMAP_ENABLE && MEMMAP_SURVIVE
