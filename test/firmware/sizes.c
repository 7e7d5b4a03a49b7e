// Healthy blocks of every size, in regions of each of the heap's three kinds, resized, aligned and filled: nothing may be called damaged,
// though the heap rounds requests up. And what is seen of a size word of which one byte is wrong.
#include "harness.h"

#include <string.h>

#include "heap_port_host.h"
#include "report.h"

enum { BIG = MALLOC_CAP_SPIRAM, SMALL = MALLOC_CAP_RETENTION, MEDIUM = MALLOC_CAP_DMA };

static uint32_t random_state = 1;
static uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)random_state * limit >> 32);
}

static void add_regions(void)
{
    static const heap_region_t psram = {.caps = {BIG | MALLOC_CAP_8BIT}, .start = 0x48000000, .end = 0x48000000 + (13 << 20), .name = "PSRAM"};
    static const heap_region_t rtc = {.caps = {SMALL | MALLOC_CAP_8BIT}, .start = 0x50000000, .end = 0x50002000, .name = "RTC"};
    CHECK(heap_port_host_add(&psram) && heap_port_host_add(&rtc));
}

static void use(uint32_t size, uint32_t caps)
{
    void *block = TRACE_MALLOC(size, caps), *behind = TRACE_MALLOC(1 + random_below(100), caps);
    if (block) {
        memset(block, 'b', size);
        uint32_t next = 1 + random_below(2 * size);
        void *resized = TRACE_REALLOC(block, next, caps);
        if (resized) memset(block = resized, 'r', next);
    }
    TRACE_FREE(behind);
    CHECK_EQUAL(memmap_check(0), 0);
    TRACE_FREE(block);
    void *aligned = TRACE_ALIGNED_ALLOC(4u << random_below(9), size, caps);
    if (aligned) memset(aligned, 'a', size);
    TRACE_FREE(aligned);
    CHECK_EQUAL(test_statistics().faults, 0);
}

static void all_sizes_are_silent(void)
{
    add_regions();
    memmap_options.print_failures = false;
    for (int quarantine = 0; quarantine < 2; quarantine++)
        for (int zones = 0; zones < 2; zones++) {
            memmap_options.quarantine = quarantine;
            memmap_options.red_zones = zones;
            for (uint32_t size = 1; size <= 4 << 20; size += size < 700 ? 1 : 1 + random_below(size / 40)) {
                use(size, BIG);
                if (size < 6000) use(size, SMALL);
                if (size < 60000) use(size, MEDIUM);
            }
        }
    CHECK_EQUAL(test_statistics().stale_records, 0);
    CHECK(heap_caps_check_integrity_all(true));
}

// What heap_caps_get_allocated_size() answers may be filled.
static void the_size_that_the_heap_answers_may_be_filled(void)
{
    add_regions();
    for (uint32_t size = 1; size < 300; size++) {
        void *block = TRACE_MALLOC(size, BIG);
        memset(block, 'f', heap_caps_get_allocated_size(block));
        CHECK_EQUAL(memmap_check(0), 0);
        TRACE_FREE(block);
    }
    CHECK_EQUAL(test_statistics().faults, 0);
}

// Its low byte says up to 252 bytes more or less. What the heap may have left at a block or rounded it up to cannot be told from right.
static void low_byte_of_the_size_word(void)
{
    uint32_t seen = 0, planted = 0;
    add_regions();
    memmap_options.quarantine = false;
    for (uint32_t size = 1; size < 3000; size += 1 + size / 50)
        for (uint32_t change = 4; change < 256; change += 4) {
            uint8_t *block = TRACE_MALLOC(size, BIG), before = block[-4];
            block[-4] = (uint8_t)(block[-4] ^ change);
            seen += memmap_check(0);
            planted++;
            block[-4] = before;
            TRACE_FREE(block);
        }
    CHECK(seen > planted * 9 / 10);
}

static void memory_with_another_address(void)
{
    // Aliased D/IRAM: the word before the pointer is the other address, and the pointer lies in no region.
    static uint32_t words[20];
    memmap_look_t look;
    memmap_port_look(words + 1, &look);
    CHECK_EQUAL(look.state, MEMMAP_BLOCK_UNKNOWN);
    mm_block_t block = {.address = mm_address(words + 1), .size_flags = mm_size_flags(64, MM_BLOCK_WORDS)};
    mm_standing_t standing;
    mm_standing(&block, &standing);
    CHECK(standing.right && standing.whole && standing.used);
    CHECK_EQUAL(standing.held, 64);
}

static const test_case_t cases[] = {
    {"all sizes are silent", all_sizes_are_silent},
    {"the size that the heap answers may be filled", the_size_that_the_heap_answers_may_be_filled},
    {"the low byte of the size word", low_byte_of_the_size_word},
    {"memory with another address", memory_with_another_address},
};
TEST_MAIN(cases)
