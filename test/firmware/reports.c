// Where and how reports are printed: never where nobody may wait for a lock, by one task at a time, and never of what printing itself
// does.
#define _DEFAULT_SOURCE
#include "harness.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TOO_MUCH = 8 << 20, CAPS = MALLOC_CAP_8BIT };

static void fail_and_damage(void)
{
    char *block = TRACE_MALLOC(24, CAPS);
    block[24] = 'x';
    CHECK(!TRACE_MALLOC(TOO_MUCH, CAPS));
    TRACE_FREE(block);
}

// The harness's sink fails the test where it is called with interrupts off.
static void a_critical_section_is_no_place_to_print(void)
{
    memmap_port_host_critical(true);
    fail_and_damage();
    memmap_port_host_critical(false);
    CHECK_EQUAL(test_statistics().failures, 1);
    CHECK_EQUAL(test_statistics().faults, 1);
    CHECK_EQUAL(test_log_lines(), 0);
    memmap_drain(); // no stream is needed for this
    CHECK_LOG("Failed to allocate 8388608 bytes for heap_caps_malloc in fail_and_damage at ");
    CHECK_LOG("write past the end");
    size_t lines = test_log_lines();
    memmap_drain();
    CHECK_EQUAL(test_log_lines(), lines);
}

static void what_waits_is_printed_by_whoever_comes(void)
{
    static void (*const places[])(void) = {list_allocations, fail_and_damage};
    for (size_t i = 0; i < 4; i++) {
        test_log_clear();
        memmap_port_host_set_context(0x3ffb8000, 0, true);
        fail_and_damage();
        memmap_port_host_set_context(0x3ffb8000, 0, false);
        CHECK_EQUAL(test_log_lines(), 0);
        if (i < 2) places[i]();
        else if (i == 2) memmap_check(1);
        else memmap_top(MEMMAP_BY_SITE, NULL, 1);
        CHECK_LOG("Failed to allocate");
        CHECK_LOG("write past the end");
    }
}

static int depth, deepest, calls;

static void greedy_sink(memmap_log_kind_t kind, const char *line, size_t length, void *context)
{
    (void)kind, (void)line, (void)length, (void)context;
    calls++;
    if (++depth > deepest) deepest = depth;
    fail_and_damage();
    depth--;
}

static void a_sink_that_fails_is_not_called_for_that(void)
{
    memmap_set_log_sink(greedy_sink, NULL);
    fail_and_damage();
    int lines = calls;
    CHECK_EQUAL(deepest, 1);
    CHECK(lines > 0 && lines < 20);
    CHECK_EQUAL(test_statistics().failures, 1 + (uint32_t)lines); // all are counted
    for (int i = 0; i < 10; i++) memmap_drain();
    CHECK_EQUAL(calls, lines);
}

static atomic_int printing, printed;

static void slow_sink(memmap_log_kind_t kind, const char *line, size_t length, void *context)
{
    (void)kind, (void)length, (void)context;
    CHECK_EQUAL(atomic_fetch_add(&printing, 1), 0);
    usleep(100);
    if (strncmp(line, "Failed", 6) == 0) atomic_fetch_add(&printed, 1);
    atomic_fetch_add(&printing, -1);
}

static void *fail_often(void *argument)
{
    memmap_port_host_set_context((uintptr_t)argument, (uint8_t)((uintptr_t)argument >> 8 & 1), false);
    for (int i = 0; i < 40; i++) {
        CHECK(!TRACE_MALLOC(TOO_MUCH, CAPS));
        usleep(300);
    }
    return NULL;
}

static void one_task_prints_at_a_time(void)
{
    pthread_t threads[3];
    memmap_set_log_sink(slow_sink, NULL);
    for (uintptr_t i = 0; i < 3; i++) pthread_create(&threads[i], NULL, fail_often, (void *)(0x3ffb8100 + i * 0x100));
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    memmap_drain();
    memmap_statistics_t now = test_statistics();
    CHECK_EQUAL(now.failures, 3 * 40);
    CHECK((uint32_t)atomic_load(&printed) + now.dropped_reports >= now.failures);
}

// Stopping at a fault prints it in any context: there is no later place.
static void a_stop_prints_first(void)
{
    char output[2048] = "";
    for (int critical = 0; critical < 2; critical++) {
        int ends[2], status;
        CHECK(pipe(ends) == 0);
        pid_t child = fork();
        if (child == 0) {
            dup2(ends[1], STDOUT_FILENO);
            memmap_set_log_sink(NULL, NULL);
            memmap_options.abort_on_fault = true;
            memmap_port_host_critical(critical != 0);
            signal(SIGABRT, SIG_DFL);
            char *block = TRACE_MALLOC(24, CAPS);
            block[24] = 'x';
            setvbuf(stdout, NULL, _IONBF, 0);
            TRACE_FREE(block);
            _exit(0);
        }
        close(ends[1]);
        size_t length = 0;
        for (ssize_t got; (got = read(ends[0], output + length, sizeof output - 1 - length)) > 0; length += (size_t)got) {
        }
        output[length] = '\0';
        close(ends[0]);
        waitpid(child, &status, 0);
        CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
        CHECK(strstr(output, "memmap: fault 1: write past the end") != NULL);
    }
}

static const test_case_t cases[] = {
    {"a critical section is no place to print", a_critical_section_is_no_place_to_print},
    {"what waits is printed by whoever comes", what_waits_is_printed_by_whoever_comes},
    {"a sink that fails is not called for that", a_sink_that_fails_is_not_called_for_that},
    {"one task prints at a time", one_task_prints_at_a_time},
    {"a stop prints first", a_stop_prints_first},
};
TEST_MAIN(cases)
