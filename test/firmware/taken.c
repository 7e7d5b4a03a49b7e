// The table taken from the heap at run time: nothing is tracked before, all is afterwards, and it is as large as what is free allows.
#include "harness.h"

#include <string.h>

#include "table.h"

static size_t free_bytes(void) { return heap_caps_get_free_size(MEMMAP_TABLE_CAPS); }

static void nothing_is_tracked_before(void)
{
    void *early = TRACE_MALLOC(20, MALLOC_CAP_8BIT), *freed = TRACE_MALLOC(20, MALLOC_CAP_8BIT);
    TRACE_FREE(freed);
    memmap_check(0);
    list_allocations();
    CHECK_EQUAL(test_statistics().live_blocks, 0);
    CHECK_EQUAL(test_statistics().table_capacity, 0);
    CHECK_EQUAL(test_statistics().table_full, 0);
    CHECK(memmap_take_table());
    void *late = TRACE_MALLOC(20, MALLOC_CAP_8BIT);
    CHECK_EQUAL(test_statistics().live_blocks, 1);
    TRACE_FREE(early); // the heap gets what the probe does not know
    TRACE_FREE(late);
    CHECK_EQUAL(test_statistics().live_blocks, 0);
    CHECK_EQUAL(test_statistics().unknown_frees, 2);
    CHECK_EQUAL(test_statistics().faults, 0);
    CHECK(heap_caps_check_integrity_all(true));
}

static void it_is_sized_by_what_is_free(void)
{
    size_t before = free_bytes();
    memmap_options.table_share = 5;
    CHECK(memmap_take_table());
    size_t taken = before - free_bytes();
    uint32_t capacity = test_statistics().table_capacity;
    CHECK(taken <= before / 20 + 8 && (taken > before / 25 || capacity == CONFIG_MEMMAP_TABLE_CAPACITY));
    CHECK(capacity <= CONFIG_MEMMAP_TABLE_CAPACITY && capacity >= 16);
    CHECK(taken >= mm_table_bytes() && taken < mm_table_bytes() + 16 + mm_table_bytes() / 8);
#if CONFIG_MEMMAP_TABLE_FROM_PSRAM
    CHECK_EQUAL(mm_address(mm_blocks) >> 20, TEST_PSRAM_START >> 20);
#else
    CHECK_EQUAL(mm_address(mm_blocks) >> 17, TEST_DRAM_START >> 17);
#endif
    CHECK(memmap_take_table()); // it has one
    CHECK_EQUAL(before - free_bytes(), taken);
}

static void it_may_be_filled(void)
{
    static void *blocks[CONFIG_MEMMAP_TABLE_CAPACITY + 10];
    memmap_options = (memmap_options_t){.table_share = 3};
    CHECK(memmap_take_table());
    uint32_t capacity = test_statistics().table_capacity, count = capacity + 10;
    for (uint32_t round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < count; i++) CHECK((blocks[i] = TRACE_MALLOC(4, MALLOC_CAP_8BIT)) != NULL);
        CHECK_EQUAL(test_statistics().live_blocks, capacity);
        CHECK_EQUAL(test_statistics().table_full, 10 * (round + 1));
        for (uint32_t i = 0; i < count; i++) TRACE_FREE(blocks[round % 2 ? i : count - 1 - i]);
        CHECK_EQUAL(test_statistics().live_blocks, 0);
    }
    CHECK_EQUAL(test_statistics().faults, 0);
    CHECK(heap_caps_check_integrity_all(true));
}

// Too little for 16 blocks: asked again later, it may be had.
static void no_room_is_no_table(void)
{
    memmap_options.table_share = 0;
    CHECK(!memmap_take_table());
    void *block = TRACE_MALLOC(20, MALLOC_CAP_8BIT);
    TRACE_FREE(block);
    memmap_options.table_share = 10;
    CHECK(memmap_stream_start(NULL)); // takes it
    CHECK(test_statistics().table_capacity >= 16);
    memmap_print_cost();
    CHECK_LOG("memmap: from the heap now\n");
    CHECK_LOG(" blocks that the table holds\n");
}

static const test_case_t cases[] = {
    {"nothing is tracked before", nothing_is_tracked_before},
    {"it is sized by what is free", it_is_sized_by_what_is_free},
    {"it may be filled", it_may_be_filled},
    {"no room is no table", no_room_is_no_table},
};
TEST_MAIN(cases)
