#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "heap_port_host.h"

static char text[65536];
static size_t text_length;

static void collect(memmap_log_kind_t kind, const char *line, size_t length, void *context)
{
    (void)kind, (void)context;
    if (!memmap_port_may_wait()) test_fail(__FILE__, __LINE__, "a line where nobody may wait for a lock");
    if (text_length + length >= sizeof text) return;
    memcpy(text + text_length, line, length);
    text_length += length;
    text[text_length] = '\0';
}

const char *test_log_text(void) { return text; }

size_t test_log_lines(void)
{
    size_t lines = 0;
    for (size_t i = 0; i < text_length; i++) lines += text[i] == '\n';
    return lines;
}

void test_log_clear(void)
{
    text_length = 0;
    text[0] = '\0';
}

_Noreturn void test_fail(const char *file, int line, const char *what)
{
    printf("# %s:%d: %s\n# log:\n%s", file, line, what, text);
    fflush(stdout);
    _exit(1);
}

void test_equal(const char *file, int line, const char *what, uint64_t actual, uint64_t expected)
{
    if (actual == expected) return;
    char message[256];
    snprintf(message, sizeof message, "%s is %llu (0x%llx), expected %llu (0x%llx)", what, (unsigned long long)actual,
             (unsigned long long)actual, (unsigned long long)expected, (unsigned long long)expected);
    test_fail(file, line, message);
}

void test_log(const char *file, int line, const char *wanted)
{
    char message[512];
    if (strstr(text, wanted)) return;
    snprintf(message, sizeof message, "not in the log: %s", wanted);
    test_fail(file, line, message);
}

void test_board(void)
{
    static const heap_region_t regions[] = {
        {.caps = {MALLOC_CAP_INTERNAL | MALLOC_CAP_DEFAULT, MALLOC_CAP_8BIT | MALLOC_CAP_DMA | MALLOC_CAP_32BIT},
         .start = TEST_DRAM_START,
         .end = TEST_DRAM_END,
         .name = "DRAM"},
        {.caps = {MALLOC_CAP_EXEC | MALLOC_CAP_32BIT | MALLOC_CAP_INTERNAL},
         .start = 0x40080000,
         .end = 0x40088000,
         .name = "IRAM",
         .instruction_bus = true},
        {.caps = {MALLOC_CAP_SPIRAM | MALLOC_CAP_DEFAULT, 0, MALLOC_CAP_8BIT | MALLOC_CAP_32BIT},
         .start = TEST_PSRAM_START,
         .end = 0x3f900000,
         .name = "SPIRAM"},
    };
    heap_regions_reset();
    for (size_t i = 0; i < sizeof regions / sizeof regions[0]; i++)
        if (!heap_port_host_add(&regions[i])) test_fail(__FILE__, __LINE__, "no memory at the board's addresses");
#ifndef TEST_TAKES_TABLE
    memmap_take_table(); // where it is not among the variables
#endif
    memmap_set_log_sink(collect, NULL);
    memmap_port_host_set_context(0x3ffb8000, 0, false);
    memmap_port_host_set_task_name(0x3ffb8000, "main");
    memmap_port_host_set_time(1000000);
}

static int run_apart(const test_case_t *test)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        test_board();
        test->run();
        fflush(stdout);
        exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return status;
}

int test_main(int argc, char **argv, const test_case_t *cases, size_t count)
{
    int failed = 0;
    if (argc == 1) printf("1..%zu\n", count);
    for (size_t i = 0; i < count; i++) {
        if (argc > 1) {
            if (strcmp(argv[1], cases[i].name) != 0) continue;
            test_board();
            cases[i].run();
            return 0;
        }
        int status = run_apart(&cases[i]);
        printf("%s %zu - %s\n", status == 0 ? "ok" : "not ok", i + 1, cases[i].name);
        failed += status != 0;
    }
    return failed != 0;
}
