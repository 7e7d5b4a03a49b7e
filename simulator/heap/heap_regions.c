// See heap_regions.h.
#include "heap_regions.h"

#include "heap_port.h"

#include <string.h>

// At the start of each region; the field order is ESP-IDF's, for readers of memory images.
typedef struct {
    uint32_t lock;
    uint32_t free_bytes;
    uint32_t minimum_free_bytes;
    uint32_t pool_size;
    tlsf_address_t heap_data;
} region_head_t;

static heap_region_t regions[HEAP_REGIONS_MAXIMUM];
static size_t region_count;

static region_head_t *head_of(const heap_region_t *region) { return tlsf_pointer(region->start); }
static tlsf_t *tlsf_of(const heap_region_t *region) { return tlsf_pointer(head_of(region)->heap_data); }
static uint32_t length_of(const heap_region_t *region) { return region->end - region->start; }

void heap_regions_reset(void) { region_count = 0; }

bool heap_regions_add(const heap_region_t *asked)
{
    heap_region_t region = *asked;
    region.start = (region.start + 3U) & ~3U;
    region.end &= ~3U;
    if (region_count == HEAP_REGIONS_MAXIMUM || region.end <= region.start || length_of(&region) < sizeof(region_head_t)) return false;
    const uint32_t bytes = length_of(&region) - (uint32_t)sizeof(region_head_t);
    tlsf_t *tlsf = tlsf_create(region.start + (uint32_t)sizeof(region_head_t), bytes);
    if (tlsf == NULL) return false;
    const uint32_t free_bytes = bytes - tlsf->size;
    *head_of(&region) = (region_head_t){
        .free_bytes = free_bytes,
        .minimum_free_bytes = free_bytes,
        .pool_size = bytes,
        .heap_data = tlsf_address(tlsf),
    };
    size_t place = region_count++;
    for (; place > 0 && length_of(&regions[place - 1]) > length_of(&region); place--) regions[place] = regions[place - 1];
    regions[place] = region;
    return true;
}

const heap_region_t *heap_regions_get(size_t index) { return index < region_count ? &regions[index] : NULL; }

uint32_t heap_region_all_caps(const heap_region_t *region) { return region->caps[0] | region->caps[1] | region->caps[2]; }

const heap_region_t *heap_region_of(const void *pointer)
{
    for (size_t i = 0; i < region_count; i++) {
        const uintptr_t address = (uintptr_t)pointer;
        if (address >= regions[i].start && address < regions[i].end) return &regions[i];
    }
    return NULL;
}

// Books `taken` and `returned` bytes of blocks, their overhead included.
static void account(const heap_region_t *region, size_t taken, size_t returned)
{
    region_head_t *head = head_of(region);
    head->free_bytes = head->free_bytes + (uint32_t)returned - (uint32_t)taken;
    if (head->free_bytes < head->minimum_free_bytes) head->minimum_free_bytes = head->free_bytes;
}

static size_t cost_of(const void *pointer) { return tlsf_block_size(pointer) + TLSF_BLOCK_OVERHEAD; }

void *heap_region_malloc(const heap_region_t *region, size_t alignment, size_t size)
{
    heap_port_lock();
    void *pointer = tlsf_aligned_alloc(tlsf_of(region), alignment, size);
    if (pointer != NULL) account(region, cost_of(pointer), 0);
    heap_port_unlock();
    return pointer;
}

void *heap_region_realloc(const heap_region_t *region, void *pointer, size_t size)
{
    heap_port_lock();
    const size_t before = cost_of(pointer);
    void *result = tlsf_realloc(tlsf_of(region), pointer, size);
    if (result != NULL) account(region, cost_of(result), before);
    heap_port_unlock();
    return result;
}

void heap_region_free(const heap_region_t *region, void *pointer)
{
    heap_port_lock();
    const size_t cost = cost_of(pointer);
    if (cost - TLSF_BLOCK_OVERHEAD > region->end - tlsf_address(pointer)) {
        heap_port_abort("size of a block to free is broken", pointer);
    }
    tlsf_free(tlsf_of(region), pointer);
    account(region, 0, cost);
    heap_port_unlock();
}

size_t heap_region_free_bytes(const heap_region_t *region) { return head_of(region)->free_bytes; }
size_t heap_region_minimum_free_bytes(const heap_region_t *region) { return head_of(region)->minimum_free_bytes; }

size_t heap_region_largest_free(const heap_region_t *region)
{
    heap_port_lock();
    const size_t largest = tlsf_largest_free(tlsf_of(region));
    heap_port_unlock();
    return largest;
}

void heap_region_walk(const heap_region_t *region, tlsf_visit_t visit, void *context)
{
    heap_port_lock();
    tlsf_walk(tlsf_of(region), region->end, visit, context);
    heap_port_unlock();
}

const char *heap_region_check(const heap_region_t *region, const void **where)
{
    heap_port_lock();
    const char *wrong = tlsf_check(tlsf_of(region), region->end, where);
    heap_port_unlock();
    return wrong;
}
