// A program that flushes its stream, or stops it and starts it again, while another thread drains it over a slow line into the file named
// first: `flushes FILE MODE ROUNDS`, where MODE is
//   flush    the drain's thread is the test's own, which calls memmap_drain(), and the program calls memmap_flush()
//   request  the thread is the platform's, and a flush waits for it
//   restart  as `flush`, with stop and start instead
// At the end it prints what the probe says lives, and how many frames were sent while nothing happened. Run under TSan.
#define _GNU_SOURCE
#include "harness.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LIVE = 64, CALLS = 300 };

static atomic_bool done;
static atomic_ulong frames;
static atomic_int writing;
static FILE *file;

static bool write_file(const uint8_t *bytes, size_t length, void *context)
{
    (void)context;
    CHECK_EQUAL(atomic_fetch_add(&writing, 1), 0); // never two at a time
    usleep(100);
    CHECK_EQUAL(fwrite(bytes, 1, length, file), length);
    atomic_fetch_add(&writing, -1);
    if (atomic_fetch_add(&frames, 1) > 200000) test_fail(__FILE__, __LINE__, "frames without end");
    return true;
}

static void *drain(void *argument)
{
    (void)argument;
    memmap_port_host_set_context(MEMMAP_PORT_HOST_DRAIN, 1, false);
    while (!atomic_load(&done))
        if (!memmap_drain()) usleep(200);
    return NULL;
}

int main(int argc, char **argv)
{
    static void *blocks[LIVE];
    pthread_t drainer;
    if (argc != 4 || !(file = fopen(argv[1], "wb"))) return 2;
    bool request = strcmp(argv[2], "request") == 0, restart = strcmp(argv[2], "restart") == 0;
    const memmap_transport_t transport = {.write = write_file};
    test_board();
    memmap_port_host_real_time();
    if (request) memmap_port_host_drain_in_thread();
    CHECK(memmap_stream_start(&transport));
    if (!request) pthread_create(&drainer, NULL, drain, NULL);
    for (long round = strtol(argv[3], NULL, 10); round > 0; round--) {
        for (int i = 0; i < CALLS; i++) {
            void **block = &blocks[rand() % LIVE];
            if (*block) free_unregister_allocation(block);
            else *block = TRACE_MALLOC(8 + (size_t)(rand() % 90), MALLOC_CAP_8BIT);
        }
        if (!restart) {
            CHECK(memmap_flush());
            continue;
        }
        memmap_stream_stop();
        CHECK_EQUAL(atomic_load(&writing), 0);
        CHECK(memmap_stream_start(&transport));
        CHECK(!memmap_stream_start(&transport)); // runs already
    }
    memmap_request_snapshot();
    CHECK(memmap_flush());
    unsigned long sent = atomic_load(&frames);
    usleep(300000);
    sent = atomic_load(&frames) - sent;
    if (request) memmap_port_host_end_drain();
    atomic_store(&done, true);
    if (!request) pthread_join(drainer, NULL);
    memmap_statistics_t now = test_statistics();
    printf("{\"liveBlocks\":%u,\"hash\":%u,\"events\":%u,\"droppedEvents\":%u,\"framesAtRest\":%lu}\n", (unsigned)now.live_blocks,
           (unsigned)now.hash, (unsigned)now.events, (unsigned)now.dropped_events, sent);
    return fclose(file) != 0;
}
