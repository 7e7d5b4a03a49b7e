// Hook mode: the heap's two hooks, called as ESP-IDF does, also for what the macros ask for.
#include "harness.h"

void esp_heap_trace_alloc_hook(void *pointer, size_t size, uint32_t caps);
void esp_heap_trace_free_hook(void *pointer);

static void blocks_of_others_are_seen(void)
{
    void *block = heap_caps_malloc(100, MALLOC_CAP_8BIT);
    esp_heap_trace_alloc_hook(block, 100, MALLOC_CAP_8BIT);
    CHECK_EQUAL(test_statistics().live_bytes, 100);
    memmap_top(MEMMAP_BY_SITE, NULL, 0);
    CHECK_LOG("  100 bytes in 1 blocks, an unknown place, ");
    heap_caps_free(block);
    esp_heap_trace_free_hook(block);
    CHECK_EQUAL(test_statistics().live_blocks, 0);
}

// The hook comes first, the macro's record replaces what it entered; on free the macro comes first.
static void macros_count_once(void)
{
    void *block = heap_caps_malloc(20, MALLOC_CAP_8BIT);
    esp_heap_trace_alloc_hook(block, 20, MALLOC_CAP_8BIT);
    register_allocation((MemoryTraceInfo){.file = "a.c", .line = 1, .function = "f", .size = 20, .caps = MALLOC_CAP_8BIT, .address = block});
    CHECK_EQUAL(test_statistics().live_blocks, 1);
    memmap_options.quarantine = false;
    TRACE_FREE(block);
    esp_heap_trace_free_hook(block);
    memmap_statistics_t now = test_statistics();
    CHECK_EQUAL(now.live_blocks, 0);
    CHECK_EQUAL(now.unknown_frees, 0);
    CHECK_EQUAL(now.stale_records, 0);
}

// realloc that moves: the hooks say nothing of the old address, which is found stale when it is given out again.
static void moved_blocks_are_found_stale(void)
{
    char a[16], b[16];
    esp_heap_trace_alloc_hook(a, 16, 0);
    esp_heap_trace_alloc_hook(b, 32, 0); // a has moved to b
    esp_heap_trace_alloc_hook(a, 8, 0);  // and its memory belongs to another
    CHECK_EQUAL(test_statistics().live_blocks, 2);
    CHECK_EQUAL(test_statistics().live_bytes, 40);
}

static const test_case_t cases[] = {
    {"blocks of others are seen", blocks_of_others_are_seen},
    {"the macros count once", macros_count_once},
    {"moved blocks are found stale", moved_blocks_are_found_stale},
};
TEST_MAIN(cases)
