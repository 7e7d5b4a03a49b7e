// Calls that fail: one report and one call of the application's callback for each, however many attempts ESP-IDF makes.
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "report.h"

enum { TOO_MUCH = 8 << 20, CAPS = MALLOC_CAP_8BIT };

static struct {
    uint32_t calls;
    size_t size;
    uint32_t caps;
    const char *function;
} told;

static void application(size_t size, uint32_t caps, const char *function)
{
    told.calls++;
    told.size = size;
    told.caps = caps;
    told.function = function;
}

static mm_failure_t newest(void)
{
    mm_failure_t failure;
    CHECK(mm_failure_get(mm_failure_count(), &failure));
    return failure;
}

static void expect(uint32_t failures, size_t size, uint32_t caps, const char *function)
{
    CHECK_EQUAL(test_statistics().failures, failures);
    CHECK_EQUAL(told.calls, failures);
    CHECK_EQUAL(told.size, size);
    CHECK_EQUAL(told.caps, caps);
    CHECK(strcmp(told.function, function) == 0);
    CHECK_EQUAL(newest().caps, caps);
    CHECK(newest().site != 0);
}

static void macros_do_as_esp_idf_does(void)
{
    heap_caps_register_failed_alloc_callback(application);
    char *block = TRACE_MALLOC(10, CAPS);
    CHECK(!TRACE_MALLOC(TOO_MUCH, CAPS));
    expect(1, TOO_MUCH, CAPS, "heap_caps_malloc");
    CHECK(!TRACE_CALLOC(TOO_MUCH / 4, 4, CAPS));
    expect(2, TOO_MUCH, CAPS, "heap_caps_calloc");
    CHECK(!TRACE_REALLOC(block, TOO_MUCH, CAPS));
    expect(3, TOO_MUCH, CAPS, "heap_caps_realloc");
    CHECK(!TRACE_ALIGNED_ALLOC(64, TOO_MUCH, CAPS));
    expect(4, TOO_MUCH, CAPS, "heap_caps_aligned_alloc");
    CHECK_EQUAL(newest().alignment, 64);
    CHECK_EQUAL(newest().size, TOO_MUCH);
    CHECK(!TRACE_MALLOC(0, CAPS));
    CHECK_EQUAL(told.calls, 4);
    TRACE_FREE(block);
    CHECK_EQUAL(test_statistics().live_blocks, 0);
}

static void a_product_that_overflows_is_one_failure(void)
{
    heap_caps_register_failed_alloc_callback(application);
    CHECK(!TRACE_CALLOC(SIZE_MAX / 4, 8, CAPS));
    CHECK_EQUAL(told.calls, 1);
    CHECK_EQUAL(newest().reason, MEMMAP_FAILURE_REASON_SIZE_OVERFLOW);
#if MEMMAP_INTERPOSE
    CHECK(!heap_caps_calloc(SIZE_MAX / 4, 8, CAPS));
    CHECK_EQUAL(told.calls, 2);
    CHECK_EQUAL(test_statistics().failures, 2);
    CHECK_EQUAL(newest().reason, MEMMAP_FAILURE_REASON_SIZE_OVERFLOW);
    CHECK_EQUAL(newest().size, 8);
#endif
}

#if MEMMAP_INTERPOSE
static void unmodified_code_is_reported_once(void)
{
    CHECK(!heap_caps_malloc(TOO_MUCH, CAPS)); // nobody has registered anything
    CHECK_EQUAL(test_statistics().failures, 1);
    CHECK_EQUAL(newest().size, TOO_MUCH);
    CHECK(heap_caps_register_failed_alloc_callback(NULL) != ESP_OK);
    CHECK_EQUAL(heap_caps_register_failed_alloc_callback(application), ESP_OK);
    told.calls = 1;
    CHECK(!heap_caps_calloc(TOO_MUCH, 1, CAPS));
    expect(2, TOO_MUCH, CAPS, "heap_caps_calloc");
    void *block = heap_caps_malloc(16, CAPS);
    CHECK(!heap_caps_realloc(block, TOO_MUCH, CAPS));
    expect(3, TOO_MUCH, CAPS, "heap_caps_realloc");
    CHECK(!heap_caps_aligned_alloc(32, TOO_MUCH, CAPS));
    expect(4, TOO_MUCH, CAPS, "heap_caps_aligned_alloc");
    CHECK_EQUAL(newest().alignment, 32);
    heap_caps_free(block);
    mm_site_t site;
    CHECK(mm_site_get(newest().site, &site));
    CHECK_EQUAL(site.method, MEMMAP_METHOD_ALIGNED_ALLOC);
    CHECK(site.callers[0] != 0);
}

static void only_the_last_attempt_counts(void)
{
    heap_caps_register_failed_alloc_callback(application);
    // Internal memory has 128 KiB, PSRAM 1 MiB.
    void *block = heap_caps_malloc_prefer(500000, 2, MALLOC_CAP_INTERNAL | CAPS, MALLOC_CAP_SPIRAM);
    CHECK(block);
    CHECK_EQUAL(test_statistics().failures, 0);
    CHECK_EQUAL(told.calls, 0);
    CHECK(!heap_caps_malloc_prefer(TOO_MUCH, 2, MALLOC_CAP_INTERNAL | CAPS, MALLOC_CAP_SPIRAM));
    expect(1, TOO_MUCH, MALLOC_CAP_SPIRAM, "heap_caps_malloc_prefer");
    CHECK(!heap_caps_realloc_prefer(block, TOO_MUCH, 3, MALLOC_CAP_INTERNAL | CAPS, CAPS, MALLOC_CAP_SPIRAM));
    expect(2, TOO_MUCH, MALLOC_CAP_SPIRAM, "heap_caps_realloc_prefer");
    heap_caps_free(block);

    heap_caps_malloc_extmem_enable(16384);
    CHECK(block = heap_caps_malloc_default(200000));
    heap_caps_free(block);
    for (int i = 0; i < 8; i++) CHECK(heap_caps_malloc(16000, MALLOC_CAP_INTERNAL | CAPS) || i == 7);
    uint32_t before = test_statistics().failures;
    CHECK_EQUAL(before, told.calls);
    CHECK(heap_caps_malloc_default(16000)); // internal memory is full: PSRAM
    CHECK_EQUAL(test_statistics().failures, before);
    CHECK(!heap_caps_malloc_default(TOO_MUCH));
    expect(before + 1, TOO_MUCH, MALLOC_CAP_DEFAULT, "heap_caps_malloc_default");
}

// Another task fails between one task's refusal and its callback: each report has its own task's size.
static void tasks_are_told_apart(void)
{
    CHECK(!heap_caps_malloc_base(TOO_MUCH + 1, CAPS));
    memmap_port_host_set_context(0x3ffb9000, 0, false);
    CHECK(!heap_caps_aligned_alloc(16, TOO_MUCH + 2, CAPS));
    CHECK_EQUAL(newest().size, TOO_MUCH + 2);
    memmap_port_host_set_context(0x3ffb9000, 0, true);
    CHECK(!heap_caps_malloc(TOO_MUCH + 3, CAPS));
    CHECK_EQUAL(newest().size, TOO_MUCH + 3);
    CHECK_EQUAL(newest().alignment, 0);
    CHECK_EQUAL(mm_context_task(newest().context), MEMMAP_TASK_NUMBER_INTERRUPT);
    CHECK_EQUAL(test_statistics().failures, 2);
}

// ESP-IDF refuses what is larger than all memory before it asks the heap: what an earlier call's first attempt was is not taken for it.
static void a_call_refused_at_once_is_its_own_failure(void)
{
    void *block = heap_caps_malloc_prefer(500000, 2, MALLOC_CAP_INTERNAL | CAPS, MALLOC_CAP_SPIRAM);
    CHECK(block);
    CHECK(!heap_caps_aligned_alloc(16, 32 << 20, CAPS));
    CHECK_EQUAL(test_statistics().failures, 1);
    CHECK_EQUAL(newest().size, 32 << 20);
#if MEMMAP_DIRECT_CALLERS
    CHECK(newest().site != 0);
#else
    CHECK_EQUAL(newest().site, 0); // nobody of ours was called
#endif
}

static void an_empty_array_is_no_failure(void)
{
    heap_caps_register_failed_alloc_callback(application);
    CHECK(!heap_caps_calloc(0, 8, CAPS)); // ESP-IDF calls the callback, some versions at least
    CHECK_EQUAL(test_statistics().failures, 0);
}
#endif

#ifndef CONFIG_HEAP_ABORT_WHEN_ALLOCATION_FAILS
#define CONFIG_HEAP_ABORT_WHEN_ALLOCATION_FAILS 0
#endif
static void stops_where_configured(void)
{
    CHECK(!TRACE_MALLOC(TOO_MUCH, CAPS));
    CHECK(!CONFIG_HEAP_ABORT_WHEN_ALLOCATION_FAILS);
}

static const test_case_t cases[] = {
    {"macros do as ESP-IDF does", macros_do_as_esp_idf_does},
    {"a product that overflows is one failure", a_product_that_overflows_is_one_failure},
#if MEMMAP_INTERPOSE
    {"unmodified code is reported once", unmodified_code_is_reported_once},
    {"only the last attempt counts", only_the_last_attempt_counts},
    {"tasks are told apart", tasks_are_told_apart},
    {"a call refused at once is its own failure", a_call_refused_at_once_is_its_own_failure},
    {"an empty array is no failure", an_empty_array_is_no_failure},
#endif
    {"stops where configured", stops_where_configured},
};
TEST_MAIN(cases)
