// Marks, generations, lists and the console command.
#include "harness.h"

#include <stdio.h>
#include <string.h>

#define CAPS MALLOC_CAP_SPIRAM

static void leak(uint32_t count, uint32_t size)
{
    for (uint32_t i = 0; i < count; i++) CHECK(TRACE_MALLOC(size, CAPS) != NULL);
}

static void since_a_mark(void)
{
    leak(3, 100);
    memmap_mark("before");
    void *kept = TRACE_MALLOC(50, CAPS), *gone = TRACE_MALLOC(60, CAPS);
    TRACE_FREE(gone);
    memmap_mark("after");
    leak(1, 7);
    memmap_list_since("before");
    CHECK_EQUAL(test_log_lines(), 2);
    CHECK_LOG("size 50 bytes");
    CHECK_LOG("size 7 bytes");
    test_log_clear();
    memmap_top(MEMMAP_BY_SITE, "before", 0);
    CHECK_LOG("memmap: 57 bytes in 2 blocks from 2 sites, since mark before\n");
    CHECK_LOG("  50 bytes in 1 blocks, ");
    test_log_clear();
    memmap_top(MEMMAP_BY_SITE, "never", 0);
    CHECK_LOG("no mark \"never\"");
    TRACE_FREE(kept);
}

static void steady_growth_shows_in_many_generations(void)
{
    char name[24];
    for (int i = 0; i < 6; i++) {
        snprintf(name, sizeof name, "round %d", i);
        memmap_mark(name);
        leak(2, 10);
    }
    void *burst[12];
    for (int i = 0; i < 12; i++) burst[i] = TRACE_MALLOC(20, CAPS);
    memmap_top(MEMMAP_BY_SITE, NULL, 0);
    CHECK_LOG("memmap: 360 bytes in 24 blocks from 2 sites\n  240 bytes in 12 blocks, ");
    CHECK_LOG("(steady_growth_shows_in_many_generations), from 1 different times between marks\n");
    CHECK_LOG("(leak), from 6 different times between marks\n");
    for (int i = 0; i < 12; i++) TRACE_FREE(burst[i]);
}

// Generations have 8 bits: after 300 marks an old block must not look new.
static void old_blocks_stay_old(void)
{
    leak(1, 11);
    for (int i = 0; i < 600; i++) {
        memmap_mark("tick");
        if (i % 50 == 0) {
            test_log_clear();
            memmap_list_since("");
            CHECK_EQUAL(test_log_lines(), 0);
        }
    }
}

static void realloc_is_no_new_block(void)
{
    void *block = TRACE_MALLOC(10, CAPS);
    memmap_mark("m");
    block = TRACE_REALLOC(block, 500, CAPS);
    memmap_list_since("m");
    CHECK_EQUAL(test_log_lines(), 0);
    TRACE_FREE(block);
}

static void by_task(void)
{
    memmap_port_host_set_task_name(0x3ffb9000, "httpd");
    leak(2, 10);
    memmap_port_host_set_context(0x3ffb9000, 1, false);
    leak(5, 10);
    memmap_top(MEMMAP_BY_TASK, NULL, 1);
    CHECK_LOG("memmap: 70 bytes in 7 blocks from 2 tasks\n  50 bytes in 5 blocks, httpd, ");
    CHECK_EQUAL(test_log_lines(), 2);
}

// More sites than one pass sums up, and the right ones on top.
static void many_sites(void)
{
    for (int line = 1; line <= 60; line++)
        CHECK(traceable_heap_caps_malloc((size_t)(line * 37 % 61), CAPS, "a.c", line, "f") != NULL);
    memmap_top(MEMMAP_BY_SITE, NULL, 3);
    CHECK_LOG("memmap: 1830 bytes in 60 blocks from 60 sites\n  60 bytes in 1 blocks, ");
    CHECK_LOG("  59 bytes in 1 blocks, ");
    CHECK_LOG("  58 bytes in 1 blocks, ");
    CHECK_EQUAL(test_log_lines(), 4);
}

static int run(const char *line)
{
    static char copy[80];
    char *argv[8];
    int argc = 0;
    snprintf(copy, sizeof copy, "%s", line);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) argv[argc++] = word;
    test_log_clear();
    return memmap_console(argc, argv);
}

static void console_command(void)
{
    CHECK_EQUAL(run("memmap mark start"), 0);
    char *block = TRACE_MALLOC(33, CAPS);
    CHECK_EQUAL(run("memmap list"), 0);
    CHECK_LOG("size 33 bytes");
    CHECK_EQUAL(run("memmap list start"), 0);
    CHECK_LOG("size 33 bytes");
    CHECK_EQUAL(run("memmap top"), 0);
    CHECK_LOG("33 bytes in 1 blocks, ");
    CHECK_EQUAL(run("memmap top task"), 0);
    CHECK_LOG("1 blocks, main");
    CHECK_EQUAL(run("memmap leaks"), 0);
    CHECK_LOG("since mark ");
    block[33] = 0;
    CHECK_EQUAL(run("memmap check"), 0);
    CHECK_LOG("1 new faults\n");
    CHECK_EQUAL(run("memmap info"), 0);
    CHECK_LOG("live: 1 blocks, 33 bytes, peak 33 bytes, table of 2048\n");
    CHECK_EQUAL(run("memmap stream snapshot"), 0);
    CHECK_EQUAL(run("memmap nonsense"), 1);
    CHECK_LOG("memmap leaks [MARK]");
}

// A task's number ends with its control block, so that a later task at the same address gets its own name and number.
static void task_at_the_same_address(bool freed_unseen)
{
    memmap_options.quarantine = false;
    uintptr_t main_task = 0x3ffb8000;
    memmap_port_host_set_context(main_task, 0, false);
    void *first = TRACE_MALLOC(200, CAPS);
    memmap_port_host_set_task_name((uintptr_t)first, "first");
    memmap_port_host_set_context((uintptr_t)first, 0, false);
    leak(1, 10);
    memmap_port_host_set_context(main_task, 0, false);
    if (freed_unseen) heap_caps_free(first);
    else TRACE_FREE(first);
    void *second = TRACE_MALLOC(200, CAPS);
    CHECK(second == first);
    memmap_port_host_set_task_name((uintptr_t)second, "second");
    memmap_port_host_set_context((uintptr_t)second, 0, false);
    leak(1, 20);
    memmap_port_host_set_context(main_task, 0, false);
    memmap_top(MEMMAP_BY_TASK, NULL, 0);
    CHECK_LOG("  10 bytes in 1 blocks, first, ");
    CHECK_LOG("  20 bytes in 1 blocks, second, ");
}

static void deleted_task(void) { task_at_the_same_address(false); }
static void task_deleted_unseen(void) { task_at_the_same_address(true); }

static const test_case_t cases[] = {
    {"what was allocated since a mark and still lives", since_a_mark},
    {"steady growth shows in many generations", steady_growth_shows_in_many_generations},
    {"old blocks stay old", old_blocks_stay_old},
    {"a realloc is no new block", realloc_is_no_new_block},
    {"grouped by task", by_task},
    {"a task at a deleted one's address is another", deleted_task},
    {"also where the control block was freed unseen", task_deleted_unseen},
    {"many sites", many_sites},
    {"the console command", console_command},
};
TEST_MAIN(cases)
