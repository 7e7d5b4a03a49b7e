// The regions of memory that make up the heap, and the operations on one of them. A region's memory begins with its own
// bookkeeping, as in ESP-IDF: 20 bytes of multi_heap, then the TLSF control structure, then the blocks.
#ifndef HEAP_REGIONS_H
#define HEAP_REGIONS_H

#include "tlsf.h"

enum { HEAP_REGIONS_MAXIMUM = 8, HEAP_PRIORITIES = 3 };
// As in ESP-IDF: no request may be larger than any region, nor make the arithmetic overflow.
enum { HEAP_REQUEST_MAXIMUM = 16 * 1024 * 1024 };

typedef struct {
    uint32_t caps[HEAP_PRIORITIES];  // MALLOC_CAP_* for which this region is the first, second and last choice
    tlsf_address_t start;
    tlsf_address_t end;
    const char *name;  // lives for ever; may be NULL
    bool instruction_bus;  // code can run there: the ESP32's IRAM
} heap_region_t;

// Forgets all regions and what they held: a new boot.
void heap_regions_reset(void);
// Adds [start, end), rounded inwards to words. False where the table is full or the range too small for a heap.
bool heap_regions_add(const heap_region_t *region);

// Regions in the order in which they are tried: by ascending size. NULL past the last.
const heap_region_t *heap_regions_get(size_t index);
uint32_t heap_region_all_caps(const heap_region_t *region);
// NULL where no region contains the pointer.
const heap_region_t *heap_region_of(const void *pointer);

void *heap_region_malloc(const heap_region_t *region, size_t alignment, size_t size);
void *heap_region_realloc(const heap_region_t *region, void *pointer, size_t size);
void heap_region_free(const heap_region_t *region, void *pointer);
size_t heap_region_free_bytes(const heap_region_t *region);
size_t heap_region_minimum_free_bytes(const heap_region_t *region);
size_t heap_region_largest_free(const heap_region_t *region);
void heap_region_walk(const heap_region_t *region, tlsf_visit_t visit, void *context);
const char *heap_region_check(const heap_region_t *region, const void **where);

#endif
