// The program that QEMU runs: heap, probe, stream, then the conformance program or a busy one, then a main loop that serves the host.
#include "bare_board.h"
#include "conformance.h"
#include "memmap.h"

#include <stdio.h>

static void settle(void) { (void)memmap_flush(); }

#ifdef QEMU_BENCH
// Frees and allocates at random, as fast as the machine can, QEMU_BENCH times, and says how long that took.
static void bench(void)
{
    static void *blocks[1000];
    uint32_t random = 1;
    const uint64_t start = bare_time_us();
    for (uint32_t i = 0; i < QEMU_BENCH; i++) {
        random = random * 1664525u + 1013904223u;
        void **block = &blocks[(random >> 8) % 1000];
        if (*block != NULL) free_unregister_allocation(block);
        else *block = TRACE_MALLOC(16 + (random >> 16) % 112, MALLOC_CAP_8BIT);
        while (memmap_drain()) {
        }
    }
    settle();
    printf("bench: %u calls in %u us\n", (unsigned)QEMU_BENCH, (unsigned)(bare_time_us() - start));
}
#endif

int main(void)
{
    static bare_task_t main_task = {"main"};
    bare_heap_start();
    bare_task = &main_task;
    memmap_stream_start(NULL);
#ifdef QEMU_BENCH
    bench();
#else
    conformance_run(settle);
#endif
    for (;;) memmap_drain();
}
