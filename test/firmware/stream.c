// A busy program whose stream goes to the file named by the first argument, for the decoder to read: several tasks, both cores, all
// operations, faults, failures, marks, a table walked by snapshots meanwhile, and a transport that refuses now and then.
// Further arguments: `armoured`, `lossy` (buffers run over). At the end it prints what the probe says lives.
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIVE = 300, CALLS = 60000 };

static FILE *file;
static uint32_t writes;
static bool lossy;

static bool write_file(const uint8_t *bytes, size_t length, void *context)
{
    (void)context;
    if (++writes % 7 == 0) return false; // back-pressure
    fwrite(bytes, 1, length, file);
    if (writes % 50 == 0) fprintf(file, "I (%u) app: text among the frames\n", (unsigned)writes);
    return true;
}

static uint32_t random_number(void)
{
    static uint32_t state = 12345;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static void *allocate(uint32_t size, uint32_t caps)
{
    switch (random_number() % 4) {
        case 0: return TRACE_MALLOC(size, caps);
        case 1: return TRACE_CALLOC(1, size, caps);
        case 2: return traceable_heap_caps_malloc(size, caps, "components/net/src/socket.c", 100 + (int)(random_number() % 9), "open");
        default: return TRACE_ALIGNED_ALLOC(16, size, caps);
    }
}

static void plant_faults(void)
{
    char *block = TRACE_MALLOC(24, MALLOC_CAP_8BIT), *again = block, *free_later = TRACE_MALLOC(40, MALLOC_CAP_8BIT);
    block[24] = 'O';
    TRACE_FREE(block);
    TRACE_FREE(again);
    TRACE_FREE(free_later);
    free_later[8] = 'W';
    memmap_check(0);
    CHECK(TRACE_MALLOC(2 << 20, MALLOC_CAP_8BIT) == NULL);
    CHECK(TRACE_CALLOC(0x10001, 0x10000, MALLOC_CAP_8BIT) == NULL);
}

int main(int argc, char **argv)
{
    static void *blocks[LIVE];
    bool armoured = argc > 2 && strcmp(argv[2], "armoured") == 0;
    lossy = argc > 2 && strcmp(argv[2], "lossy") == 0;
    test_board();
    file = argc > 1 ? fopen(argv[1], "wb") : NULL;
    if (!file) return 2;
    uint64_t time = 1000000;
    TRACE_MALLOC(1234, MALLOC_CAP_8BIT); // lives before the stream starts: the first snapshot brings it
    uint32_t events_before = test_statistics().events;
    memmap_stream_start(&(memmap_transport_t){.write = write_file, .armoured = armoured});
    for (uint32_t i = 0; i < CALLS; i++) {
        uint32_t slot = random_number() % LIVE, size = 1 + random_number() % 200;
        uint32_t caps = random_number() % 3 ? MALLOC_CAP_INTERNAL | MALLOC_CAP_8BIT : MALLOC_CAP_SPIRAM;
        time += random_number() % 400;
        memmap_port_host_set_time(time);
        if (i % 10 == 0)
            memmap_port_host_set_context(0x3ffb8000 + random_number() % 5 * 0x200, (uint8_t)(random_number() % 2), i % 90 == 0);
        if (!blocks[slot]) blocks[slot] = allocate(size, caps);
        else if (random_number() % 4 == 0) TRACE_REALLOC_VAR(blocks[slot], size, caps);
        else free_unregister_allocation(&blocks[slot]);
        if (i == 30000) memmap_mark("half way");
        if (i == 40000) plant_faults();
        if (lossy ? i % 5000 == 0 : i % 20 == 0) memmap_drain();
    }
    memmap_request_snapshot();
    for (int i = 0; i < 100; i++) memmap_flush(); // the transport refuses now and then
    memmap_statistics_t now = test_statistics();
    printf("{\"liveBlocks\":%u,\"liveBytes\":%u,\"hash\":%u,\"events\":%u,\"droppedEvents\":%u,\"faults\":%u,\"failures\":%u}\n",
           (unsigned)now.live_blocks, (unsigned)now.live_bytes, (unsigned)now.hash, (unsigned)(now.events - events_before),
           (unsigned)now.dropped_events, (unsigned)now.faults, (unsigned)now.failures);
    return fclose(file) != 0;
}
