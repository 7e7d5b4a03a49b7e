// Prints what the probe says that it takes, for builds.full.test.ts, which knows what its objects have.
#include "harness.h"

#include <stdio.h>

int main(void)
{
    test_board();
    char *block = TRACE_MALLOC(21, MALLOC_CAP_8BIT), *freed = TRACE_MALLOC(100, MALLOC_CAP_8BIT);
    TRACE_FREE(freed);
    memmap_print_cost();
    fputs(test_log_text(), stdout);
    TRACE_FREE(block);
    return 0;
}
