// A test program is a list of cases. Each runs in a process of its own, because the probe's state is static, as on the chip. Output
// is TAP: "ok 1 - name". `program` runs all, `program name` one, in this process (for a debugger).
#ifndef HARNESS_H
#define HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memmap.h"
#include "port_host.h"

#ifdef __cplusplus
extern "C" {
#define _Noreturn [[noreturn]]
#endif

typedef struct {
    const char *name;
    void (*run)(void);
} test_case_t;

// Ends the case as failed, with file and line.
#define CHECK(condition)                                                                                                   \
    do {                                                                                                                   \
        if (!(condition)) test_fail(__FILE__, __LINE__, #condition);                                                       \
    } while (0)
#define CHECK_EQUAL(actual, expected) test_equal(__FILE__, __LINE__, #actual, (uint64_t)(actual), (uint64_t)(expected))
#define CHECK_LOG(text) test_log(__FILE__, __LINE__, (text))

_Noreturn void test_fail(const char *file, int line, const char *what);
void test_equal(const char *file, int line, const char *what, uint64_t actual, uint64_t expected);
// Fails unless the text stands somewhere in what the probe has logged so far.
void test_log(const char *file, int line, const char *text);

int test_main(int argc, char **argv, const test_case_t *cases, size_t count);
#define TEST_MAIN(cases)                                                                                                   \
    int main(int argc, char **argv) { return test_main(argc, argv, (cases), sizeof(cases) / sizeof((cases)[0])); }

// What the probe has logged, and forgetting it.
const char *test_log_text(void);
size_t test_log_lines(void);
void test_log_clear(void);

// Regions of an ESP32: DRAM 0x3ffb0000 (128 KiB), IRAM 0x40080000 (32 KiB, words only), PSRAM 0x3f800000 (1 MiB). Done before each
// case.
void test_board(void);
enum { TEST_DRAM_START = 0x3ffb0000, TEST_DRAM_END = 0x3ffd0000, TEST_PSRAM_START = 0x3f800000 };

static inline memmap_statistics_t test_statistics(void)
{
    memmap_statistics_t statistics;
    memmap_statistics(&statistics);
    return statistics;
}

#ifdef __cplusplus
}
#endif

#endif
