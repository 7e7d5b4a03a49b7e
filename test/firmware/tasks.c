// Tasks and their numbers: one each, for ever while anything names it, and given out again afterwards.
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "table.h"
#include "tasks.h"

enum { CAPS = MALLOC_CAP_8BIT, MAIN = 0x3ffb8000 };

static uint32_t task_of(const void *block)
{
    uint32_t number = mm_table_find(mm_address(block)).number;
    CHECK(number != 0);
    return mm_blocks[number].task;
}

static void run_as(const void *control, const char *name)
{
    if (name) memmap_port_host_set_task_name((uintptr_t)control, name);
    memmap_port_host_set_context((uintptr_t)control, 0, false);
}

static void another_name_in_an_old_control_block_is_another_task(void)
{
    const void *control = (void *)0x3ffb9000; // static: nobody sees it freed
    run_as(control, "first");
    void *one = TRACE_MALLOC(10, CAPS);
    run_as((void *)MAIN, NULL);
    void *other = TRACE_MALLOC(10, CAPS);
    run_as(control, NULL);
    CHECK_EQUAL(task_of(TRACE_MALLOC(10, CAPS)), task_of(one)); // the same name: the same task
    run_as((void *)MAIN, NULL);
    TRACE_FREE(other);
    run_as(control, "second");
    void *two = TRACE_MALLOC(10, CAPS);
    CHECK(task_of(one) != task_of(two));
    CHECK(strcmp(mm_task_label(task_of(one)), "first") == 0);
    CHECK(strcmp(mm_task_label(task_of(two)), "second") == 0);
    CHECK(mm_task_at(task_of(one))->flags & MM_TASK_DELETED);
}

static uint64_t now = 1000000;

static void rest(void)
{
    for (int i = 0; i < 2000; i++) {
        memmap_port_host_set_time(now += 10000);
        memmap_drain();
    }
}

static bool swallow(const uint8_t *bytes, size_t length, void *context)
{
    (void)bytes, (void)length, (void)context;
    return true;
}

// Tasks that come and go: each has its own number and name although there were many times as many of them.
static void numbers_are_given_out_again(void)
{
    void *kept = NULL, *held = NULL;
    memmap_stream_start(&(memmap_transport_t){.write = swallow});
    for (uint32_t i = 0; i < 5 * CONFIG_MEMMAP_TASK_CAPACITY; i++) {
        char name[16];
        run_as((void *)MAIN, NULL);
        void *control = TRACE_MALLOC(360, CAPS);
        snprintf(name, sizeof name, "worker%u", (unsigned)i);
        run_as(control, name);
        void *block = TRACE_MALLOC(20, CAPS);
        CHECK(task_of(block) >= MEMMAP_TASK_NUMBER_FIRST);
        CHECK(strcmp(mm_task_label(task_of(block)), name) == 0);
        if (i == 3) kept = block;
        else TRACE_FREE(block);
        run_as((void *)MAIN, NULL);
        if (i == 5) held = control; // this task stays
        else TRACE_FREE(control);
        memmap_port_host_set_task_name((uintptr_t)control, "");
        if (i % (CONFIG_MEMMAP_TASK_CAPACITY / 4) != 0) continue;
        for (int j = 0; j < CONFIG_MEMMAP_FREED_HISTORY; j++) TRACE_FREE(TRACE_MALLOC(16, CAPS)); // what the history names goes
        rest();
    }
    CHECK(strcmp(mm_task_label(task_of(kept)), "worker3") == 0);
    run_as(held, "worker5");
    CHECK(strcmp(mm_task_label(task_of(TRACE_MALLOC(8, CAPS))), "worker5") == 0);
}

// A report that names a task keeps its number from being given out.
static void a_report_keeps_a_number(void)
{
    uint32_t victim = 0;
    memmap_stream_start(&(memmap_transport_t){.write = swallow});
    for (uint32_t i = 0; i < 2 * CONFIG_MEMMAP_TASK_CAPACITY; i++) {
        char name[16];
        run_as((void *)MAIN, NULL);
        void *control = TRACE_MALLOC(360, CAPS);
        snprintf(name, sizeof name, "worker%u", (unsigned)i);
        run_as(control, name);
        char *block = TRACE_MALLOC(20, CAPS);
        if (i == 2) {
            victim = task_of(block);
            block[20] = 1;
        }
        TRACE_FREE(block);
        run_as((void *)MAIN, NULL);
        TRACE_FREE(control);
        memmap_port_host_set_task_name((uintptr_t)control, "");
        for (int j = 0; j < CONFIG_MEMMAP_FREED_HISTORY; j++) TRACE_FREE(TRACE_MALLOC(16, CAPS));
        if (i % 8 == 0) rest();
    }
    CHECK_EQUAL(test_statistics().faults, 1);
    CHECK(strcmp(mm_task_label(victim), "worker2") == 0);
}

static const test_case_t cases[] = {
    {"another name in an old control block is another task", another_name_in_an_old_control_block_is_another_task},
    {"numbers are given out again", numbers_are_given_out_again},
    {"a report keeps a number", a_report_keeps_a_number},
};
TEST_MAIN(cases)
