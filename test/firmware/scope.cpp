// memmap.hpp compiles and marks both ends of a scope. Linked with the C tests' harness.
#include "memmap.hpp"

#include <cstdlib>

#include "harness.h"

static void scope_marks_both_ends()
{
    char *kept = nullptr;
    {
        memmap::scope phase("request");
        TRACE_MALLOC_VAR(kept, 21, MALLOC_CAP_8BIT);
        phase.leaks();
    }
    CHECK_LOG("memmap: 21 bytes in 1 blocks from 1 sites, since mark request\n");
    test_log_clear();
    memmap_list_since("request");
    CHECK_LOG("variable kept\n");
    memmap_list_since("request end");
    CHECK_EQUAL(test_log_lines(), 1);
    free_unregister_allocation(reinterpret_cast<void **>(&kept));
    CHECK(kept == nullptr);
}

static const test_case_t cases[] = {{"a scope marks both ends", scope_marks_both_ends}};
TEST_MAIN(cases)
