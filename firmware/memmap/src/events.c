// Records of SPEC.md section 3, written straight into frame buffers in the critical section that changes the table, so that the
// order of the stream is the order of the table. Nothing here waits: without a free buffer an event is counted and gone.
#include "events.h"

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

static MM_TABLE struct {
    uint8_t *out, *end;          // in the open frame; both NULL: none is open
    uint32_t time, wraps;        // ticks of the newest record, and their upper half, which is the same in all of a frame
    uint32_t base[2], context, last_site;
    uint32_t opened;             // ticks
    uint32_t next, oldest, closed; // ring of frames: the open one is `next`
    uint16_t length[FRAMES];
    uint8_t frame[FRAMES][FRAME_BYTES];
} encoder;

MM_HOT void mm_events_close(void)
{
    if (!encoder.out) return;
    encoder.length[encoder.next] = (uint16_t)(encoder.out - encoder.frame[encoder.next]);
    encoder.out = encoder.end = NULL;
    encoder.next = encoder.next + 1 == FRAMES ? 0 : encoder.next + 1;
    encoder.closed++;
}

static MM_HOT MM_COLD uint8_t *open_frame(void)
{
    mm_events_close();
    if (encoder.closed == FRAMES) {
        if (!MEMMAP_SURVIVE || !mm.events.newest) return NULL;
        mm_events_release();
    }
    uint8_t *frame = encoder.frame[encoder.next];
    encoder.end = frame + FRAME_BYTES - MEMMAP_FRAME_CHECKSUM_BYTES;
    encoder.time = encoder.opened = (uint32_t)mm.events.now;
    encoder.wraps = (uint32_t)(mm.events.now >> 32);
    encoder.base[0] = encoder.base[1] = 0;
    encoder.context = 0;
    encoder.last_site = UINT32_MAX;
    return encoder.out = mm_put_varint64(mm_put_varint64(frame + MEMMAP_FRAME_HEADER_BYTES, mm_event_number()), mm.events.now);
}

static MM_INLINE uint8_t *put_varint(uint8_t *out, uint32_t value)
{
    for (; value >= 0x80; value >>= 7) *out++ = (uint8_t)(value | 0x80);
    *out++ = (uint8_t)value;
    return out;
}

// Where the next record goes, with room for `bytes`: in the open frame, or in a new one. NULL: no room now.
static MM_INLINE uint8_t *make_room(uint32_t bytes)
{
    mm.events.now = mm_now();
    bool fits = (uint32_t)(encoder.end - encoder.out) >= bytes && encoder.wraps == (uint32_t)(mm.events.now >> 32);
    return fits ? encoder.out : open_frame();
}

static MM_INLINE uint8_t *put_tag(uint8_t *out, uint32_t tag)
{
    uint32_t now = (uint32_t)mm.events.now, elapsed = now - encoder.time;
    encoder.time = now;
    if (elapsed < MEMMAP_DT_EXTENDED) {
        *out++ = (uint8_t)(tag | elapsed << MEMMAP_DT_SHIFT);
        return out;
    }
    *out++ = (uint8_t)(tag | MEMMAP_DT_EXTENDED << MEMMAP_DT_SHIFT);
    return put_varint(out, elapsed - MEMMAP_DT_EXTENDED);
}

// Behind the context that it is in.
static MM_INLINE uint8_t *put_context(uint8_t *out)
{
    if (!MM_SELDOM(mm.events.context != encoder.context)) return out;
    *out++ = MEMMAP_OP_CONTROL | MEMMAP_CONTROL_CONTEXT << MEMMAP_CONTROL_SHIFT;
    encoder.context = mm.events.context;
    return put_varint(out, mm.events.context);
}

static MM_INLINE uint32_t distance(uint32_t one, uint32_t other) { return one > other ? one - other : other - one; }

// SPEC.md section 9: the nearer base; a base not used yet rather than one that is far, so that internal RAM and PSRAM each keep one.
static MM_INLINE uint32_t pick_base(uint32_t words)
{
    uint32_t distance0 = distance(words, encoder.base[0]), distance1 = distance(words, encoder.base[1]);
    uint32_t nearer = distance1 < distance0 ? 1 : 0;
    if ((nearer ? distance1 : distance0) < MEMMAP_BASE_SPLIT_WORDS) return nearer;
    if (encoder.base[0] == 0) return 0;
    return encoder.base[1] == 0 ? 1 : nearer;
}

static MM_INLINE uint8_t *put_address(uint8_t *out, uint32_t words, uint32_t base)
{
    uint32_t before = encoder.base[base];
    encoder.base[base] = words;
    return put_varint(out, mm_zigzag((int32_t)(words - before)));
}

// Counts an event, and finds room for it. NULL where it is not written.
static MM_INLINE uint8_t *begin_event(void)
{
    uint8_t *out = NULL;
    if (MM_SPEED || mm.events.on) {
        out = make_room(RECORD_BYTES);
        if (MM_SELDOM(!out)) mm.events.dropped++;
        else out = put_context(out);
    }
    mm.events.count++; // after a frame was opened, whose first event this is
    return out;
}

// Tag (given without time and base), time and address; *base is the one it is relative to, `second` what base 1 adds to the tag.
static MM_INLINE uint8_t *put_head(uint8_t *out, uint32_t tag, uint32_t second, uint32_t address, uint32_t *base)
{
    uint32_t words = address >> 2;
    *base = pick_base(words);
    return put_address(put_tag(out, *base ? tag + second : tag), words, *base);
}

MM_HOT void mm_encode_alloc(uint32_t address, uint32_t size, uint32_t site)
{
    uint8_t *out = begin_event();
    if (!out) return;
    uint32_t tag = MEMMAP_OP_ALLOC, base;
    if ((size & 3) == 0) tag |= MEMMAP_FLAG_ALLOC_WORDS, size >>= 2;
    if (site == encoder.last_site) tag |= MEMMAP_FLAG_ALLOC_SAME_SITE;
    out = put_varint(put_head(out, tag, MEMMAP_FLAG_BASE, address, &base), size);
    if (site != encoder.last_site) out = put_varint(out, encoder.last_site = site);
    encoder.out = out;
}

// A free, or a realloc's begin, which has no site.
MM_HOT void mm_encode_end(uint32_t tag, uint32_t address, uint32_t site)
{
    uint8_t *out = begin_event();
    if (!out) return;
    uint32_t base;
    out = put_head(out, site ? tag | MEMMAP_FLAG_FREE_SITE : tag, MEMMAP_FLAG_BASE, address, &base);
    encoder.out = site ? put_varint(out, site) : out;
}

MM_HOT void mm_encode_realloc_end(uint32_t old_address, uint32_t new_address, uint32_t size, uint32_t site)
{
    uint8_t *out = begin_event();
    if (!out) return;
    uint32_t tag = MEMMAP_OP_REALLOC | MEMMAP_FLAG_REALLOC_END, base;
    out = put_head(out, new_address ? tag : tag | MEMMAP_FLAG_REALLOC_FAILED, MEMMAP_FLAG_BASE, old_address, &base);
    if (new_address) out = put_address(out, new_address >> 2, base);
    encoder.out = put_varint(put_varint(out, size), site);
}

bool mm_event_live(const mm_block_t *block)
{
    enum { TAG = MEMMAP_OP_CONTROL | MEMMAP_CONTROL_LIVE_BASE0 << MEMMAP_CONTROL_SHIFT,
           SECOND = (MEMMAP_CONTROL_LIVE_BASE1 - MEMMAP_CONTROL_LIVE_BASE0) << MEMMAP_CONTROL_SHIFT };
    uint8_t *out = make_room(RECORD_BYTES);
    if (!out) return false;
    uint32_t moving = block->size_flags & MM_BLOCK_MOVING ? 1 : 0, base;
    out = put_varint(put_head(out, TAG, SECOND, block->address, &base), mm_block_size(block));
    encoder.out = put_varint(put_varint(out, block->site), (uint32_t)block->task << 1 | moving);
    return true;
}

bool mm_event_extended(uint32_t code, const uint8_t *payload, uint32_t length)
{
    if (length > FRAME_BYTES - HEADER_BYTES - MEMMAP_FRAME_CHECKSUM_BYTES - EXTENDED_BYTES) return false;
    uint8_t *out = make_room(EXTENDED_BYTES + length);
    if (!out) return false;
    if (code == MEMMAP_EXTENDED_MARK) out = put_context(out);
    out = put_tag(out, MEMMAP_OP_CONTROL | MEMMAP_CONTROL_EXTENDED << MEMMAP_CONTROL_SHIFT);
    out = put_varint(put_varint(out, code), length);
    if (length != 0) memcpy(out, payload, length);
    encoder.out = out + length;
    return true;
}

uint8_t *mm_events_oldest(uint32_t *length)
{
    if (encoder.closed == 0) return NULL;
    *length = encoder.length[encoder.oldest];
    return encoder.frame[encoder.oldest];
}

const uint8_t *mm_events_closed(uint32_t index, uint32_t *length)
{
    if (index >= encoder.closed) return NULL;
    index = (encoder.oldest + index) % FRAMES;
    *length = encoder.length[index];
    return encoder.frame[index];
}

#if MEMMAP_SURVIVE
MM_HOT
#endif
void mm_events_release(void)
{
    encoder.oldest = encoder.oldest + 1 == FRAMES ? 0 : encoder.oldest + 1;
    encoder.closed--;
}

uint32_t mm_events_free_frames(void) { return FRAMES - encoder.closed; }

void mm_events_close_older(uint32_t ticks)
{
    uint64_t opened = (uint64_t)encoder.wraps << 32 | encoder.opened;
    if (encoder.out && mm_now() - opened >= ticks) mm_events_close();
}

void mm_events_reset(void)
{
    encoder.out = encoder.end = NULL;
    encoder.next = encoder.oldest = encoder.closed = 0;
}

uint32_t mm_events_bytes(void) { return sizeof encoder; }

#endif // MEMMAP_ENABLE
