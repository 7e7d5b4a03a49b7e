// The public allocation functions above the five base functions, with the report of failures; in a translation unit of its own as in
// ESP-IDF, so that --wrap of a base function sees every call from here.
#include "esp_heap_caps.h"
#include "heap_port.h"
#include "heap_regions.h"

#include <stdarg.h>
#include <string.h>

static esp_alloc_failed_hook_t failed_hook;

esp_err_t heap_caps_register_failed_alloc_callback(esp_alloc_failed_hook_t callback)
{
    if (callback == NULL) return ESP_FAIL;
    failed_hook = callback;
    return ESP_OK;
}

static void *reported(void *pointer, size_t size, uint32_t caps, const char *function)
{
    if (pointer != NULL || size == 0) return pointer;
    if (failed_hook != NULL) failed_hook(size, caps, function);
#if CONFIG_HEAP_ABORT_WHEN_ALLOCATION_FAILS
    heap_port_abort("memory allocation failed", NULL);
#endif
    return NULL;
}

// What the report says of n elements; the failure matters, not the wrapped product.
static size_t product(size_t n, size_t size)
{
    size_t bytes;
    return __builtin_mul_overflow(n, size, &bytes) ? SIZE_MAX : bytes;
}

void *heap_caps_malloc(size_t size, uint32_t caps)
{
    return reported(heap_caps_malloc_base(size, caps), size, caps, __func__);
}

void *heap_caps_calloc(size_t n, size_t size, uint32_t caps)
{
    return reported(heap_caps_calloc_base(n, size, caps), product(n, size), caps, __func__);
}

void *heap_caps_realloc(void *ptr, size_t size, uint32_t caps)
{
    return reported(heap_caps_realloc_base(ptr, size, caps), size, caps, __func__);
}

void *heap_caps_aligned_alloc(size_t alignment, size_t size, uint32_t caps)
{
    // As in ESP-IDF, refused before the heap is asked.
    if (size > HEAP_REQUEST_MAXIMUM) return reported(NULL, size, caps, __func__);
    return reported(heap_caps_aligned_alloc_base(alignment, size, caps), size, caps, __func__);
}

void *heap_caps_aligned_calloc(size_t alignment, size_t n, size_t size, uint32_t caps)
{
    const size_t bytes = product(n, size);
    void *pointer = bytes == SIZE_MAX ? NULL : heap_caps_aligned_alloc_base(alignment, bytes, caps);
    if (pointer != NULL) memset(pointer, 0, bytes);
    return reported(pointer, bytes, caps, __func__);
}

void *heap_caps_malloc_prefer(size_t size, size_t num, ...)
{
    void *pointer = NULL;
    uint32_t caps = 0;
    va_list list;
    va_start(list, num);
    for (size_t i = 0; i < num && pointer == NULL; i++) {
        caps = va_arg(list, uint32_t);
        pointer = heap_caps_malloc_base(size, caps);
    }
    va_end(list);
    return reported(pointer, size, caps, __func__);
}

void *heap_caps_calloc_prefer(size_t n, size_t size, size_t num, ...)
{
    void *pointer = NULL;
    uint32_t caps = 0;
    va_list list;
    va_start(list, num);
    for (size_t i = 0; i < num && pointer == NULL; i++) {
        caps = va_arg(list, uint32_t);
        pointer = heap_caps_calloc_base(n, size, caps);
    }
    va_end(list);
    return reported(pointer, product(n, size), caps, __func__);
}

void *heap_caps_realloc_prefer(void *ptr, size_t size, size_t num, ...)
{
    void *pointer = NULL;
    uint32_t caps = 0;
    va_list list;
    va_start(list, num);
    for (size_t i = 0; i < num && pointer == NULL; i++) {
        caps = va_arg(list, uint32_t);
        pointer = heap_caps_realloc_base(ptr, size, caps);
        if (size == 0) break;  // freed by the first attempt
    }
    va_end(list);
    return reported(pointer, size, caps, __func__);
}

// Up to so many bytes malloc() prefers internal memory, beyond them PSRAM.
static size_t internal_limit;
static bool limited;

void heap_caps_malloc_extmem_enable(size_t limit)
{
    internal_limit = limit;
    limited = true;
}

static uint32_t preferred_caps(size_t size)
{
    return MALLOC_CAP_DEFAULT | (size <= internal_limit ? MALLOC_CAP_INTERNAL : MALLOC_CAP_SPIRAM);
}

void *heap_caps_malloc_default(size_t size)
{
    if (!limited) return heap_caps_malloc(size, MALLOC_CAP_DEFAULT);
    void *pointer = heap_caps_malloc_base(size, preferred_caps(size));
    if (pointer == NULL && size > 0) pointer = heap_caps_malloc_base(size, MALLOC_CAP_DEFAULT);
    return reported(pointer, size, MALLOC_CAP_DEFAULT, __func__);
}

void *heap_caps_realloc_default(void *ptr, size_t size)
{
    if (!limited) return heap_caps_realloc(ptr, size, MALLOC_CAP_DEFAULT);
    void *pointer = heap_caps_realloc_base(ptr, size, preferred_caps(size));
    if (pointer == NULL && size > 0) pointer = heap_caps_realloc_base(ptr, size, MALLOC_CAP_DEFAULT);
    return reported(pointer, size, MALLOC_CAP_DEFAULT, __func__);
}
