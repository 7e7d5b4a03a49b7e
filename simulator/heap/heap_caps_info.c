// What can be asked of the heap: sums over the regions that have all of `caps`, walks and checks.
#include "esp_heap_caps.h"
#include "heap_port.h"
#include "heap_regions.h"

#include <string.h>

// The next region from `*index` on that has all of `caps`; NULL at the end.
static const heap_region_t *next_match(size_t *index, uint32_t caps)
{
    const heap_region_t *region;
    while ((region = heap_regions_get((*index)++)) != NULL) {
        if ((heap_region_all_caps(region) & caps) == caps) return region;
    }
    return NULL;
}

size_t heap_caps_get_allocated_size(void *ptr)
{
    if (heap_region_of(ptr) == NULL) heap_port_abort("pointer outside the heap", ptr);
    return tlsf_block_size(ptr);
}

size_t heap_caps_get_total_size(uint32_t caps)
{
    size_t sum = 0;
    const heap_region_t *region;
    for (size_t i = 0; (region = next_match(&i, caps)) != NULL;) sum += region->end - region->start;
    return sum;
}

size_t heap_caps_get_free_size(uint32_t caps)
{
    size_t sum = 0;
    const heap_region_t *region;
    for (size_t i = 0; (region = next_match(&i, caps)) != NULL;) sum += heap_region_free_bytes(region);
    return sum;
}

size_t heap_caps_get_minimum_free_size(uint32_t caps)
{
    size_t sum = 0;
    const heap_region_t *region;
    for (size_t i = 0; (region = next_match(&i, caps)) != NULL;) sum += heap_region_minimum_free_bytes(region);
    return sum;
}

size_t heap_caps_get_largest_free_block(uint32_t caps)
{
    size_t largest = 0;
    const heap_region_t *region;
    for (size_t i = 0; (region = next_match(&i, caps)) != NULL;) {
        const size_t here = heap_region_largest_free(region);
        if (here > largest) largest = here;
    }
    return largest;
}

static bool add_block(void *pointer, size_t size, bool used, void *context)
{
    (void)pointer;
    multi_heap_info_t *info = context;
    info->total_blocks++;
    if (used) {
        info->allocated_blocks++;
        info->total_allocated_bytes += size;
    } else {
        info->free_blocks++;
    }
    return true;
}

void heap_caps_get_info(multi_heap_info_t *info, uint32_t caps)
{
    memset(info, 0, sizeof *info);
    const heap_region_t *region;
    for (size_t i = 0; (region = next_match(&i, caps)) != NULL;) {
        heap_region_walk(region, add_block, info);
        info->total_free_bytes += heap_region_free_bytes(region);
        info->minimum_free_bytes += heap_region_minimum_free_bytes(region);
        const size_t largest = heap_region_largest_free(region);
        if (largest > info->largest_free_block) info->largest_free_block = largest;
    }
}

typedef struct {
    heap_caps_walker_cb_t call;
    void *user_data;
    walker_heap_into_t heap;
} walk_t;

static bool pass_on(void *pointer, size_t size, bool used, void *context)
{
    const walk_t *walk = context;
    const walker_block_info_t block = {.ptr = pointer, .size = size, .used = used};
    return walk->call(walk->heap, block, walk->user_data);
}

void heap_caps_walk(uint32_t caps, heap_caps_walker_cb_t walker_func, void *user_data)
{
    const heap_region_t *region;
    for (size_t i = 0; (region = next_match(&i, caps)) != NULL;) {
        walk_t walk = {walker_func, user_data, {(intptr_t)region->start, (intptr_t)region->end}};
        heap_region_walk(region, pass_on, &walk);
    }
}

void heap_caps_walk_all(heap_caps_walker_cb_t walker_func, void *user_data) { heap_caps_walk(0, walker_func, user_data); }

bool heap_caps_check_integrity(uint32_t caps, bool print_errors)
{
    (void)print_errors;
    bool whole = true;
    const heap_region_t *region;
    for (size_t i = 0; (region = next_match(&i, caps)) != NULL;) {
        const void *where;
        whole = heap_region_check(region, &where) == NULL && whole;
    }
    return whole;
}

bool heap_caps_check_integrity_all(bool print_errors) { return heap_caps_check_integrity(0, print_errors); }
