// Hook mode, where link-time interposition is not possible (another tool owns those symbols): ESP-IDF calls these two with
// CONFIG_HEAP_USE_HOOKS. Their limits: a block that realloc moves is reported at its new address only, its old record stays until the
// address is given out again; a free is reported after the heap has got the block; failures and callers are not reported; no red zones.
#include "track.h"

#if MEMMAP_ENABLE && MEMMAP_HOOKS

#if !defined(ESP_PLATFORM) // there esp_heap_caps.h declares them, in IRAM
void esp_heap_trace_alloc_hook(void *pointer, size_t size, uint32_t caps);
void esp_heap_trace_free_hook(void *pointer);
#endif

void esp_heap_trace_alloc_hook(void *pointer, size_t size, uint32_t caps)
{
    if (pointer) mm_hook_allocated(mm_address(pointer), (uint32_t)size, caps);
}

void esp_heap_trace_free_hook(void *pointer)
{
    if (pointer) mm_hook_freed(mm_address(pointer));
}

#endif // MEMMAP_ENABLE && MEMMAP_HOOKS
