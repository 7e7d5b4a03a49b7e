// What ESP-IDF's newlib and libstdc++ have beside malloc(), on the same calls.
#include "esp_heap_caps.h"

#include <string.h>

struct _reent;
void *malloc(size_t size);
void free(void *pointer);
void *_malloc_r(struct _reent *reent, size_t size);
char *strdup(const char *text);
void *_Znwj(size_t size);
void _ZdlPv(void *pointer);

void *_malloc_r(struct _reent *reent, size_t size)
{
    (void)reent;
    return heap_caps_malloc_default(size);
}

void *_Znwj(size_t size)
{
    void *pointer = malloc(size);
    return pointer ? pointer : _malloc_r(NULL, 1); // libstdc++ would throw
}

void _ZdlPv(void *pointer) { free(pointer); }
