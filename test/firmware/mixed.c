// A healthy program of random calls: nothing of its data changes, nobody is accused and the heap stays whole. Where nothing is interposed, a
// third of the calls go past the probe, so that any record may be of a block that is gone, resized or somebody else's; options change meanwhile.
#include "harness.h"

#include <string.h>

#include "table.h"

enum { LIVE = 300, CALLS = 40000 };

static struct {
    uint8_t *pointer, fill;
    uint32_t size;
} live[LIVE];
static uint32_t state;

static uint32_t random_number(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static uint32_t any_caps(void)
{
    static const uint32_t caps[] = {MALLOC_CAP_SPIRAM, MALLOC_CAP_8BIT, MALLOC_CAP_DMA, MALLOC_CAP_SPIRAM | MALLOC_CAP_8BIT};
    return caps[random_number() % 4];
}

static void change_options(void)
{
    memmap_options.red_zones = random_number() & 1;
    memmap_options.quarantine = random_number() & 1;
    memmap_options.check_start = random_number() & 1;
    memmap_options.remember_frees = random_number() & 1;
    memmap_options.zero_on_free = random_number() & 1;
    memmap_options.free_sites = random_number() & 1;
    memmap_options.sample_interval = random_number() % 4 ? 1 : 5;
    debug_track_allocation = random_number() % 8 != 0;
}

static void *allocate(uint32_t size, bool past)
{
    uint32_t caps = any_caps();
    switch (random_number() % 4) {
        case 0: return past ? heap_caps_calloc(1, size, caps) : TRACE_CALLOC(1, size, caps);
        case 1: return past ? heap_caps_aligned_alloc(32, size, caps) : TRACE_ALIGNED_ALLOC(16u << random_number() % 4, size, caps);
        default: return past ? heap_caps_malloc(size, caps) : TRACE_MALLOC(size, caps);
    }
}

static void release(void *pointer, bool past)
{
    if (past) heap_caps_free(pointer);
    else TRACE_FREE(pointer);
}

static void check_bytes(const uint8_t *pointer, uint32_t size, uint8_t fill)
{
    for (uint32_t i = 0; i < size; i++) CHECK_EQUAL(pointer[i], fill);
}

static void run(uint32_t seed, bool options)
{
    state = seed * 2654435761u | 1;
    for (int call = 0; call < CALLS; call++) {
        if (options && random_number() % 64 == 0) change_options();
        if (random_number() % 32 == 0)
            memmap_port_host_set_context(random_number() % 4 == 0 ? 0 : 0x3ffb8000 + random_number() % 3 * 0x400,
                                         (uint8_t)(random_number() % 2), random_number() % 5 == 0);
        if (random_number() % 200 == 0) memmap_check(random_number() % 2 ? 0 : 16);
        uint32_t i = random_number() % LIVE, size = 1 + random_number() % (random_number() % 8 == 0 ? 3000 : 120);
        bool past = !MEMMAP_INTERPOSE && random_number() % 3 == 0;
        if (!live[i].pointer) {
            live[i].pointer = allocate(size, past);
        } else {
            check_bytes(live[i].pointer, live[i].size, live[i].fill);
            if (random_number() % 3 != 0) {
                release(live[i].pointer, past);
                live[i].pointer = NULL;
                continue;
            }
            uint32_t caps = any_caps();
            uint8_t *moved = past ? heap_caps_realloc(live[i].pointer, size, caps) : TRACE_REALLOC(live[i].pointer, size, caps);
            if (!moved) continue;
            check_bytes(moved, live[i].size < size ? live[i].size : size, live[i].fill);
            live[i].pointer = moved;
        }
        if (!live[i].pointer) continue;
        live[i].size = size;
        live[i].fill = (uint8_t)random_number();
        memset(live[i].pointer, live[i].fill, size);
    }
    memmap_port_host_set_context(0x3ffb8000, 0, false);
    memmap_check(0);
    CHECK_EQUAL(test_statistics().faults, 0);
    CHECK(heap_caps_check_integrity_all(true));
}

static void as_configured(void) { run(3, false); }
static void with_options_that_change(void)
{
    for (uint32_t seed = 4; seed < 7; seed++) run(seed, true);
}

static const test_case_t cases[] = {
    {"as configured", as_configured},
    {"with options that change", with_options_that_change},
};
TEST_MAIN(cases)
