// malloc and its kin for platforms without a C library, on the same calls as in ESP-IDF's newlib.
#include "esp_heap_caps.h"

#include <string.h>

void *malloc(size_t size);
void *calloc(size_t n, size_t size);
void *realloc(void *ptr, size_t size);
void free(void *ptr);

void *malloc(size_t size) { return heap_caps_malloc_default(size); }

void *calloc(size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes)) return NULL;
    void *pointer = heap_caps_malloc_default(bytes);
    if (pointer != NULL) memset(pointer, 0, bytes);
    return pointer;
}

void *realloc(void *ptr, size_t size) { return heap_caps_realloc_default(ptr, size); }

void free(void *ptr) { heap_caps_free(ptr); }
