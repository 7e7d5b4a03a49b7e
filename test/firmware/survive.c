// Two boots of one program: `survive FILE STORE crash|silent|next`. `crash` streams into FILE, plants faults, and panics with events not yet sent;
// `silent` does that without a stream; both put what a reset leaves alone into STORE. `next` finds it there and streams into FILE, behind
// what stands there. All print what the probe says of itself.
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kept.h"

enum { LIVE = 40, CALLS = 700 };

static FILE *file;

static bool write_file(const uint8_t *bytes, size_t length, void *context)
{
    (void)context;
    return fwrite(bytes, 1, length, file) == length;
}

static void work(uint32_t calls)
{
    static void *blocks[LIVE];
    for (uint32_t i = 0; i < calls; i++) {
        void **block = &blocks[rand() % LIVE];
        if (*block) free_unregister_allocation(block);
        else if (i % 3 == 0) *block = TRACE_CALLOC(1, 8 + (size_t)(rand() % 90), MALLOC_CAP_8BIT);
        else *block = TRACE_MALLOC(8 + (size_t)(rand() % 90), MALLOC_CAP_SPIRAM);
    }
}

static void last_thing(void)
{
    char *culprit = TRACE_MALLOC(77, MALLOC_CAP_8BIT);
    culprit[77] = 1;
    TRACE_FREE(culprit);
    CHECK(!TRACE_MALLOC(8 << 20, MALLOC_CAP_8BIT));
    culprit = TRACE_MALLOC(33, MALLOC_CAP_8BIT);
    TRACE_REALLOC_VAR(culprit, 99, MALLOC_CAP_8BIT);
}

int main(int argc, char **argv)
{
    if (argc != 4) return 2;
    bool next = strcmp(argv[3], "next") == 0, crash = strcmp(argv[3], "crash") == 0;
    FILE *store = fopen(argv[2], next ? "rb" : "wb");
    file = fopen(argv[1], next ? "ab" : "wb");
    if (!store || !file) return 2;
    memset(&mm_kept, 0x5a, sizeof mm_kept); // as power-on leaves it
    if (next && fread(&mm_kept, 1, sizeof mm_kept, store) != sizeof mm_kept) return 3;
    if (next) memmap_port_host_set_boot_id(0x2e0000b1);
    mm_kept_boot();
    test_board();
    memmap_port_host_real_time();
    if (next || crash) CHECK(memmap_stream_start(&(memmap_transport_t){.write = write_file}));
    work(CALLS);
    if (next || crash) CHECK(memmap_flush());
    if (!next) {
        work(100);
        last_thing();
        memmap_panic("StoreProhibited");
        memmap_panic("again");
        if (fwrite(&mm_kept, 1, sizeof mm_kept, store) != sizeof mm_kept) return 3;
    }
    memmap_statistics_t now = test_statistics();
    printf("{\"liveBlocks\":%u,\"hash\":%u,\"events\":%u,\"droppedEvents\":%u,\"faults\":%u,\"failures\":%u}\n", (unsigned)now.live_blocks,
           (unsigned)now.hash, (unsigned)now.events, (unsigned)now.dropped_events, (unsigned)now.faults, (unsigned)now.failures);
    return fclose(store) != 0 || fclose(file) != 0;
}
