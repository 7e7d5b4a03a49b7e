// Threads hammer the probe: each as a task on one of two cores, some calls as interrupts, blocks handed from thread to thread, while
// another thread drains the stream to the file named first and takes snapshots. At the end table, stream and the threads' own lists
// must agree, block by block: the lists are held against the table here, and printed for whoever decodes the stream. `threads FILE THREADS CALLS`: calls of each thread. Run under TSan.
#define _GNU_SOURCE
#include "harness.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "table.h"

enum { OWN = 100, SHARED = 64, THREADS_MAXIMUM = 16 };

typedef struct {
    uint8_t *pointer;
    uint32_t size;
    uint8_t content;
} held_t;

typedef struct {
    uint32_t number, random, failed;
    held_t own[OWN];
} worker_t;

static worker_t workers[THREADS_MAXIMUM];
static held_t shared[SHARED];
static pthread_mutex_t shared_lock[SHARED];
static uint32_t thread_count, calls;
static atomic_bool done;
static FILE *file;

static uint32_t random_number(worker_t *worker)
{
    worker->random ^= worker->random << 13;
    worker->random ^= worker->random >> 17;
    worker->random ^= worker->random << 5;
    return worker->random;
}

static void set_context(worker_t *worker)
{
    // One thread of each core is sometimes an interrupt: no core is in two of them.
    bool interrupt = worker->number < 2 && random_number(worker) % 50 == 0;
    memmap_port_host_set_context(0x3ffb8000 + worker->number * 0x200, worker->number % 2, interrupt);
}

static void take(worker_t *worker, held_t *held)
{
    uint32_t size = 1 + random_number(worker) % 300;
    uint32_t caps = random_number(worker) % 2 ? MALLOC_CAP_8BIT | MALLOC_CAP_INTERNAL : MALLOC_CAP_SPIRAM;
    uint8_t *pointer = random_number(worker) % 3 ? TRACE_MALLOC(size, caps) : TRACE_CALLOC(1, size, caps);
    if (!pointer) {
        worker->failed++;
        return;
    }
    *held = (held_t){pointer, size, (uint8_t)random_number(worker)};
    memset(pointer, held->content, size);
}

static void give(worker_t *worker, held_t *held)
{
    for (uint32_t i = 0; i < held->size; i++) CHECK_EQUAL(held->pointer[i], held->content);
    if (random_number(worker) % 3 == 0) {
        uint32_t size = 1 + random_number(worker) % 300;
        uint8_t *moved = TRACE_REALLOC(held->pointer, size, MALLOC_CAP_8BIT);
        if (!moved) {
            worker->failed++;
            return;
        }
        memset(moved, held->content, size);
        held->pointer = moved;
        held->size = size;
    } else {
        TRACE_FREE(held->pointer);
        held->pointer = NULL;
    }
}

static void *work(void *argument)
{
    worker_t *worker = argument;
    for (uint32_t i = 0; i < calls; i++) {
        if (i % 16 == 0) set_context(worker);
        if (random_number(worker) % 4 == 0) {
            uint32_t slot = random_number(worker) % SHARED;
            pthread_mutex_lock(&shared_lock[slot]);
            if (shared[slot].pointer) give(worker, &shared[slot]);
            else take(worker, &shared[slot]);
            pthread_mutex_unlock(&shared_lock[slot]);
        } else {
            held_t *held = &worker->own[random_number(worker) % OWN];
            if (held->pointer) give(worker, held);
            else take(worker, held);
        }
        if (i % 1000 == 0 && worker->number == 0) memmap_check(64);
    }
    return NULL;
}

static bool write_file(const uint8_t *bytes, size_t length, void *context)
{
    (void)context;
    return fwrite(bytes, 1, length, file) == length;
}

static void *drain(void *argument)
{
    (void)argument;
    for (uint32_t i = 0; !atomic_load(&done); i++) {
        if (!memmap_drain()) usleep(100);
        if (i % 500 == 0) memmap_request_snapshot();
    }
    return NULL;
}

static void add(const held_t *held, uint32_t *blocks, uint32_t *bytes)
{
    if (!held->pointer) return;
    memmap_port_lock();
    uint32_t number = mm_table_find(mm_address(held->pointer)).number;
    CHECK(number != 0);
    CHECK_EQUAL(mm_block_size(&mm_blocks[number]), held->size);
    memmap_port_unlock();
    printf("%s[%u,%u]", *blocks == 0 ? "" : ",", (unsigned)mm_address(held->pointer), (unsigned)held->size);
    ++*blocks;
    *bytes += held->size;
}

int main(int argc, char **argv)
{
    pthread_t drainer, threads[THREADS_MAXIMUM];
    uint32_t blocks = 0, bytes = 0, failed = 0;
    if (argc != 4 || !(file = fopen(argv[1], "wb"))) return 2;
    thread_count = (uint32_t)strtoul(argv[2], NULL, 10);
    calls = (uint32_t)strtoul(argv[3], NULL, 10);
    test_board();
    memmap_options.print_failures = false;
    memmap_port_host_real_time();
    memmap_stream_start(&(memmap_transport_t){.write = write_file});
    for (uint32_t i = 0; i < SHARED; i++) pthread_mutex_init(&shared_lock[i], NULL);
    pthread_create(&drainer, NULL, drain, NULL);
    for (uint32_t i = 0; i < thread_count; i++) {
        workers[i].number = i;
        workers[i].random = i * 2654435761u + 1;
        pthread_create(&threads[i], NULL, work, &workers[i]);
    }
    for (uint32_t i = 0; i < thread_count; i++) pthread_join(threads[i], NULL);
    atomic_store(&done, true);
    pthread_join(drainer, NULL);

    printf("{\"blocks\":[");
    for (uint32_t i = 0; i < thread_count; i++) {
        failed += workers[i].failed;
        for (uint32_t j = 0; j < OWN; j++) add(&workers[i].own[j], &blocks, &bytes);
    }
    for (uint32_t i = 0; i < SHARED; i++) add(&shared[i], &blocks, &bytes);
    memmap_statistics_t now = test_statistics();
    CHECK_EQUAL(now.live_blocks, blocks);
    CHECK_EQUAL(now.live_bytes, bytes);
    CHECK_EQUAL(now.faults, 0);
    CHECK_EQUAL(now.failures, failed);
    CHECK_EQUAL(now.unknown_frees, 0);
    CHECK(heap_caps_check_integrity_all(true));
    memmap_request_snapshot();
    CHECK(memmap_flush());
    now = test_statistics();
    printf("],\"liveBlocks\":%u,\"hash\":%u,\"events\":%u,\"droppedEvents\":%u,\"faults\":0,\"failures\":%u}\n", (unsigned)blocks,
           (unsigned)now.hash, (unsigned)now.events, (unsigned)now.dropped_events, (unsigned)now.failures);
    return fclose(file) != 0;
}
