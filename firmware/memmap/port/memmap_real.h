// The heap's own functions past the probe's interposition: with -Wl,--wrap the linker calls them __real_….
#ifndef MEMMAP_REAL_H
#define MEMMAP_REAL_H

#include "esp_heap_caps.h"
#include "memmap_config.h"

#if MEMMAP_INTERPOSE
#define MEMMAP_REAL(name) __real_##name
void *__real_heap_caps_malloc_base(size_t size, uint32_t caps);
void *__real_heap_caps_calloc_base(size_t count, size_t size, uint32_t caps);
void *__real_heap_caps_realloc_base(void *pointer, size_t size, uint32_t caps);
void *__real_heap_caps_aligned_alloc_base(size_t alignment, size_t size, uint32_t caps);
void __real_heap_caps_free(void *pointer);
esp_err_t __real_heap_caps_register_failed_alloc_callback(esp_alloc_failed_hook_t callback);
#else
#define MEMMAP_REAL(name) name
// In ESP-IDF these are not in a public header.
void *heap_caps_malloc_base(size_t size, uint32_t caps);
void *heap_caps_calloc_base(size_t count, size_t size, uint32_t caps);
void *heap_caps_realloc_base(void *pointer, size_t size, uint32_t caps);
void *heap_caps_aligned_alloc_base(size_t alignment, size_t size, uint32_t caps);
#endif

#endif // MEMMAP_REAL_H
