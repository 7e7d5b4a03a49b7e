// What TypeScript calls, besides the probe's and the heap's own functions (simulator/module.ts declares them all).
#include "simulator_board.h"

#include "conformance.h"
#include "esp_heap_caps.h"
#include "heap_regions.h"
#include "memmap.h"
#include "memmap_port.h"

#define EXPORT(name) __attribute__((export_name(name)))

EXPORT("board_state") simulator_board_t *board_state(void) { return &simulator_board; }

EXPORT("board_region")
bool board_region(const char *name, uint32_t start, uint32_t end, uint32_t caps0, uint32_t caps1, uint32_t caps2, bool instruction_bus)
{
    const heap_region_t region = {
        .caps = {caps0, caps1, caps2},
        .start = start,
        .end = end,
        .instruction_bus = instruction_bus,
        .name = name,
    };
    return heap_regions_add(&region);
}

// Calls `step` in the context of the probe's drain task.
static bool in_drain_task(bool (*step)(void))
{
    simulator_board_t *board = &simulator_board;
    const uint32_t task = board->task, in_interrupt = board->in_interrupt;
    board->task = board->drain_task;
    board->in_interrupt = 0;
    const bool result = step();
    board->task = task;
    board->in_interrupt = in_interrupt;
    return result;
}

// One step of the drain. True while it has more to do at once.
EXPORT("board_drain") bool board_drain(void)
{
    return simulator_board.drain_step != NULL && in_drain_task(simulator_board.drain_step);
}

// Sends all that was recorded so far. False where the line takes no more.
EXPORT("board_flush") bool board_flush(void)
{
    board_drain(); // the drain's task makes itself known with its first step
    return in_drain_task(memmap_flush);
}

EXPORT("board_stream_start") bool board_stream_start(void) { return memmap_stream_start(NULL); }

// Tracked calls: with the source of a macro.
EXPORT("board_malloc") void *board_malloc(const memmap_source_t *source, size_t size, uint32_t caps)
{
    return memmap_malloc(source, size, caps);
}
EXPORT("board_calloc") void *board_calloc(const memmap_source_t *source, size_t count, size_t size, uint32_t caps)
{
    return memmap_calloc(source, count, size, caps);
}
EXPORT("board_realloc") void *board_realloc(const memmap_source_t *source, void *pointer, size_t size, uint32_t caps)
{
    return memmap_realloc(source, pointer, size, caps);
}
EXPORT("board_aligned_alloc")
void *board_aligned_alloc(const memmap_source_t *source, size_t alignment, size_t size, uint32_t caps)
{
    return memmap_aligned_alloc(source, alignment, size, caps);
}
EXPORT("board_free") void board_free(const memmap_source_t *source, void *pointer) { memmap_free(source, pointer); }

// Calls of code that knows nothing of the probe; interposition sees them.
EXPORT("board_plain_malloc") void *board_plain_malloc(size_t size, uint32_t caps) { return heap_caps_malloc(size, caps); }
EXPORT("board_plain_calloc")
void *board_plain_calloc(size_t count, size_t size, uint32_t caps) { return heap_caps_calloc(count, size, caps); }
EXPORT("board_plain_realloc")
void *board_plain_realloc(void *pointer, size_t size, uint32_t caps) { return heap_caps_realloc(pointer, size, caps); }
EXPORT("board_plain_aligned_alloc")
void *board_plain_aligned_alloc(size_t alignment, size_t size, uint32_t caps)
{
    return heap_caps_aligned_alloc(alignment, size, caps);
}
EXPORT("board_plain_free") void board_plain_free(void *pointer) { heap_caps_free(pointer); }

// Calls that the probe cannot see.
EXPORT("board_hidden_malloc") void *board_hidden_malloc(size_t size, uint32_t caps) { return memmap_port_malloc(size, caps); }
EXPORT("board_hidden_calloc")
void *board_hidden_calloc(size_t count, size_t size, uint32_t caps) { return memmap_port_calloc(count, size, caps); }
EXPORT("board_hidden_realloc")
void *board_hidden_realloc(void *pointer, size_t size, uint32_t caps)
{
    if (pointer != NULL && size != 0) return memmap_port_realloc(pointer, size, caps);
    if (pointer != NULL) memmap_port_free(pointer);
    return size == 0 ? NULL : memmap_port_malloc(size, caps);
}
EXPORT("board_hidden_aligned_alloc")
void *board_hidden_aligned_alloc(size_t alignment, size_t size, uint32_t caps)
{
    return memmap_port_aligned_alloc(alignment, size, caps);
}
EXPORT("board_hidden_free") void board_hidden_free(void *pointer) { memmap_port_free(pointer); }

EXPORT("board_free_size") size_t board_free_size(uint32_t caps) { return heap_caps_get_free_size(caps); }
EXPORT("board_largest_free") size_t board_largest_free(uint32_t caps) { return heap_caps_get_largest_free_block(caps); }
EXPORT("board_heap_is_whole") bool board_heap_is_whole(void) { return heap_caps_check_integrity_all(false); }

EXPORT("board_request_snapshot") void board_request_snapshot(void) { memmap_request_snapshot(); }
EXPORT("board_options") memmap_options_t *board_options(void) { return &memmap_options; }
EXPORT("board_list_allocations") void board_list_allocations(void) { list_allocations(); }
EXPORT("board_print_memory_info") void board_print_memory_info(const char *tag) { print_memory_info(tag); }

static void settle(void) { board_flush(); }

EXPORT("board_conformance") void board_conformance(void) { conformance_run(settle); }
