// The classic API and the functions behind the macros: each names the call's site and goes on to track.c.
#include "track.h"

// The functions of the classic API are defined under their own names here, without the macros' sources.
#undef free_unregister_allocation
#undef unregister_allocation

#if MEMMAP_ENABLE

MM_HOT void *memmap_malloc(const memmap_source_t *source, size_t size, uint32_t caps)
{
    mm_site_t site = mm_site_of_source(source, caps, MEMMAP_METHOD_MALLOC);
    return mm_allocate(&site, size, 0);
}

MM_HOT void *memmap_calloc(const memmap_source_t *source, size_t count, size_t size, uint32_t caps)
{
    mm_site_t site = mm_site_of_source(source, caps, MEMMAP_METHOD_CALLOC);
    return mm_allocate_array(&site, count, size);
}

MM_HOT void *memmap_realloc(const memmap_source_t *source, void *pointer, size_t size, uint32_t caps)
{
    mm_site_t site = mm_site_of_source(source, caps, MEMMAP_METHOD_REALLOC);
    return mm_reallocate(&site, pointer, size);
}

MM_HOT void *memmap_aligned_alloc(const memmap_source_t *source, size_t alignment, size_t size, uint32_t caps)
{
    mm_site_t site = mm_site_of_source(source, caps, MEMMAP_METHOD_ALIGNED_ALLOC);
    return mm_allocate(&site, size, alignment);
}

MM_HOT void memmap_free(const memmap_source_t *source, void *pointer)
{
    mm_site_t site = mm_site_of_source(source, 0, MEMMAP_METHOD_FREE);
    mm_release(&site, pointer, true);
}

MM_HOT void memmap_free_and_clear(const memmap_source_t *source, void **pointer)
{
    if (!pointer) return;
    memmap_free(source, *pointer);
    *pointer = NULL;
}

void memmap_unregister(const memmap_source_t *source, void *address)
{
    mm_site_t site = mm_site_of_source(source, 0, MEMMAP_METHOD_FREE);
    if (address) mm_unregister(&site, mm_address(address));
}

// A site whose place was given by hand.
static mm_site_t named_site(const char *file, int line, const char *function, const char *variable, uint32_t caps, uint32_t method)
{
    memmap_source_t place = {file, function, variable, (uint32_t)line, method};
    return mm_site_of_source(mm_source_of(&place), caps, method);
}

void *traceable_heap_caps_malloc(size_t size, uint32_t caps, memmap_text_t *file, int line, memmap_text_t *function)
{
    mm_site_t site = named_site(file, line, function, NULL, caps, MEMMAP_METHOD_MALLOC);
    return mm_allocate(&site, size, 0);
}

void *traceable_heap_caps_calloc(size_t count, size_t size, uint32_t caps, const char *file, int line, const char *function)
{
    mm_site_t site = named_site(file, line, function, NULL, caps, MEMMAP_METHOD_CALLOC);
    return mm_allocate_array(&site, count, size);
}

void *traceable_heap_caps_realloc(void *pointer, size_t size, uint32_t caps, const char *file, int line,
                                  const char *function)
{
    mm_site_t site = named_site(file, line, function, NULL, caps, MEMMAP_METHOD_REALLOC);
    return mm_reallocate(&site, pointer, size);
}

void register_allocation(MemoryTraceInfo info)
{
    if (!debug_track_allocation || info.failure || !info.address) return;
    mm_site_t site = named_site(info.file, info.line, info.function, info.var_name, info.caps, MEMMAP_METHOD_REGISTERED);
    mm_register(&site, mm_address(info.address), (uint32_t)info.size);
}

// Called by address or from code compiled without the macros: the return address is all that is known of the caller.
#define SITE_OF_CALLER(name)                                                                                               \
    uintptr_t name##_caller;                                                                                               \
    memmap_port_callers(__builtin_return_address(0), &name##_caller, 1);                                                   \
    mm_site_t name = {.key = name##_caller, .callers = &name##_caller, .depth = 1, .kind = MM_SITE_CALLERS,                \
                      .method = MEMMAP_METHOD_FREE}

void unregister_allocation(void *address)
{
    SITE_OF_CALLER(site);
    if (address) mm_unregister(&site, mm_address(address));
}

void free_unregister_allocation(void **pointer)
{
    SITE_OF_CALLER(site);
    if (!pointer) return;
    mm_release(&site, *pointer, true);
    *pointer = NULL;
}

#endif // MEMMAP_ENABLE
