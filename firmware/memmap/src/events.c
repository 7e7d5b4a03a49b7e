// Records of SPEC.md section 3, written straight into frame buffers in the critical section that changes the table, so that the
// order of the stream is the order of the table. Nothing here waits: without a free buffer an event is counted and gone.
#include "internal.h"

#if MEMMAP_ENABLE

enum {
    FRAMES = CONFIG_MEMMAP_FRAME_COUNT,
    FRAME_BYTES = CONFIG_MEMMAP_FRAME_BYTES,
    HEADER_BYTES = 4 + 5 + 8,  // frame header, event number, time
    RECORD_BYTES = 3 + 24,     // CONTEXT and the longest record: REALLOC with END
    EXTENDED_BYTES = 3 + 1 + 5 + 5 + 5 // CONTEXT, tag and time, code, length
};

MM_CHECK(frame_count, FRAMES >= 2 && FRAMES <= 255);
MM_CHECK(frame_bytes, FRAME_BYTES >= 256 && FRAME_BYTES <= 512 && FRAME_BYTES <= MEMMAP_MAX_FRAME_BYTES);
MM_CHECK(tick_shift, CONFIG_MEMMAP_TICK_SHIFT >= 0 && CONFIG_MEMMAP_TICK_SHIFT <= 10);

MM_TABLE mm_events_t mm_events;

static MM_TABLE struct {
    uint8_t *out, *end; // in the open frame; out == NULL: none is open
    uint64_t time, opened;
    uint32_t base[2], context, last_site;
    uint32_t next, oldest, closed; // ring of frames: the open one is `next`
    uint16_t length[FRAMES];
    uint8_t frame[FRAMES][FRAME_BYTES];
} encoder;

MM_HOT void mm_events_close(void)
{
    if (!encoder.out) return;
    encoder.length[encoder.next] = (uint16_t)(encoder.out - encoder.frame[encoder.next]);
    encoder.out = NULL;
    encoder.next = encoder.next + 1 == FRAMES ? 0 : encoder.next + 1;
    encoder.closed++;
}

static MM_HOT bool open_frame(uint64_t now)
{
    if (encoder.closed == FRAMES) return false;
    uint8_t *frame = encoder.frame[encoder.next];
    encoder.out = mm_put_varint64(mm_put_varint(frame + MEMMAP_FRAME_HEADER_BYTES, mm_event_number()), now);
    encoder.end = frame + FRAME_BYTES - MEMMAP_FRAME_CHECKSUM_BYTES;
    encoder.time = encoder.opened = now;
    encoder.base[0] = encoder.base[1] = 0;
    encoder.context = 0;
    encoder.last_site = UINT32_MAX;
    return true;
}

// Room for `bytes` in the open frame, or in a new one. Ticks since the previous record go to *elapsed.
static MM_HOT bool make_room(uint32_t bytes, uint32_t *elapsed)
{
    uint64_t now = mm_now();
    if (encoder.out) {
        uint64_t since = now - encoder.time;
        if ((uint32_t)(encoder.end - encoder.out) < bytes || since > UINT32_MAX) mm_events_close();
        else *elapsed = (uint32_t)since;
    }
    if (!encoder.out) {
        if (!open_frame(now)) return false;
        *elapsed = 0;
    }
    encoder.time = now;
    return true;
}

static inline void put_tag(uint32_t tag, uint32_t elapsed)
{
    if (elapsed < MEMMAP_DT_EXTENDED) {
        *encoder.out++ = (uint8_t)(tag | elapsed << MEMMAP_DT_SHIFT);
    } else {
        *encoder.out++ = (uint8_t)(tag | MEMMAP_DT_EXTENDED << MEMMAP_DT_SHIFT);
        encoder.out = mm_put_varint(encoder.out, elapsed - MEMMAP_DT_EXTENDED);
    }
}

static inline uint32_t distance(uint32_t one, uint32_t other) { return one > other ? one - other : other - one; }

// SPEC.md section 9: the nearer base; a base not used yet rather than one that is far, so that internal RAM and PSRAM each keep one.
static inline uint32_t pick_base(uint32_t words)
{
    uint32_t distance0 = distance(words, encoder.base[0]), distance1 = distance(words, encoder.base[1]);
    uint32_t nearer = distance1 < distance0 ? 1 : 0;
    if ((nearer ? distance1 : distance0) < MEMMAP_BASE_SPLIT_WORDS) return nearer;
    if (encoder.base[0] == 0) return 0;
    return encoder.base[1] == 0 ? 1 : nearer;
}

static inline void put_address(uint32_t words, uint32_t base)
{
    encoder.out = mm_put_varint(encoder.out, mm_zigzag((int32_t)(words - encoder.base[base])));
    encoder.base[base] = words;
}

static inline uint32_t base_flag(uint32_t base) { return base ? MEMMAP_FLAG_BASE : 0; }

static inline void put_context(void)
{
    if (mm_events.context == encoder.context) return;
    put_tag(MEMMAP_OP_CONTROL | MEMMAP_CONTROL_CONTEXT << MEMMAP_CONTROL_SHIFT, 0);
    encoder.out = mm_put_varint(encoder.out, mm_events.context);
    encoder.context = mm_events.context;
}

// False where the event cannot be written.
static MM_HOT bool start_event(uint32_t *elapsed)
{
    if (!make_room(RECORD_BYTES, elapsed)) {
        mm_events.dropped++;
        return false;
    }
    put_context();
    return true;
}

MM_HOT void mm_encode_alloc(uint32_t address, uint32_t size, uint32_t site)
{
    uint32_t elapsed;
    if (!start_event(&elapsed)) return;
    uint32_t words = address >> 2, base = pick_base(words);
    uint32_t flags = base_flag(base);
    if ((size & 3) == 0) flags |= MEMMAP_FLAG_ALLOC_WORDS;
    if (site == encoder.last_site) flags |= MEMMAP_FLAG_ALLOC_SAME_SITE;
    put_tag(MEMMAP_OP_ALLOC | flags, elapsed);
    put_address(words, base);
    encoder.out = mm_put_varint(encoder.out, (size & 3) == 0 ? size >> 2 : size);
    if (site != encoder.last_site) encoder.out = mm_put_varint(encoder.out, site);
    encoder.last_site = site;
}

MM_HOT void mm_encode_free(uint32_t address, bool unknown, uint32_t site)
{
    uint32_t elapsed;
    if (!start_event(&elapsed)) return;
    uint32_t words = address >> 2, base = pick_base(words);
    uint32_t flags = base_flag(base);
    if (unknown) flags |= MEMMAP_FLAG_FREE_UNKNOWN;
    if (site) flags |= MEMMAP_FLAG_FREE_SITE;
    put_tag(MEMMAP_OP_FREE | flags, elapsed);
    put_address(words, base);
    if (site) encoder.out = mm_put_varint(encoder.out, site);
}

MM_HOT void mm_encode_realloc_begin(uint32_t address)
{
    uint32_t elapsed;
    if (!start_event(&elapsed)) return;
    uint32_t words = address >> 2, base = pick_base(words);
    put_tag(MEMMAP_OP_REALLOC | base_flag(base), elapsed);
    put_address(words, base);
}

MM_HOT void mm_encode_realloc_end(uint32_t old_address, uint32_t new_address, uint32_t size, uint32_t site)
{
    uint32_t elapsed;
    if (!start_event(&elapsed)) return;
    uint32_t words = old_address >> 2, base = pick_base(words);
    put_tag(MEMMAP_OP_REALLOC | MEMMAP_FLAG_REALLOC_END | base_flag(base), elapsed);
    put_address(words, base);
    put_address(new_address >> 2, base);
    encoder.out = mm_put_varint(mm_put_varint(encoder.out, size), site);
}

MM_HOT void mm_encode_realloc_failed(uint32_t address, uint32_t size, uint32_t site)
{
    uint32_t elapsed;
    if (!start_event(&elapsed)) return;
    uint32_t words = address >> 2, base = pick_base(words);
    put_tag(MEMMAP_OP_REALLOC | MEMMAP_FLAG_REALLOC_END | MEMMAP_FLAG_REALLOC_FAILED | base_flag(base), elapsed);
    put_address(words, base);
    encoder.out = mm_put_varint(mm_put_varint(encoder.out, size), site);
}

bool mm_event_live(const mm_block_t *block)
{
    uint32_t elapsed;
    if (!make_room(RECORD_BYTES, &elapsed)) return false;
    uint32_t words = block->address >> 2, base = pick_base(words);
    uint32_t code = base ? MEMMAP_CONTROL_LIVE_BASE1 : MEMMAP_CONTROL_LIVE_BASE0;
    uint32_t moving = block->size_flags & MM_BLOCK_MOVING ? 1 : 0;
    put_tag(MEMMAP_OP_CONTROL | code << MEMMAP_CONTROL_SHIFT, elapsed);
    put_address(words, base);
    encoder.out = mm_put_varint(mm_put_varint(encoder.out, mm_block_size(block)), block->site);
    encoder.out = mm_put_varint(encoder.out, (uint32_t)block->task << 1 | moving);
    return true;
}

bool mm_event_extended(uint32_t code, const uint8_t *payload, uint32_t length)
{
    uint32_t elapsed;
    if (length > FRAME_BYTES - HEADER_BYTES - MEMMAP_FRAME_CHECKSUM_BYTES - EXTENDED_BYTES) return false;
    if (!make_room(EXTENDED_BYTES + length, &elapsed)) return false;
    if (code == MEMMAP_EXTENDED_MARK) put_context();
    put_tag(MEMMAP_OP_CONTROL | MEMMAP_CONTROL_EXTENDED << MEMMAP_CONTROL_SHIFT, elapsed);
    encoder.out = mm_put_varint(mm_put_varint(encoder.out, code), length);
    for (uint32_t i = 0; i < length; i++) *encoder.out++ = payload[i];
    return true;
}

uint8_t *mm_events_oldest(uint32_t *length)
{
    if (encoder.closed == 0) return NULL;
    *length = encoder.length[encoder.oldest];
    return encoder.frame[encoder.oldest];
}

void mm_events_release(void)
{
    encoder.oldest = encoder.oldest + 1 == FRAMES ? 0 : encoder.oldest + 1;
    encoder.closed--;
}

uint32_t mm_events_free_frames(void) { return FRAMES - encoder.closed; }

void mm_events_close_older(uint32_t ticks)
{
    if (encoder.out && mm_now() - encoder.opened >= ticks) mm_events_close();
}

void mm_events_reset(void)
{
    encoder.out = NULL;
    encoder.next = encoder.oldest = encoder.closed = 0;
}

#endif // MEMMAP_ENABLE
