// Code written against the original of the classic API: it declares the functions itself, with the original's types, takes their addresses,
// and keeps the strings of a record as char *. C and C++ alike, with -DCONFIG_MEMMAP_CLASSIC_SIGNATURES=1. Declared before the header
// is seen with -DBEFORE.
#if defined(BEFORE)
#include <stddef.h>
#include <stdint.h>
#if defined(__cplusplus)
extern "C" {
#endif
void *traceable_heap_caps_malloc(size_t size, uint32_t caps, char *file, int line, char *function);
void free_unregister_allocation(void **ptr);
#if defined(__cplusplus)
}
#endif
#endif

#include "memmap.h"

#if defined(__cplusplus)
extern "C" {
#endif
void *traceable_heap_caps_malloc(size_t size, uint32_t caps, char *file, int line, char *function);
void *traceable_heap_caps_calloc(size_t n, size_t size, uint32_t caps, const char *file, int line, const char *function);
void *traceable_heap_caps_realloc(void *ptr, size_t size, uint32_t caps, const char *file, int line, const char *function);
void register_allocation(MemoryTraceInfo info);
void unregister_allocation(void *address);
void log_memory_allocation(MemoryTraceInfo info);
void free_unregister_allocation(void **ptr);
void list_allocations(void);
void print_memory_info(const char *tag);
void app_main(void);
#if defined(__cplusplus)
}
#endif

SemaphoreHandle_t memorySemaphore;
bool debug_track_allocation = true;

static void *(*const take)(size_t, uint32_t, char *, int, char *) = traceable_heap_caps_malloc;
static void (*const give)(void **) = free_unregister_allocation;
static void (*const forget)(void *) = unregister_allocation;

void app_main(void)
{
    static char file[] = "main.c", function[] = "app_main";
    void *block = take(10, MALLOC_CAP_8BIT, file, 7, function);
    MemoryTraceInfo info;
    memset(&info, 0, sizeof info);
    info.file = file;
    info.function = function;
    info.address = block;
    char *name = info.file, *where = info.function, *how = info.method, *variable = info.var_name;
    (void)name, (void)where, (void)how, (void)variable;
    register_allocation(info);
    log_memory_allocation(info);
    unregister_allocation(block);
    forget(block);
    give(&block);
    free_unregister_allocation(&block);
    TRACE_FREE(TRACE_MALLOC(4, MALLOC_CAP_8BIT));
}
