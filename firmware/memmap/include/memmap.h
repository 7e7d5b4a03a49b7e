// memmap, the memory debugger for ESP-IDF firmware: the probe's whole API.
//
//   #include "memmap.h"
//   char *line = TRACE_MALLOC(256, MALLOC_CAP_8BIT);   // tracked, with file, line and function
//   free_unregister_allocation((void **)&line);        // checked, zeroed, freed; line == NULL
//   list_allocations();                                // what lives now
//
// With CONFIG_MEMMAP_ENABLE=n the macros are the plain heap_caps_* calls and nothing of the probe is linked.
#ifndef MEMMAP_H
#define MEMMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "esp_heap_caps.h"
#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"

#include "memmap_config.h"
#include "memmap_protocol.h"

#ifdef __cplusplus
extern "C" {
#endif

// --- The classic API -----------------------------------------------------------------------------------------------------

#if MEMMAP_CLASSIC_SIGNATURES
typedef char memmap_text_t;
#else
typedef const char memmap_text_t;
#endif

// All strings must live for ever (literals do): the probe keeps the pointers and reads them much later.
typedef struct MemoryTraceInfo {
    memmap_text_t *file;
    int line;
    memmap_text_t *function;
    size_t size;
    memmap_text_t *method; // "heap_caps_malloc", …
    uint32_t caps;
    int failure; // 1: the allocation failed
    void *address;
    memmap_text_t *var_name; // NULL: not known
} MemoryTraceInfo;

// Where a macro stands; one constant per use, in flash.
typedef struct {
    const char *file;
    const char *function;
    const char *variable; // NULL: not known
    uint32_t line;
    uint32_t method; // MEMMAP_METHOD_*
} memmap_source_t;

// --- Kinds of text and what becomes of it ----------------------------------------------------------------------------------

typedef enum {
    MEMMAP_LOG_LIST,    // answers to list_allocations() and its like
    MEMMAP_LOG_FAULT,   // a proven fault
    MEMMAP_LOG_FAILURE, // an allocation that failed
    MEMMAP_LOG_INFO
} memmap_log_kind_t;

// Receives one line of text, with its line feed and without a final 0. Called from tasks only, where they may wait, outside all locks,
// and of reports by one task at a time. It may allocate: what goes wrong with that is reported, but not printed.
typedef void (*memmap_log_sink_t)(memmap_log_kind_t kind, const char *line, size_t length, void *context);

// --- Run-time switches -----------------------------------------------------------------------------------------------------

typedef struct {
    bool zero_on_free;   // free_unregister_allocation() and memmap_free() wipe the block
    bool red_zones;      // new blocks get a red zone (CONFIG_MEMMAP_RED_ZONE_BYTES)
    bool check_start;    // compare the heap's size of a block with the request on free: sees writes before the start
    bool quarantine;     // keep freed blocks back for a while, to see writes after free
    bool remember_frees; // keep a history of frees: what a double free is reported with (quarantine implies it)
    bool free_sites;     // send the freeing site with each FREE event (1 or 2 bytes each)
    bool print_faults;   // one line each through the log sink
    bool print_failures; // the same for failed allocations
    bool abort_on_fault; // stop at the first proven fault
    // Tracks one allocation in so many, chosen at random, for builds that must stay fast; 0 and 1: all. Blocks left out cost a
    // fraction (docs/probe-cost.md), and their frees are not "unknown". Set it before memmap_stream_start(): HELLO tells the host, which scales up.
    uint16_t sample_interval;
    // Tracks by bytes instead: one block every so many bytes on average, large ones more often than small ones; 0: not.
    uint32_t sample_bytes; // at most 16 MiB
    // Percent of the free heap that the table may take (CONFIG_MEMMAP_TABLE_FROM_HEAP, …_FROM_PSRAM); read by memmap_take_table().
    uint8_t table_share;
    // Every so many milliseconds the drain looks at the next CONFIG_MEMMAP_CHECK_BLOCKS blocks, as memmap_check() does; 0: never. Without a
    // stream use memmap_check_every(), which starts the drain's task.
    uint32_t check_period_ms;
} memmap_options_t;

typedef struct {
    uint32_t live_blocks, live_bytes, peak_bytes;
    uint32_t table_capacity;
    uint32_t table_full;     // allocations that the table had no room for: they are not in any number here
    uint32_t site_overflow;  // allocations whose site had no room: they count under site 0
    uint32_t unknown_frees;  // pointers freed that the probe did not know
    uint32_t stale_records;  // records whose block had been freed or resized behind the probe's back, and other damage that proves nothing
    uint32_t events;         // allocations, frees and reallocations since boot
    uint32_t dropped_events; // of those, lost to the stream for want of a free buffer
    uint32_t faults, failures, dropped_reports;
    uint32_t quarantined_bytes, quarantined_blocks;
    uint32_t hash; // of the live set, SPEC.md 3.2
} memmap_statistics_t;

// A way out for the stream. See memmap_stream_start().
typedef struct {
    // Takes one whole frame, or returns false and takes nothing of it. Never called by two at a time: by the drain's task, or without one by
    // whoever calls memmap_drain() or memmap_flush(). May wait.
    bool (*write)(const uint8_t *bytes, size_t length, void *context);
    // Commands from the host: takes what has arrived, never waits. NULL: a one-way line.
    size_t (*read)(uint8_t *bytes, size_t capacity, void *context);
    void *context;
    bool armoured; // base64 lines, for monitors and files that take only text; a third more bytes
} memmap_transport_t;

// What memmap_top() sums up.
typedef enum { MEMMAP_BY_SITE, MEMMAP_BY_TASK } memmap_group_t;

#if MEMMAP_ENABLE

extern SemaphoreHandle_t memorySemaphore;  // of the classic API; not used, may stay NULL
extern bool debug_track_allocation; // false: new allocations are not recorded; frees of recorded ones still are
extern memmap_options_t memmap_options;    // may be changed at any time

void *traceable_heap_caps_malloc(size_t size, uint32_t caps, memmap_text_t *file, int line, memmap_text_t *function);
void *traceable_heap_caps_calloc(size_t count, size_t size, uint32_t caps, const char *file, int line, const char *function);
void *traceable_heap_caps_realloc(void *pointer, size_t size, uint32_t caps, const char *file, int line,
                                  const char *function);
void register_allocation(MemoryTraceInfo info);
void unregister_allocation(void *address);
void log_memory_allocation(MemoryTraceInfo info);
// Checks, zeroes, unregisters and frees *pointer and sets it to NULL. NULL and pointers to NULL are fine.
void free_unregister_allocation(void **pointer);
void list_allocations(void);
void print_memory_info(const char *tag);

// --- The same with a source ------------------------------------------------------------------------------------------------

// heap_caps_* with tracking. malloc of 0 bytes is NULL and no failure; realloc(NULL, n) allocates, realloc(p, 0) frees.
void *memmap_malloc(const memmap_source_t *source, size_t size, uint32_t caps);
void *memmap_calloc(const memmap_source_t *source, size_t count, size_t size, uint32_t caps);
void *memmap_realloc(const memmap_source_t *source, void *pointer, size_t size, uint32_t caps);
void *memmap_aligned_alloc(const memmap_source_t *source, size_t alignment, size_t size, uint32_t caps);
void memmap_free(const memmap_source_t *source, void *pointer);
void memmap_free_and_clear(const memmap_source_t *source, void **pointer);
void memmap_unregister(const memmap_source_t *source, void *address);

#define MEMMAP_SOURCE(variable, method)                                                                                    \
    (__extension__({                                                                                                       \
        static const memmap_source_t memmap_source_ = {__FILE__, __func__, variable, __LINE__, method};                    \
        &memmap_source_;                                                                                                   \
    }))

#define TRACE_MALLOC(size, caps) memmap_malloc(MEMMAP_SOURCE(NULL, MEMMAP_METHOD_MALLOC), (size), (caps))
#define TRACE_CALLOC(n, size, caps) memmap_calloc(MEMMAP_SOURCE(NULL, MEMMAP_METHOD_CALLOC), (n), (size), (caps))
#define TRACE_REALLOC(ptr, size, caps) memmap_realloc(MEMMAP_SOURCE(#ptr, MEMMAP_METHOD_REALLOC), (ptr), (size), (caps))
#define TRACE_ALIGNED_ALLOC(alignment, size, caps)                                                                         \
    memmap_aligned_alloc(MEMMAP_SOURCE(NULL, MEMMAP_METHOD_ALIGNED_ALLOC), (alignment), (size), (caps))
#define TRACE_FREE(ptr) memmap_free(MEMMAP_SOURCE(#ptr, MEMMAP_METHOD_FREE), (ptr))

// TRACE_MALLOC stands to the right of an assignment and cannot see the variable's name. These assign themselves and can:
//   TRACE_MALLOC_VAR(buffer, 256, MALLOC_CAP_8BIT);     // buffer = …, recorded as "buffer"
#define TRACE_MALLOC_VAR(variable, size, caps)                                                                             \
    ((variable) = (__typeof__(variable))memmap_malloc(MEMMAP_SOURCE(#variable, MEMMAP_METHOD_MALLOC), (size), (caps)))
#define TRACE_CALLOC_VAR(variable, n, size, caps)                                                                          \
    ((variable) = (__typeof__(variable))memmap_calloc(MEMMAP_SOURCE(#variable, MEMMAP_METHOD_CALLOC), (n), (size), (caps)))
// The variable keeps its old block where the call fails. The value is the call's result.
#define TRACE_REALLOC_VAR(variable, size, caps)                                                                            \
    (__extension__({                                                                                                       \
        size_t memmap_size_ = (size);                                                                                      \
        void *memmap_new_ =                                                                                                \
            memmap_realloc(MEMMAP_SOURCE(#variable, MEMMAP_METHOD_REALLOC), (variable), memmap_size_, (caps));             \
        if (memmap_new_ || memmap_size_ == 0) (variable) = (__typeof__(variable))memmap_new_;                              \
        memmap_new_;                                                                                                       \
    }))

#define TRACEABLE_HEAP_CAPS_MALLOC(size, caps) TRACE_MALLOC(size, caps)
#define TRACEABLE_HEAP_CAPS_CALLOC(n, size, caps) TRACE_CALLOC(n, size, caps)
#define TRACEABLE_HEAP_CAPS_REALLOC(ptr, size, caps) TRACE_REALLOC(ptr, size, caps)

#if !MEMMAP_CLASSIC_SIGNATURES
// The functions of these names exist too (take their address, or call them in parentheses); called as usual, file and line
// of the call go into fault reports.
#define free_unregister_allocation(ptr) memmap_free_and_clear(MEMMAP_SOURCE(#ptr, MEMMAP_METHOD_FREE), (ptr))
#define unregister_allocation(address) memmap_unregister(MEMMAP_SOURCE(#address, MEMMAP_METHOD_FREE), (address))
#endif

// --- The table -----------------------------------------------------------------------------------------------------------------

// With CONFIG_MEMMAP_TABLE_FROM_HEAP or …_FROM_PSRAM: takes the table of blocks, by memmap_options.table_share of what is free there, and tracking
// starts. A constructor calls this at boot, where the platform runs those; memmap_stream_start() does as well. Once it has the table, nothing
// more; false where there is no room for 16 blocks. Without those options the table is there from the start: true.
bool memmap_take_table(void);

// What the probe itself takes of RAM and heap, part by part, through the log sink.
void memmap_print_cost(void);

// --- Log ---------------------------------------------------------------------------------------------------------------------

// Where lists, faults and failures go. NULL: the console.
void memmap_set_log_sink(memmap_log_sink_t sink, void *context);

// Writes "MALLOC_CAP_8BIT | MALLOC_CAP_DMA", at most `size` bytes with the final 0. Returns `buffer`.
char *memmap_caps_names(uint32_t caps, char *buffer, size_t size);

// --- Stream --------------------------------------------------------------------------------------------------------------------

// Starts sending: HELLO, then a snapshot of what already lives, then every event. NULL: the configured default transport.
// False where a stream runs already, or cannot be had for seconds. Without a call to this nothing is encoded and allocations are cheaper.
bool memmap_stream_start(const memmap_transport_t *transport);
// When it returns, the transport is not used any more (in an interrupt, or called by the transport itself: after the frame that is being sent).
void memmap_stream_stop(void);

// One bounded step of the stream: reads commands, sends at most a few frames. True while there is more to do at once. The
// drain's task calls this; where there is no such task, the main loop does. False, and nothing done, while a step is under way elsewhere.
bool memmap_drain(void);

// Has everything sent that was recorded so far, and waits until nothing is left or a frame is refused. False where something is left, and
// where the caller may not wait for the drain's task (interrupts, critical sections) or that does not get on for 5 seconds.
bool memmap_flush(void);

// Asks for a snapshot of the live set, sent in small steps.
void memmap_request_snapshot(void);

void memmap_statistics(memmap_statistics_t *statistics);

// --- Checks and marks ------------------------------------------------------------------------------------------------------------

// Looks at the red zones of the next `blocks` blocks, then at the quarantine, and goes on from there with the next call; 0: all at
// once. Each block is one short critical section in which at most 160 bytes are read, so that no watchdog minds, with PSRAM either. Returns
// the number of new faults. A fault says when its block was seen whole before, and which tasks have used the heap since.
uint32_t memmap_check(uint32_t blocks);

// Lets the drain's task do that by itself from now on, CONFIG_MEMMAP_CHECK_BLOCKS blocks each time; 0 ends it. False where the platform
// has no tasks: there memmap_drain(), called by the main loop, does it.
bool memmap_check_every(uint32_t period_ms);

// Puts a named moment into the stream and begins a new generation of blocks. The chip itself remembers the last 8, up to 23 bytes of
// each name.
void memmap_mark(const char *name);

// --- Lists on the chip, through the log sink -----------------------------------------------------------------------------------------

// The largest groups of live blocks (`lines` of them, 0: 16). `since`: a mark, only blocks allocated after it; "": the newest mark;
// NULL: all. A group that has blocks from many different times between marks is growing steadily.
void memmap_top(memmap_group_t by, const char *since, uint32_t lines);
// Blocks allocated since a mark, as list_allocations() prints them.
void memmap_list_since(const char *mark);

// The command `memmap list|top|leaks|mark|check|info|cost|stream`: 0 where it was understood. On ESP-IDF memmap_register_console() enters it
// into esp_console.
int memmap_console(int argc, char **argv);
bool memmap_register_console(void);

#else // !MEMMAP_ENABLE: plain calls, nothing else

#if !MEMMAP_CLASSIC_SIGNATURES
static SemaphoreHandle_t memorySemaphore __attribute__((unused));
static bool debug_track_allocation __attribute__((unused));
#elif defined(__cplusplus)
extern SemaphoreHandle_t memorySemaphore; // a program in C++ defines them, as the original has it
extern bool debug_track_allocation;
#else
__attribute__((weak)) SemaphoreHandle_t memorySemaphore; // the program may define them
__attribute__((weak)) bool debug_track_allocation;
#endif
static memmap_options_t memmap_options __attribute__((unused));

#include "memmap_disabled.h"

#endif // MEMMAP_ENABLE

#ifdef __cplusplus
}
#endif

#endif // MEMMAP_H
