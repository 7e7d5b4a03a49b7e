// Link-time interposition (-Wl,--wrap=…) of the five ways into ESP-IDF's heap, so that malloc, new, strdup, FreeRTOS and libraries
// without sources are seen too, each request once; and of what the heap says of a block's size. The macros' functions go to the heap past this, and record by themselves.
#include "callers.h"
#include "table.h"
#include "track.h"

#if MEMMAP_ENABLE && MEMMAP_INTERPOSE

// The caller, `capacity` calls deep. Must stay a macro: __builtin_return_address(0) is that of the function it stands in.
#define SITE_HERE(name, capabilities, how_called, capacity)                                                                \
    uintptr_t name##_callers[CONFIG_MEMMAP_STACK_DEPTH];                                                                   \
    mm_site_t name;                                                                                                        \
    name.caps = (capabilities);                                                                                            \
    name.callers = name##_callers;                                                                                         \
    name.how = MM_SITE_HOW(MM_SITE_CALLERS, how_called,                                                                    \
                           memmap_port_callers(mm_direct_caller(__builtin_return_address(0)), name##_callers, (capacity)), true); \
    name.key = name##_callers[0]

void *__wrap_heap_caps_malloc_base(size_t size, uint32_t caps);
void *__wrap_heap_caps_calloc_base(size_t count, size_t size, uint32_t caps);
void *__wrap_heap_caps_realloc_base(void *pointer, size_t size, uint32_t caps);
void *__wrap_heap_caps_aligned_alloc_base(size_t alignment, size_t size, uint32_t caps);
void __wrap_heap_caps_free(void *pointer);

MM_HOT void *__wrap_heap_caps_malloc_base(size_t size, uint32_t caps)
{
    SITE_HERE(site, caps, MEMMAP_METHOD_MALLOC, CONFIG_MEMMAP_STACK_DEPTH);
    return mm_allocate(&site, size, 0);
}

MM_HOT void *__wrap_heap_caps_calloc_base(size_t count, size_t size, uint32_t caps)
{
    SITE_HERE(site, caps, MEMMAP_METHOD_CALLOC, CONFIG_MEMMAP_STACK_DEPTH);
    return mm_allocate_array(&site, count, size);
}

MM_HOT void *__wrap_heap_caps_realloc_base(void *pointer, size_t size, uint32_t caps)
{
    SITE_HERE(site, caps, MEMMAP_METHOD_REALLOC, CONFIG_MEMMAP_STACK_DEPTH);
    return mm_reallocate(&site, pointer, size);
}

MM_HOT void *__wrap_heap_caps_aligned_alloc_base(size_t alignment, size_t size, uint32_t caps)
{
    SITE_HERE(site, caps, MEMMAP_METHOD_ALIGNED_ALLOC, CONFIG_MEMMAP_STACK_DEPTH);
    return mm_allocate(&site, size, alignment);
}

MM_HOT void __wrap_heap_caps_free(void *pointer)
{
    SITE_HERE(site, 0, MEMMAP_METHOD_FREE, mm_frees_are_remembered() ? CONFIG_MEMMAP_STACK_DEPTH : 1);
    mm_release(&site, pointer, false);
}

// What the program may fill is what it has asked for: behind that stands the red zone. Weak, for links that do not interpose this.
__attribute__((weak)) size_t __real_heap_caps_get_allocated_size(void *pointer);
size_t __wrap_heap_caps_get_allocated_size(void *pointer);

size_t __wrap_heap_caps_get_allocated_size(void *pointer)
{
    memmap_port_lock();
    uint32_t number = mm_table_look_up(mm_address(pointer)), size_flags = number != 0 ? mm_blocks[number].size_flags : 0;
    memmap_port_unlock();
    return size_flags & MM_BLOCK_RED_ZONE ? size_flags >> MM_BLOCK_SIZE_SHIFT : __real_heap_caps_get_allocated_size(pointer);
}

#endif // MEMMAP_ENABLE && MEMMAP_INTERPOSE
