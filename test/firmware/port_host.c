// The probe on a POSIX host, for tests: threads stand for tasks and cores, the heap is the simulated one.
#define _GNU_SOURCE
#include "port_host.h"

#include "frame_pointers.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "heap_port.h"
#include "heap_regions.h"
#include "heap_words.h"
#include "memmap_real.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local bool holding, critical;
static _Thread_local memmap_context_t context;
static bool real_time;
static uint64_t fixed_time;
static uint32_t boot_id = 0x1d0000a7;
static memmap_port_host_output_t output;
static const uint8_t *input;
static size_t input_length;
static struct { uintptr_t task; char name[16]; } names[16];

void memmap_port_lock(void)
{
    if (holding) abort(); // never nested
    pthread_mutex_lock(&lock);
    holding = true;
}

void memmap_port_unlock(void)
{
    holding = false;
    pthread_mutex_unlock(&lock);
}

uint64_t memmap_port_time_us(void)
{
    if (!real_time) return fixed_time;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

memmap_context_t memmap_port_context(void) { return context; }

bool memmap_port_task_name(uintptr_t task, char *name, size_t size)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].task != task || !names[i].name[0]) continue;
        snprintf(name, size, "%s", names[i].name);
        return true;
    }
    return false;
}

// The host's tests are compiled with frame pointers; its C library is not, and ends every chain.
static bool readable(const void *frame)
{
    const uint8_t *here = __builtin_frame_address(0);
    return (const uint8_t *)frame >= here && (const uint8_t *)frame < here + 65536;
}
static bool executable(uintptr_t address) { return address >= 4096; }

size_t memmap_port_callers(const void *immediate, uintptr_t *callers, size_t capacity)
{
    return frame_pointer_callers(__builtin_frame_address(0), immediate, callers, capacity, readable, executable);
}

void *memmap_port_malloc(size_t size, uint32_t caps) { return MEMMAP_REAL(heap_caps_malloc_base)(size, caps); }
void *memmap_port_calloc(size_t count, size_t size, uint32_t caps)
{
    return MEMMAP_REAL(heap_caps_calloc_base)(count, size, caps);
}
void *memmap_port_realloc(void *pointer, size_t size, uint32_t caps)
{
    return MEMMAP_REAL(heap_caps_realloc_base)(pointer, size, caps);
}
void *memmap_port_aligned_alloc(size_t alignment, size_t size, uint32_t caps)
{
    return MEMMAP_REAL(heap_caps_aligned_alloc_base)(alignment, size, caps);
}
void memmap_port_free(void *pointer) { MEMMAP_REAL(heap_caps_free)(pointer); }

void memmap_port_look(const void *pointer, memmap_look_t *look)
{
    const heap_region_t *region = heap_region_of(pointer);
    look->state = MEMMAP_BLOCK_UNKNOWN;
    if (!region) return;
    heap_port_lock(); // for TSan: neighbours keep a flag of theirs in the same word
    heap_look(pointer, region->start, region->end, look);
    heap_port_unlock();
}

typedef struct {
    const char *block;
    bool used;
} search_t;

static bool look_for(void *pointer, size_t size, bool used, void *argument)
{
    search_t *search = argument;
    (void)size;
    if (pointer == search->block) search->used = used;
    return pointer != search->block;
}

memmap_block_state_t memmap_port_block_state(const void *pointer)
{
    const heap_region_t *region = heap_region_of(pointer);
    if (context.task == MEMMAP_IN_INTERRUPT || holding) abort();
    if (!region) return MEMMAP_BLOCK_UNKNOWN;
    search_t search = {(const char *)pointer - MEMMAP_HEAP_BYTES_BEFORE, false};
    heap_region_walk(region, look_for, &search);
    return search.used ? MEMMAP_BLOCK_USED : MEMMAP_BLOCK_NOT_USED;
}

void memmap_port_allocation_failed(void)
{
#if CONFIG_HEAP_ABORT_WHEN_ALLOCATION_FAILS
    abort();
#endif
}

bool memmap_port_flash_ready(void) { return true; }
void memmap_port_abort(void) { abort(); }

bool memmap_port_region(size_t index, bool walk, memmap_region_t *region)
{
    const heap_region_t *heap = heap_regions_get(index);
    if (!heap) return false;
    region->start = heap->start;
    region->end = heap->end;
    region->caps = heap_region_all_caps(heap);
    region->largest_free = walk ? (uint32_t)heap_region_largest_free(heap) : 0;
    heap_port_lock();
    region->free = (uint32_t)heap_region_free_bytes(heap);
    region->lowest_free = (uint32_t)heap_region_minimum_free_bytes(heap);
    heap_port_unlock();
    region->name = "";
    return true;
}

void memmap_port_identity(memmap_identity_t *identity)
{
    *identity = (memmap_identity_t){.boot_id = boot_id, .chip = "host", .idf_version = "none", .app_name = "test",
                                    .app_version = "1", .cores = 2};
}

bool memmap_port_may_wait(void) { return context.task != MEMMAP_IN_INTERRUPT && !critical; }

bool memmap_port_wait(uint32_t milliseconds)
{
    if (!memmap_port_may_wait()) return false;
    nanosleep(&(struct timespec){.tv_nsec = (long)milliseconds * 1000000}, NULL);
    return true;
}

void memmap_port_print(const char *text, size_t length) { fwrite(text, 1, length, stdout); }

void memmap_port_print_without_lock(const char *text, size_t length)
{
    if (write(STDOUT_FILENO, text, length) < 0) abort();
}

bool memmap_port_write(const uint8_t *bytes, size_t length)
{
    if (!output) return false;
    output(bytes, length);
    return true;
}

size_t memmap_port_read(uint8_t *bytes, size_t capacity)
{
    size_t length = input_length < capacity ? input_length : capacity;
    memcpy(bytes, input, length);
    input += length;
    input_length -= length;
    return length;
}

static bool drain_in_thread;
static struct {
    bool (*step)(void);
    uint32_t period_ms;
    _Atomic bool ended;
    pthread_t thread;
} drain;

static void *run_drain(void *argument)
{
    (void)argument;
    memmap_port_host_set_context(MEMMAP_PORT_HOST_DRAIN, 1, false);
    while (!drain.ended)
        if (!drain.step()) memmap_port_wait(drain.period_ms);
    return NULL;
}

bool memmap_port_start_drain(bool (*step)(void), uint32_t period_ms)
{
    if (!drain_in_thread) return false; // tests call memmap_drain() where they want it
    drain.step = step;
    drain.period_ms = period_ms;
    return pthread_create(&drain.thread, NULL, run_drain, NULL) == 0;
}

void memmap_port_host_drain_in_thread(void) { drain_in_thread = true; }

void memmap_port_host_end_drain(void)
{
    drain.ended = true;
    pthread_join(drain.thread, NULL);
}

void memmap_port_host_set_context(uintptr_t task, uint8_t core, bool in_interrupt)
{
    context = (memmap_context_t){in_interrupt ? MEMMAP_IN_INTERRUPT : task, core};
}

void memmap_port_host_critical(bool now) { critical = now; }

void memmap_port_host_set_task_name(uintptr_t task, const char *name)
{
    size_t free_entry = 0;
    while (names[free_entry].name[0] && names[free_entry].task != task) free_entry++;
    names[free_entry].task = task;
    snprintf(names[free_entry].name, sizeof names[free_entry].name, "%s", name);
}

void memmap_port_host_set_time(uint64_t microseconds)
{
    real_time = false;
    fixed_time = microseconds;
}
void memmap_port_host_set_boot_id(uint32_t id) { boot_id = id; }
void memmap_port_host_real_time(void) { real_time = true; }
void memmap_port_host_set_output(memmap_port_host_output_t new_output) { output = new_output; }
void memmap_port_host_set_input(const uint8_t *bytes, size_t length)
{
    input = bytes;
    input_length = length;
}
