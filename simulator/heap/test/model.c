// Random calls against the heap, checked against a plain model: no two blocks overlap, contents survive, accounting and walk agree
// with what is live, and the heap's own check holds. Arguments: seed, number of calls. Prints one line; any mismatch stops it.
#include "../esp_heap_caps.h"
#include "../heap_port_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIVE_MAXIMUM = 600, CHECK_INTERVAL = 997 };

typedef struct {
    unsigned char *pointer;
    size_t size;
    unsigned char fill;
} live_t;

static live_t live[LIVE_MAXIMUM];
static size_t live_count;
static uint64_t state;
static unsigned long calls, failures, moves;

static unsigned next_random(unsigned limit)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 32) % limit;
}

static void require(int condition, const char *what)
{
    if (condition) return;
    fprintf(stderr, "after %lu calls: %s\n", calls, what);
    abort();
}

static void check_content(const live_t *block, size_t length)
{
    for (size_t i = 0; i < length; i++) require(block->pointer[i] == block->fill, "a block's content has changed");
}

static size_t random_size(void)
{
    switch (next_random(10)) {
        case 0: return 1 + next_random(16);
        case 1: return 1 + next_random(20000);
        case 2: return 1000 + next_random(3000);
        default: return 1 + next_random(300);
    }
}

static const uint32_t caps_choices[] = {
    MALLOC_CAP_DEFAULT, MALLOC_CAP_8BIT, MALLOC_CAP_INTERNAL | MALLOC_CAP_8BIT, MALLOC_CAP_DMA, MALLOC_CAP_SPIRAM, MALLOC_CAP_DMA | MALLOC_CAP_SPIRAM,
};

static void check_placement(const live_t *block, uint32_t caps, size_t alignment)
{
    const heap_region_t *region = heap_region_of(block->pointer);
    require(region != NULL, "a block outside all regions");
    require((heap_region_all_caps(region) & caps) == caps, "a block in a region without the caps");
    require((uintptr_t)block->pointer % alignment == 0, "a block is not aligned");
    require(heap_caps_get_allocated_size(block->pointer) >= block->size, "a block is smaller than the request");
    for (size_t i = 0; i < live_count; i++) {
        const live_t *other = &live[i];
        require(other == block || other->pointer + other->size <= block->pointer || block->pointer + block->size <= other->pointer, "two blocks overlap");
    }
}

static void add(void *pointer, size_t size, uint32_t caps, size_t alignment)
{
    if (pointer == NULL) {
        failures++;
        return;
    }
    live_t *block = &live[live_count++];
    *block = (live_t){pointer, size, (unsigned char)next_random(256)};
    check_placement(block, caps, alignment);
    memset(pointer, block->fill, size);
}

static void allocate(void)
{
    const size_t size = random_size();
    const uint32_t caps = caps_choices[next_random(6)];
    const unsigned kind = next_random(8);
    if (kind == 0) {
        unsigned char *pointer = heap_caps_calloc(3, size, caps);
        for (size_t i = 0; pointer != NULL && i < 3 * size; i++) require(pointer[i] == 0, "calloc left a byte");
        add(pointer, 3 * size, caps, 4);
    } else if (kind == 1) {
        const size_t alignment = (size_t)4 << next_random(7);
        add(heap_caps_aligned_alloc(alignment, size, caps), size, caps, alignment);
    } else {
        add(heap_caps_malloc(size, caps), size, caps, 4);
    }
}

static void reallocate(live_t *block)
{
    const size_t size = random_size();
    const uint32_t caps = caps_choices[next_random(5)];
    unsigned char *moved = heap_caps_realloc(block->pointer, size, caps);
    if (moved == NULL) {
        failures++;
        check_content(block, block->size);
        return;
    }
    if (moved != block->pointer) moves++;
    const size_t kept = size < block->size ? size : block->size;
    block->pointer = moved;
    block->size = size;
    check_content(block, kept);
    check_placement(block, caps, 4);
    memset(moved, block->fill, size);
}

static void release(live_t *block)
{
    check_content(block, block->size);
    heap_caps_free(block->pointer);
    *block = live[--live_count];
}

static bool seen_by_walk(walker_heap_into_t heap, walker_block_info_t info, void *context)
{
    (void)heap;
    size_t *used = context;
    if (info.used) ++*used;
    return true;
}

static void check_all(void)
{
    require(heap_caps_check_integrity_all(true), "the heap's own check fails");
    size_t used = 0, expected = 0;
    heap_caps_walk_all(seen_by_walk, &used);
    require(used == live_count, "walk and model disagree on the number of blocks");
    for (size_t i = 0; i < live_count; i++) expected += heap_caps_get_allocated_size(live[i].pointer);
    multi_heap_info_t info;
    heap_caps_get_info(&info, 0);
    require(info.total_allocated_bytes == expected, "allocated bytes are wrong");
    require(info.total_free_bytes == heap_caps_get_free_size(0), "free bytes are wrong");
    require(info.largest_free_block == heap_caps_get_largest_free_block(0), "the largest free block is wrong");
}

static void check_edges(void)
{
    require(heap_caps_malloc(0, MALLOC_CAP_8BIT) == NULL, "malloc(0) gave a block");
    require(heap_caps_calloc(SIZE_MAX / 2, 3, MALLOC_CAP_8BIT) == NULL, "calloc wrapped");
    require(heap_caps_malloc(SIZE_MAX - 2, MALLOC_CAP_8BIT) == NULL, "malloc wrapped");
    require(heap_caps_malloc(64, MALLOC_CAP_EXEC | MALLOC_CAP_DMA) == NULL, "executable and DMA at once");
    require(heap_caps_aligned_alloc(24, 64, MALLOC_CAP_8BIT) == NULL, "an alignment that is no power of two");
    require(heap_caps_malloc_prefer(64, 2, MALLOC_CAP_RTCRAM, MALLOC_CAP_INVALID) == NULL, "caps that no region has");
    heap_caps_free(NULL);
    void *block = heap_caps_realloc(NULL, 40, MALLOC_CAP_8BIT);
    require(block != NULL && heap_caps_realloc(block, 0, MALLOC_CAP_8BIT) == NULL, "realloc to 0 is a free");
    void *code = heap_caps_malloc(100, MALLOC_CAP_EXEC);
    require(code != NULL && (uintptr_t)code >= 0x40080000, "executable memory is on the instruction bus");
    heap_caps_free(code);
}

int main(int argc, char **argv)
{
    state = argc > 1 ? strtoull(argv[1], NULL, 0) * 2 + 1 : 1;
    const unsigned long count = argc > 2 ? strtoul(argv[2], NULL, 0) : 100000;
    const heap_region_t regions[] = {
        {.caps = {MALLOC_CAP_8BIT | MALLOC_CAP_DEFAULT, MALLOC_CAP_INTERNAL | MALLOC_CAP_DMA | MALLOC_CAP_32BIT, 0}, .start = 0x3FFB0003, .end = 0x3FFC8001},
        {.caps = {MALLOC_CAP_8BIT | MALLOC_CAP_DEFAULT, MALLOC_CAP_INTERNAL | MALLOC_CAP_DMA | MALLOC_CAP_32BIT, 0}, .start = 0x3FFCC000, .end = 0x3FFCD000},
        {.caps = {MALLOC_CAP_SPIRAM | MALLOC_CAP_DEFAULT, 0, MALLOC_CAP_8BIT | MALLOC_CAP_32BIT}, .start = 0x3F800000, .end = 0x3F880000},
        {.caps = {MALLOC_CAP_INTERNAL | MALLOC_CAP_EXEC | MALLOC_CAP_32BIT, 0, 0}, .start = 0x40090000, .end = 0x40098000, .instruction_bus = true},
    };
    for (size_t i = 0; i < sizeof regions / sizeof regions[0]; i++) require(heap_port_host_add(&regions[i]), "a region could not be set up");
    const size_t all = heap_caps_get_free_size(0);
    check_edges();
    for (calls = 0; calls < count; calls++) {
        const unsigned choice = next_random(100);
        if (live_count > 0 && choice < 15) reallocate(&live[next_random((unsigned)live_count)]);
        else if (live_count == LIVE_MAXIMUM || (live_count > 0 && choice < 56)) release(&live[next_random((unsigned)live_count)]);
        else allocate();
        if (calls % CHECK_INTERVAL == 0) check_all();
    }
    while (live_count > 0) release(&live[0]);
    check_all();
    require(heap_caps_get_free_size(0) == all, "bytes are missing after everything was freed");
    printf("%lu calls, %lu failed, %lu moved\n", calls, failures, moves);
    return 0;
}
