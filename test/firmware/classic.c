// The classic API: its program unchanged, its text, and each defect that the original had.
#include "harness.h"
#include "report.h"
#include "sites.h"
#include "table.h"
#include "tasks.h"

#include <stdlib.h>
#include <string.h>

#include "heap_regions.h"

void app_main(void);

static void original_program_runs_unchanged(void)
{
    app_main();
    CHECK_EQUAL(test_log_lines(), 1);
    CHECK_LOG("Memory allocated at 0x3f");
    CHECK_LOG(", caps 0x4, size 256 bytes, in ");
    CHECK_LOG("classic-program.c, line 8, function app_main, variable unknown\n");
    CHECK_EQUAL(test_statistics().live_blocks, 0);
    CHECK_EQUAL(test_statistics().unknown_frees, 0);
}

static void semaphore_may_stay_null(void)
{
    memorySemaphore = NULL;
    void *block = TRACE_MALLOC(10, MALLOC_CAP_8BIT);
    CHECK(block != NULL);
    free_unregister_allocation(&block);
    CHECK(block == NULL);
}

static void variable_is_known_where_the_macro_is_told(void)
{
    char *buffer;
    TRACE_MALLOC_VAR(buffer, 20, MALLOC_CAP_8BIT);
    list_allocations();
    CHECK_LOG("function variable_is_known_where_the_macro_is_told, variable buffer\n");
    TRACE_REALLOC_VAR(buffer, 40, MALLOC_CAP_8BIT);
    char *kept = buffer;
    CHECK(TRACE_REALLOC_VAR(buffer, 64 << 20, MALLOC_CAP_8BIT) == NULL);
    CHECK(buffer == kept);
    int *numbers;
    TRACE_CALLOC_VAR(numbers, 4, sizeof(int), MALLOC_CAP_8BIT);
    CHECK_EQUAL(numbers[3], 0);
    test_log_clear();
    list_allocations();
    CHECK_LOG("size 40 bytes");
    CHECK_LOG("variable numbers\n");
}

static void functions_exist_beside_the_macros(void)
{
    void (*release)(void **) = free_unregister_allocation;
    void (*unregister)(void *) = unregister_allocation;
    void *block = traceable_heap_caps_malloc(100, MALLOC_CAP_8BIT, "driver.c", 12, "open_driver");
    void *other = traceable_heap_caps_calloc(3, 5, MALLOC_CAP_8BIT, "driver.c", 13, "open_driver");
    list_allocations();
    CHECK_LOG("size 100 bytes, in driver.c, line 12, function open_driver, variable unknown\n");
    CHECK_LOG("size 15 bytes, in driver.c, line 13, function open_driver, variable unknown\n");
    block = traceable_heap_caps_realloc(block, 200, MALLOC_CAP_8BIT, "driver.c", 14, "open_driver");
    release(&block);
    CHECK(block == NULL);
    unregister(other);
    CHECK_EQUAL(test_statistics().live_blocks, 0);
    heap_caps_free(other);
    release(NULL);
}

static void registered_blocks_are_listed(void)
{
    void *mine = heap_caps_malloc(77, MALLOC_CAP_8BIT);
    register_allocation((MemoryTraceInfo){.file = "mine.c", .line = 3, .function = "make", .size = 77,
                                          .caps = MALLOC_CAP_8BIT, .address = mine, .var_name = "mine"});
    list_allocations();
    CHECK_LOG("caps 0x4, size 77 bytes, in mine.c, line 3, function make, variable mine\n");
    register_allocation((MemoryTraceInfo){.file = "mine.c", .line = 4, .failure = 1, .address = mine});
    CHECK_EQUAL(test_statistics().live_blocks, 1);
    free_unregister_allocation(&mine);
    CHECK_EQUAL(test_statistics().live_blocks, 0);
    CHECK_EQUAL(test_statistics().faults, 0);
}

// A failure in the classic words, with every region that could have served it.
static void failures_are_logged(void)
{
    CHECK(TRACE_MALLOC(300 << 10, MALLOC_CAP_DMA | MALLOC_CAP_8BIT) == NULL);
    CHECK_LOG("Capturing memory snapshot for region: MALLOC_CAP_8BIT | MALLOC_CAP_DMA\n");
    CHECK_LOG("Failed to allocate 307200 bytes for heap_caps_malloc in failures_are_logged at ");
    CHECK_LOG("  At 0x3ffb0000 len 131072 free ");
    CHECK(strstr(test_log_text(), "0x40080000") == NULL);
    CHECK_EQUAL(test_statistics().failures, 1);
    test_log_clear();
    log_memory_allocation((MemoryTraceInfo){"a.c", 5, "f", 99, "heap_caps_malloc", MALLOC_CAP_SPIRAM, 1, NULL, NULL});
    CHECK_LOG("Capturing memory snapshot for region: MALLOC_CAP_SPIRAM\nFailed to allocate 99 bytes for heap_caps_malloc in f at a.c:5\n");
    test_log_clear();
    log_memory_allocation((MemoryTraceInfo){"a.c", 5, "f", 99, "heap_caps_malloc", MALLOC_CAP_SPIRAM, 0, NULL, NULL});
    CHECK_LOG("Snapshot, nothing has failed: 99 bytes for heap_caps_malloc in f at a.c:5\n");
    memmap_options.print_failures = false;
    test_log_clear();
    CHECK(TRACE_MALLOC(300 << 10, MALLOC_CAP_DMA) == NULL);
    CHECK_EQUAL(test_log_lines(), 0);
}

static void memory_info_has_its_lines(void)
{
    print_memory_info("Boot");
    CHECK_EQUAL(test_log_lines(), 9);
    CHECK_LOG("Boot - Total free heap: ");
    CHECK_LOG("Boot - Free internal memory (DRAM): ");
    CHECK_LOG("Boot - Free retention memory (RTC fast): 0 bytes\n");
}

// Malloc of nothing is no failure; free of nothing is nothing; realloc covers both.
static void empty_requests_are_what_esp_idf_makes_them(void)
{
    CHECK(TRACE_MALLOC(0, MALLOC_CAP_8BIT) == NULL);
    CHECK(TRACE_CALLOC(0, 4, MALLOC_CAP_8BIT) == NULL);
    void *block = TRACE_REALLOC(NULL, 30, MALLOC_CAP_8BIT);
    CHECK(block != NULL);
    CHECK(TRACE_REALLOC(block, 0, MALLOC_CAP_8BIT) == NULL);
    TRACE_FREE(NULL);
    void *aligned = TRACE_ALIGNED_ALLOC(64, 100, MALLOC_CAP_8BIT);
    CHECK_EQUAL((uintptr_t)aligned % 64, 0);
    TRACE_FREE(aligned);
    memmap_statistics_t now = test_statistics();
    CHECK_EQUAL(now.live_blocks, 0);
    CHECK_EQUAL(now.failures, 0);
    CHECK_EQUAL(now.unknown_frees, 0);
}

// --- The ten defects of the original ---------------------------------------------------------------------------------------

static void defect_1_table_takes_nothing_from_the_heap(void)
{
    memmap_options.quarantine = false;
    size_t before = heap_caps_get_free_size(MALLOC_CAP_SPIRAM);
    void *blocks[500];
    for (int i = 0; i < 500; i++) blocks[i] = TRACE_MALLOC(16, MALLOC_CAP_SPIRAM);
    // 16 bytes, their red zone, and the heap's own 4.
    CHECK_EQUAL(before - heap_caps_get_free_size(MALLOC_CAP_SPIRAM), 500 * (16 + MM_ZONE_BYTES + 4));
    for (int i = 0; i < 500; i++) TRACE_FREE(blocks[i]);
    CHECK_EQUAL(heap_caps_get_free_size(MALLOC_CAP_SPIRAM), before);
}

static void defect_3_interrupts_and_startup_may_allocate(void)
{
    memmap_port_host_set_context(0, 0, false); // before the scheduler
    void *early = TRACE_MALLOC(10, MALLOC_CAP_8BIT);
    memmap_port_host_set_context(0x3ffb8000, 0, true); // in an interrupt
    void *interrupt = TRACE_MALLOC(10, MALLOC_CAP_8BIT);
    CHECK(TRACE_MALLOC(8 << 20, MALLOC_CAP_8BIT) == NULL);
    CHECK_EQUAL(test_log_lines(), 0); // nothing is printed from an interrupt
    free_unregister_allocation(&early);
    free_unregister_allocation(&interrupt);
    memmap_port_host_set_context(0x3ffb8000, 0, false);
    list_allocations();
    CHECK_LOG("Failed to allocate 8388608 bytes");
    CHECK_EQUAL(test_statistics().live_blocks, 0);
}

static void defect_4_calloc_checks_for_overflow(void)
{
    CHECK(TRACE_CALLOC(0x10001, 0x10000, MALLOC_CAP_8BIT) == NULL); // 0x10000 when cut to 32 bits
    CHECK_EQUAL(test_statistics().failures, 1);
    CHECK_LOG("Failed to allocate 65537 x 65536 bytes for heap_caps_calloc in ");
    CHECK_LOG(": more than the address space\n");
}

static void defect_5_failed_realloc_keeps_the_old_record(void)
{
    char *block = TRACE_MALLOC(100, MALLOC_CAP_8BIT);
    strcpy(block, "still here");
    CHECK(TRACE_REALLOC(block, 64 << 20, MALLOC_CAP_8BIT) == NULL);
    list_allocations();
    CHECK_LOG("size 100 bytes");
    CHECK_EQUAL(test_statistics().live_blocks, 1);
    CHECK(strcmp(block, "still here") == 0);
    free_unregister_allocation((void **)&block);
    CHECK_EQUAL(test_statistics().live_blocks, 0);
}

static void defect_6_realloc_in_place_updates_the_size(void)
{
    memmap_options.quarantine = false;
    uint8_t *block = TRACE_MALLOC(32, MALLOC_CAP_8BIT), *grown = TRACE_REALLOC(block, 256, MALLOC_CAP_8BIT);
    CHECK(grown == block); // the case is about this
    CHECK_EQUAL(test_statistics().live_bytes, 256);
    memset(grown, 0x5e, 256);
    free_unregister_allocation((void **)&grown);
    for (int i = 8; i < 256; i++) CHECK_EQUAL(block[i], 0); // past the heap's own links in a free block
}

static void defect_7_double_frees_and_overflows_are_found(void)
{
    char *block = TRACE_MALLOC(24, MALLOC_CAP_8BIT), *again = block;
    block[24] = 'x';
    free_unregister_allocation((void **)&block);
    free_unregister_allocation((void **)&again);
    CHECK_EQUAL(test_statistics().faults, 2);
}

static void defect_8_frees_elsewhere_leave_no_stale_record(void)
{
    void *block = TRACE_MALLOC(40, MALLOC_CAP_8BIT);
    heap_caps_free(block);
#if MEMMAP_INTERPOSE
    CHECK_EQUAL(test_statistics().live_blocks, 0);
#else
    // Without interposition the probe learns of it when the heap gives out the address again.
    void *next = TRACE_MALLOC(40, MALLOC_CAP_8BIT);
    CHECK(next == block);
    CHECK_EQUAL(test_statistics().live_blocks, 1);
    CHECK_EQUAL(test_statistics().stale_records, 1);
#endif
}

static void defect_9_all_capabilities_are_named(void)
{
    char names[200];
    CHECK(strcmp(memmap_caps_names(MALLOC_CAP_8BIT | MALLOC_CAP_DMA | MALLOC_CAP_INTERNAL, names, sizeof names),
                 "MALLOC_CAP_8BIT | MALLOC_CAP_DMA | MALLOC_CAP_INTERNAL") == 0);
    CHECK(strcmp(memmap_caps_names(1u << 30 | 1, names, sizeof names), "MALLOC_CAP_EXEC | 0x40000000") == 0);
    CHECK(strcmp(memmap_caps_names(UINT32_MAX, names, 12), "MALLOC_CAP_") == 0);
}

static const char *file_name = __FILE__;
static void defect_10_const_and_plain_strings_are_taken(void)
{
    char plain[] = "plain.c";
    void *first = traceable_heap_caps_malloc(8, MALLOC_CAP_8BIT, file_name, 1, __func__);
    void *second = traceable_heap_caps_malloc(8, MALLOC_CAP_8BIT, plain, 1, plain);
    CHECK(first && second);
}

static void full_table_is_counted_loss(void)
{
    void *blocks[CONFIG_MEMMAP_TABLE_CAPACITY + 10];
    for (int i = 0; i < CONFIG_MEMMAP_TABLE_CAPACITY + 10; i++) blocks[i] = TRACE_MALLOC(12, MALLOC_CAP_8BIT);
    CHECK_EQUAL(test_statistics().live_blocks, CONFIG_MEMMAP_TABLE_CAPACITY);
    CHECK_EQUAL(test_statistics().table_full, 10);
    list_allocations();
    CHECK_LOG("not in these numbers: 10 allocations for which the table of ");
    for (int i = 0; i < CONFIG_MEMMAP_TABLE_CAPACITY + 10; i++) free_unregister_allocation(&blocks[i]);
    CHECK_EQUAL(test_statistics().live_blocks, 0);
    CHECK_EQUAL(test_statistics().unknown_frees, 10);
    CHECK_EQUAL(test_statistics().faults, 0);
    CHECK(heap_caps_check_integrity_all(true));
}

// Somebody has written over the table and its indexes: chains that lead elsewhere, into themselves or out of the table, numbers of sites and
// tasks that there are not. Every call ends, or this case would not, nothing outside is read, or the sanitizers would say so, and the heap
// stays whole.
static void damaged_tables_end(void)
{
    enum { BLOCKS = 400 };
    void *blocks[BLOCKS];
    uint32_t random = 1;
    for (int i = 0; i < BLOCKS; i++) {
        memmap_port_host_set_context(0x3ffb9000 + 0x100 * ((uintptr_t)i % 30), 0, false);
        blocks[i] = TRACE_MALLOC(12, MALLOC_CAP_8BIT);
        if (i % 30 == 1) TRACE_FREE(heap_caps_malloc(8, MALLOC_CAP_8BIT));
    }
    for (uintptr_t i = 1; i < 30; i++) mm_task_forget(0x3ffb9000 + 0x100 * i);
    memmap_port_host_set_context(0x3ffb9000, 0, false);
    for (int round = 0; round < 60; round++) {
        bool inside = round < 20;
        for (uint32_t i = 0; i < MM_TABLE_CHAINS; i++) {
            random = random * 1664525u + 1013904223u;
            uint32_t number = inside ? 1 + (random >> 8) % CONFIG_MEMMAP_TABLE_CAPACITY : (random >> 8) % 65536;
            if (random >> 30 == 0) mm_table_chains[i] = (uint16_t)number;
            if (random >> 30 == 1) mm_table_set_next(1 + i % BLOCKS, number);
            if (random >> 30 == 2) mm_table_set_next(1 + i % BLOCKS, 1 + i % BLOCKS);
            if (random >> 30 == 3 && round % 10 == 9) mm_blocks[1 + i % BLOCKS].origin ^= random >> 2;
            if (round % 20 == 19) mm_site_index[i % MM_SITE_INDEX] = (uint16_t)number;
        }
        mm.table.free_list = random >> 16;
        for (int i = round % 3; i < BLOCKS; i += 3) {
            if (i % 2) TRACE_FREE(blocks[i]);
            else blocks[i] = TRACE_REALLOC(blocks[i], 12 + (unsigned)round, MALLOC_CAP_8BIT);
            if (i % 2) blocks[i] = TRACE_MALLOC(12, MALLOC_CAP_8BIT);
        }
        memmap_check(0);
        for (int i = 0; i < 200; i++) {
            memmap_port_host_set_time((uint64_t)(200 * round + i) * 50000);
            memmap_drain();
        }
    }
    list_allocations();
    memmap_top(MEMMAP_BY_SITE, NULL, 0);
    memmap_top(MEMMAP_BY_TASK, NULL, 0);
    CHECK(heap_caps_check_integrity_all(true));
}

static void recording_can_be_paused(void)
{
    void *before = TRACE_MALLOC(10, MALLOC_CAP_8BIT);
    debug_track_allocation = false;
    void *during = TRACE_MALLOC(10, MALLOC_CAP_8BIT);
    CHECK_EQUAL(test_statistics().live_blocks, 1);
    free_unregister_allocation(&before);
    free_unregister_allocation(&during);
    CHECK_EQUAL(test_statistics().live_blocks, 0);
    CHECK_EQUAL(test_statistics().faults, 0);
}

static const test_case_t cases[] = {
    {"original program runs unchanged", original_program_runs_unchanged},
    {"the semaphore may stay NULL", semaphore_may_stay_null},
    {"the variable is known where the macro is told", variable_is_known_where_the_macro_is_told},
    {"functions exist beside the macros", functions_exist_beside_the_macros},
    {"registered blocks are listed", registered_blocks_are_listed},
    {"failures are logged", failures_are_logged},
    {"memory info has its lines", memory_info_has_its_lines},
    {"empty requests are what ESP-IDF makes them", empty_requests_are_what_esp_idf_makes_them},
    {"defects 1 and 2: the table takes nothing from the heap", defect_1_table_takes_nothing_from_the_heap},
    {"defect 3: interrupts and startup may allocate", defect_3_interrupts_and_startup_may_allocate},
    {"defect 4: calloc checks for overflow", defect_4_calloc_checks_for_overflow},
    {"defect 5: a failed realloc keeps the old record", defect_5_failed_realloc_keeps_the_old_record},
    {"defect 6: realloc in place updates the size", defect_6_realloc_in_place_updates_the_size},
    {"defect 7: double frees and overflows are found", defect_7_double_frees_and_overflows_are_found},
    {"defect 8: frees elsewhere leave no stale record", defect_8_frees_elsewhere_leave_no_stale_record},
    {"defect 9: all capabilities are named", defect_9_all_capabilities_are_named},
    {"defect 10: const and plain strings are taken", defect_10_const_and_plain_strings_are_taken},
    {"a full table is counted loss", full_table_is_counted_loss},
    {"damaged tables end", damaged_tables_end},
    {"recording can be paused", recording_can_be_paused},
};
TEST_MAIN(cases)
