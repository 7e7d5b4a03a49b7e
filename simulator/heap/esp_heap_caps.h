// The part of ESP-IDF's heap interface (v5.3 to v6.1) that the simulated heap offers, under its real names, so that the probe and the
// examples compile against it unchanged.
#ifndef ESP_HEAP_CAPS_H
#define ESP_HEAP_CAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MALLOC_CAP_EXEC (1U << 0)
#define MALLOC_CAP_32BIT (1U << 1)
#define MALLOC_CAP_8BIT (1U << 2)
#define MALLOC_CAP_DMA (1U << 3)
#define MALLOC_CAP_SPIRAM (1U << 10)
#define MALLOC_CAP_INTERNAL (1U << 11)
#define MALLOC_CAP_DEFAULT (1U << 12)
#define MALLOC_CAP_IRAM_8BIT (1U << 13)
#define MALLOC_CAP_RETENTION (1U << 14)
#define MALLOC_CAP_RTCRAM (1U << 15)
#define MALLOC_CAP_TCM (1U << 16)
#define MALLOC_CAP_DMA_DESC_AHB (1U << 17)
#define MALLOC_CAP_DMA_DESC_AXI (1U << 18)
#define MALLOC_CAP_CACHE_ALIGNED (1U << 19)
#define MALLOC_CAP_SIMD (1U << 20)
#define MALLOC_CAP_INVALID (1U << 31)

typedef int esp_err_t;
#ifndef ESP_OK
#define ESP_OK 0
#define ESP_FAIL (-1)
#endif

typedef struct {
    size_t total_free_bytes;
    size_t total_allocated_bytes;
    size_t largest_free_block;
    size_t minimum_free_bytes;  // lowest total_free_bytes since the start
    size_t allocated_blocks;
    size_t free_blocks;
    size_t total_blocks;
} multi_heap_info_t;

typedef void (*esp_alloc_failed_hook_t)(size_t size, uint32_t caps, const char *function_name);

typedef struct walker_heap_info {
    intptr_t start;
    intptr_t end;
} walker_heap_into_t;

typedef struct walker_block_info {
    void *ptr;
    size_t size;
    bool used;
} walker_block_info_t;

// Returns false to end the walk of this region.
typedef bool (*heap_caps_walker_cb_t)(walker_heap_into_t heap_info, walker_block_info_t block_info, void *user_data);

// One slot: a second call replaces the first.
esp_err_t heap_caps_register_failed_alloc_callback(esp_alloc_failed_hook_t callback);

void *heap_caps_malloc(size_t size, uint32_t caps);
void *heap_caps_calloc(size_t n, size_t size, uint32_t caps);
void *heap_caps_realloc(void *ptr, size_t size, uint32_t caps);
void *heap_caps_aligned_alloc(size_t alignment, size_t size, uint32_t caps);
void *heap_caps_aligned_calloc(size_t alignment, size_t n, size_t size, uint32_t caps);
void heap_caps_free(void *ptr);
// `num` sets of caps follow, tried in turn.
void *heap_caps_malloc_prefer(size_t size, size_t num, ...);
void *heap_caps_calloc_prefer(size_t n, size_t size, size_t num, ...);
void *heap_caps_realloc_prefer(void *ptr, size_t size, size_t num, ...);
// What malloc() and realloc() call: any memory (in ESP-IDF internal memory only), or after heap_caps_malloc_extmem_enable() internal
// memory up to `limit` bytes, PSRAM beyond, and what there is where that is full.
void heap_caps_malloc_extmem_enable(size_t limit);
void *heap_caps_malloc_default(size_t size);
void *heap_caps_realloc_default(void *ptr, size_t size);

// The five ways into the heap: link-time interposition redirects these. Inside heap_caps_base.c they call each other directly, as in
// ESP-IDF, so that one request is seen once.
void *heap_caps_malloc_base(size_t size, uint32_t caps);
void *heap_caps_calloc_base(size_t n, size_t size, uint32_t caps);
void *heap_caps_realloc_base(void *ptr, size_t size, uint32_t caps);
void *heap_caps_aligned_alloc_base(size_t alignment, size_t size, uint32_t caps);

// Bytes that the block may hold: at least what was asked for. Stops at a pointer outside all regions.
size_t heap_caps_get_allocated_size(void *ptr);
size_t heap_caps_get_total_size(uint32_t caps);
size_t heap_caps_get_free_size(uint32_t caps);
size_t heap_caps_get_minimum_free_size(uint32_t caps);
size_t heap_caps_get_largest_free_block(uint32_t caps);
void heap_caps_get_info(multi_heap_info_t *info, uint32_t caps);

void heap_caps_walk(uint32_t caps, heap_caps_walker_cb_t walker_func, void *user_data);
void heap_caps_walk_all(heap_caps_walker_cb_t walker_func, void *user_data);

// `print_errors` is accepted and ignored: the platform is told through the return value.
bool heap_caps_check_integrity(uint32_t caps, bool print_errors);
bool heap_caps_check_integrity_all(bool print_errors);

#ifdef __cplusplus
}
#endif

#endif
