// Where nothing is interposed, a block may have been freed or resized past the probe: what is written to it and said of it must be right for
// what the heap has there now.
#include "harness.h"

#include <string.h>

#include "freed.h"
#include "quarantine.h"

#define CAPS MALLOC_CAP_SPIRAM

static void freed_and_given_to_somebody_smaller(void)
{
    for (uint32_t first = 20; first < 400; first += 13)
        for (uint32_t second = 1; second < first; second += 11) {
            char *old = TRACE_MALLOC(first, CAPS);
            heap_caps_free(old);
            char *block = heap_caps_malloc(second, CAPS), *neighbour = heap_caps_malloc(second, CAPS);
            memset(block, 'B', second);
            memset(neighbour, 'N', second);
            free_unregister_allocation((void **)&block);
            for (uint32_t i = 0; i < second; i++) CHECK_EQUAL(neighbour[i], 'N');
            CHECK(heap_caps_check_integrity_all(true));
            heap_caps_free(neighbour);
        }
    CHECK_EQUAL(test_statistics().faults, 0);
    CHECK(test_statistics().stale_records > 0);
    CHECK_EQUAL(test_statistics().live_blocks, 0);
}

// The heap has it back already.
static void freed_twice_by_two_ways(void)
{
    for (int i = 0; i < 20; i++) {
        void *block = TRACE_MALLOC(40, CAPS), *behind = TRACE_MALLOC(40, CAPS);
        heap_caps_free(block);
        TRACE_FREE(block);
        CHECK(heap_caps_check_integrity_all(true));
        TRACE_FREE(behind);
    }
    CHECK_EQUAL(test_statistics().faults, 0);
}

static void check_after_free_says_nothing(void)
{
    for (uint32_t size = 1; size < 300; size++) {
        char *block = TRACE_MALLOC(size, CAPS), *kept = TRACE_MALLOC(size, CAPS);
        heap_caps_free(block);
        CHECK_EQUAL(memmap_check(0), 0);
        char *other = heap_caps_malloc(1 + size * 7 % 310, CAPS);
        memset(other, 'o', 1 + size * 7 % 310);
        CHECK_EQUAL(memmap_check(0), 0);
        heap_caps_free(other);
        TRACE_FREE(kept);
    }
    CHECK_EQUAL(test_statistics().faults, 0);
}

// In place or moved, the program may fill what it has got.
static void check_after_realloc_says_nothing(void)
{
    for (uint32_t size = 1; size < 200; size++)
        for (uint32_t by = 1; by < 60; by += 1 + by / 3) {
            char *block = TRACE_MALLOC(size, CAPS);
            block = heap_caps_realloc(block, size + by, CAPS);
            memset(block, 'r', size + by);
            CHECK_EQUAL(memmap_check(0), 0);
            void *moved = TRACE_REALLOC(block, 2 * size + by, CAPS);
            CHECK(moved != NULL);
            memset(moved, 'm', 2 * size + by);
            TRACE_FREE(moved);
            CHECK(heap_caps_check_integrity_all(true));
        }
    CHECK_EQUAL(test_statistics().faults, 0);
}

static void realloc_of_a_block_that_is_gone(void)
{
    void *block = TRACE_MALLOC(100, CAPS);
    heap_caps_free(block);
    CHECK(TRACE_REALLOC(block, 200, CAPS) == NULL);
    CHECK_EQUAL(test_statistics().live_blocks, 0);
    CHECK_EQUAL(test_statistics().faults, 0);
    CHECK(heap_caps_check_integrity_all(true));
}

// Freed past the probe while it was in quarantine.
static void quarantine_asks_as_well(void)
{
    for (int i = 0; i < 20; i++) {
        void *block = TRACE_MALLOC(64, CAPS);
        TRACE_FREE(block);
        heap_caps_free(block);
        void *other = heap_caps_malloc(30, CAPS);
        memset(other, 'o', 30);
        mm_quarantine_trim(0);
        CHECK(heap_caps_check_integrity_all(true));
        memset(other, 'o', 30);
        heap_caps_free(other);
    }
    CHECK_EQUAL(test_statistics().faults, 0);
}

// What stands beyond the size by hand is not the program's, and a block is not damaged because that size is wrong.
static void sizes_given_by_hand(void)
{
    for (size_t claimed = 10; claimed < 2000; claimed += 55) {
        char *block = heap_caps_malloc(100, CAPS), *neighbour = heap_caps_malloc(100, CAPS);
        memset(neighbour, 'N', 100);
        register_allocation((MemoryTraceInfo){.file = "a.c", .line = 1, .function = "f", .size = claimed, .address = block});
        CHECK_EQUAL(memmap_check(0), 0);
        free_unregister_allocation((void **)&block);
        for (int i = 0; i < 100; i++) CHECK_EQUAL(neighbour[i], 'N');
        CHECK(heap_caps_check_integrity_all(true));
        heap_caps_free(neighbour);
    }
    CHECK_EQUAL(test_statistics().faults, 0);
}

static void faults_are_still_found(void)
{
    for (uint32_t size = 1; size < 100; size++) {
        char *block = TRACE_MALLOC(size, CAPS);
        block[size + size % 8] ^= 0x11;
        CHECK_EQUAL(memmap_check(0), 1);
        TRACE_FREE(block);
        CHECK_EQUAL(test_statistics().faults, size);
    }
}

static const test_case_t cases[] = {
    {"freed and given to somebody smaller", freed_and_given_to_somebody_smaller},
    {"freed twice by two ways", freed_twice_by_two_ways},
    {"a check after free says nothing", check_after_free_says_nothing},
    {"a check after realloc says nothing", check_after_realloc_says_nothing},
    {"realloc of a block that is gone", realloc_of_a_block_that_is_gone},
    {"quarantine asks as well", quarantine_asks_as_well},
    {"sizes given by hand", sizes_given_by_hand},
    {"faults are still found", faults_are_still_found},
};
TEST_MAIN(cases)
