// memmap.h with CONFIG_MEMMAP_ENABLE=n: the classic API and the macros as plain heap calls. Nothing of the probe is linked.
#ifndef MEMMAP_DISABLED_H
#define MEMMAP_DISABLED_H

#define TRACE_MALLOC(size, caps) heap_caps_malloc((size), (caps))
#define TRACE_CALLOC(n, size, caps) heap_caps_calloc((n), (size), (caps))
#define TRACE_REALLOC(ptr, size, caps) heap_caps_realloc((ptr), (size), (caps))
#define TRACE_ALIGNED_ALLOC(alignment, size, caps) heap_caps_aligned_alloc((alignment), (size), (caps))
#define TRACE_FREE(ptr) heap_caps_free(ptr)
#define TRACE_MALLOC_VAR(variable, size, caps) ((variable) = (__typeof__(variable))heap_caps_malloc((size), (caps)))
#define TRACE_CALLOC_VAR(variable, n, size, caps) ((variable) = (__typeof__(variable))heap_caps_calloc((n), (size), (caps)))
#define TRACE_REALLOC_VAR(variable, size, caps)                                                                            \
    (__extension__({                                                                                                       \
        size_t memmap_size_ = (size);                                                                                      \
        void *memmap_new_ = heap_caps_realloc((variable), memmap_size_, (caps));                                           \
        if (memmap_new_ || memmap_size_ == 0) (variable) = (__typeof__(variable))memmap_new_;                              \
        memmap_new_;                                                                                                       \
    }))
#define TRACEABLE_HEAP_CAPS_MALLOC(size, caps) TRACE_MALLOC(size, caps)
#define TRACEABLE_HEAP_CAPS_CALLOC(n, size, caps) TRACE_CALLOC(n, size, caps)
#define TRACEABLE_HEAP_CAPS_REALLOC(ptr, size, caps) TRACE_REALLOC(ptr, size, caps)

// Declared by the program itself perhaps, so that they may not be static then.
#if !MEMMAP_CLASSIC_SIGNATURES
#define MEMMAP_CLASSIC static inline
#elif defined(__cplusplus)
#define MEMMAP_CLASSIC inline
#else
#define MEMMAP_CLASSIC __attribute__((weak))
#endif

MEMMAP_CLASSIC void *traceable_heap_caps_malloc(size_t size, uint32_t caps, memmap_text_t *file, int line, memmap_text_t *function)
{
    (void)file, (void)line, (void)function;
    return heap_caps_malloc(size, caps);
}
MEMMAP_CLASSIC void *traceable_heap_caps_calloc(size_t count, size_t size, uint32_t caps, const char *file, int line,
                                               const char *function)
{
    (void)file, (void)line, (void)function;
    return heap_caps_calloc(count, size, caps);
}
MEMMAP_CLASSIC void *traceable_heap_caps_realloc(void *pointer, size_t size, uint32_t caps, const char *file, int line,
                                                const char *function)
{
    (void)file, (void)line, (void)function;
    return heap_caps_realloc(pointer, size, caps);
}
MEMMAP_CLASSIC void free_unregister_allocation(void **pointer)
{
    if (!pointer) return;
    heap_caps_free(*pointer);
    *pointer = NULL;
}
MEMMAP_CLASSIC void register_allocation(MemoryTraceInfo info) { (void)info; }
MEMMAP_CLASSIC void unregister_allocation(void *address) { (void)address; }
MEMMAP_CLASSIC void log_memory_allocation(MemoryTraceInfo info) { (void)info; }
MEMMAP_CLASSIC void list_allocations(void) {}
MEMMAP_CLASSIC void print_memory_info(const char *tag) { (void)tag; }

static inline void memmap_set_log_sink(memmap_log_sink_t sink, void *context) { (void)sink, (void)context; }
static inline bool memmap_stream_start(const memmap_transport_t *transport) { return (void)transport, false; }
static inline void memmap_stream_stop(void) {}
static inline bool memmap_drain(void) { return false; }
static inline bool memmap_flush(void) { return true; }
static inline void memmap_request_snapshot(void) {}
static inline void memmap_statistics(memmap_statistics_t *statistics) { memset(statistics, 0, sizeof *statistics); }
static inline uint32_t memmap_check(uint32_t blocks) { return (void)blocks, 0; }
static inline bool memmap_take_table(void) { return true; }
static inline void memmap_print_cost(void) {}
static inline bool memmap_check_every(uint32_t period_ms) { return (void)period_ms, true; }
static inline void memmap_mark(const char *name) { (void)name; }
static inline void memmap_top(memmap_group_t by, const char *since, uint32_t lines) { (void)by, (void)since, (void)lines; }
static inline void memmap_list_since(const char *mark) { (void)mark; }
static inline int memmap_console(int argc, char **argv) { return (void)argc, (void)argv, 1; }
static inline bool memmap_register_console(void) { return false; }

#endif // MEMMAP_DISABLED_H
