// The half of a port that concerns the heap, for platforms on the simulated heap (simulator/heap): QEMU and WebAssembly.
#include "memmap_port.h"

#include "esp_heap_caps.h"
#include "heap_regions.h"
#include "heap_words.h"
#include "memmap_real.h"

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
    static const heap_region_t *last; // most are where the one before was
    const heap_region_t *region = last;
    if (region == NULL || (uintptr_t)pointer - region->start >= region->end - region->start) region = heap_region_of(pointer);
    if (region == NULL) {
        look->state = MEMMAP_BLOCK_UNKNOWN;
        return;
    }
    last = region;
    heap_look(pointer, region->start, region->end, look);
}

typedef struct {
    const void *wanted;
    bool found;
} search_t;

static bool compare(void *pointer, size_t size, bool used, void *context)
{
    (void)size;
    search_t *search = context;
    if (pointer != search->wanted) return true;
    search->found = used;
    return false;
}

memmap_block_state_t memmap_port_block_state(const void *pointer)
{
    const heap_region_t *region = heap_region_of(pointer);
    if (region == NULL) return MEMMAP_BLOCK_UNKNOWN;
    search_t search = {.wanted = pointer};
    heap_region_walk(region, compare, &search);
    return search.found ? MEMMAP_BLOCK_USED : MEMMAP_BLOCK_NOT_USED;
}

void memmap_port_allocation_failed(void) {}
bool memmap_port_flash_ready(void) { return true; }

bool memmap_port_region(size_t index, bool walk, memmap_region_t *result)
{
    const heap_region_t *region = heap_regions_get(index);
    if (region == NULL) return false;
    *result = (memmap_region_t){
        .start = region->start,
        .end = region->end,
        .caps = heap_region_all_caps(region),
        .free = (uint32_t)heap_region_free_bytes(region),
        .largest_free = walk ? (uint32_t)heap_region_largest_free(region) : 0,
        .lowest_free = (uint32_t)heap_region_minimum_free_bytes(region),
        .name = region->name == NULL ? "" : region->name,
    };
    return true;
}
