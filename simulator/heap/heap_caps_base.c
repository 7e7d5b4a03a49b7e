// The five ways into the heap, in one translation unit as in ESP-IDF, where --wrap does not see what they call of each other. Here
// they call static functions instead, because wasm-ld's --wrap, unlike GNU ld's, would also redirect calls within a translation unit.
#include "esp_heap_caps.h"
#include "heap_port.h"
#include "heap_regions.h"

#include <string.h>

// Executable memory comes from regions on the instruction bus alone. (ESP-IDF also hands out D/IRAM for it, under its other address.)
static bool matches(const heap_region_t *region, uint32_t caps)
{
    if ((heap_region_all_caps(region) & caps) != caps) return false;
    return (caps & MALLOC_CAP_EXEC) == 0 || region->instruction_bus;
}

// First the regions for which one of `caps` is the first choice, then the second, then the last; smaller regions before larger ones.
static void *allocate(size_t alignment, size_t size, uint32_t caps)
{
    if (size == 0 || size > HEAP_REQUEST_MAXIMUM) return NULL;
    if ((caps & MALLOC_CAP_EXEC) != 0) {
        if ((caps & (MALLOC_CAP_8BIT | MALLOC_CAP_DMA)) != 0) return NULL;  // no memory can be both
        caps |= MALLOC_CAP_32BIT;
    }
    if ((caps & MALLOC_CAP_32BIT) != 0) size = (size + 3U) & ~(size_t)3U;
    for (size_t priority = 0; priority < HEAP_PRIORITIES; priority++) {
        const heap_region_t *region;
        for (size_t i = 0; (region = heap_regions_get(i)) != NULL; i++) {
            if ((region->caps[priority] & caps) == 0 || !matches(region, caps)) continue;
            void *pointer = heap_region_malloc(region, alignment, size);
            if (pointer != NULL) return pointer;
        }
    }
    return NULL;
}

static const heap_region_t *region_of_block(const void *ptr)
{
    const heap_region_t *region = heap_region_of(ptr);
    if (region == NULL) heap_port_abort("pointer outside the heap", ptr);
    return region;
}

static void release(void *ptr)
{
    if (ptr != NULL) heap_region_free(region_of_block(ptr), ptr);
}

void *heap_caps_aligned_alloc_base(size_t alignment, size_t size, uint32_t caps)
{
    if (alignment == 0 || (alignment & (alignment - 1U)) != 0) return NULL;
    return allocate(alignment, size, caps);
}

void *heap_caps_malloc_base(size_t size, uint32_t caps) { return allocate(TLSF_ALIGNMENT, size, caps); }

void *heap_caps_calloc_base(size_t n, size_t size, uint32_t caps)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes)) return NULL;
    void *pointer = allocate(TLSF_ALIGNMENT, bytes, caps);
    if (pointer != NULL) memset(pointer, 0, bytes);
    return pointer;
}

void heap_caps_free(void *ptr) { release(ptr); }

void *heap_caps_realloc_base(void *ptr, size_t size, uint32_t caps)
{
    if (ptr == NULL) return allocate(TLSF_ALIGNMENT, size, caps);
    if (size == 0) {
        release(ptr);
        return NULL;
    }
    if (size > HEAP_REQUEST_MAXIMUM) return NULL;
    const heap_region_t *region = region_of_block(ptr);
    if (matches(region, caps)) {
        void *result = heap_region_realloc(region, ptr, size);
        if (result != NULL) return result;
    }
    void *moved = allocate(TLSF_ALIGNMENT, size, caps);
    if (moved == NULL) return NULL;
    const size_t old_size = tlsf_block_size(ptr);
    memcpy(moved, ptr, old_size < size ? old_size : size);
    release(ptr);
    return moved;
}
