// What all of the probe's files share: how code and data are placed, and the variables that nearly every call needs. State that is all zero is
// valid everywhere, because the first allocations come before anybody could initialise anything. Functions marked (lock) are called inside
// memmap_port_lock().
#ifndef MEMMAP_STATE_H
#define MEMMAP_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memmap.h"
#include "memmap_port.h"

#if defined(ESP_PLATFORM)
#include "esp_attr.h"
#endif

// Code that runs with the flash cache off, and tables that a core dump carries.
#if defined(ESP_PLATFORM) && CONFIG_MEMMAP_IN_IRAM
#define MM_HOT IRAM_ATTR
#define MM_HOT_DATA DRAM_ATTR
#elif !defined(MM_HOT) // bench/ tells it apart by a section of its own
#define MM_HOT
#define MM_HOT_DATA
#endif
#if defined(ESP_PLATFORM) && CONFIG_MEMMAP_IN_CORE_DUMP
#define MM_TABLE COREDUMP_DRAM_ATTR
#else
#define MM_TABLE
#endif

#define MM_ALWAYS_INLINE inline __attribute__((always_inline))
// The few functions of which every allocation is made are inlined where the compiler works for speed, and there once, in IRAM, where it
// works for size.
#if defined(__OPTIMIZE_SIZE__)
#define MM_SPEED 0
#define MM_INLINE MM_HOT inline
#define MM_APART
#else
#define MM_SPEED 1
#define MM_INLINE MM_ALWAYS_INLINE
#define MM_APART __attribute__((noinline)) // from the fast path
#endif
#define MM_OUTSIDE __attribute__((noinline)) // in flash, though called from IRAM
// What seldom happens: kept out of the functions that call it.
#define MM_COLD __attribute__((noinline, cold))
#define MM_SELDOM(condition) __builtin_expect((condition), 0)

// Compilers would rather compute an address again at each use than keep it, which is longer.
#if MM_SPEED
#define MM_KEEP(pointer) ((void)0)
#else
#define MM_KEEP(pointer) __asm__("" : "+r"(pointer))
#endif

#define MM_CHECK(name, condition) typedef char mm_check_##name[(condition) ? 1 : -1] __attribute__((unused))

static MM_INLINE uint32_t mm_address(const void *pointer) { return (uint32_t)(uintptr_t)pointer; }
static MM_INLINE void *mm_pointer(uint32_t address) { return (void *)(uintptr_t)address; }

// --- State ----------------------------------------------------------------------------------------------------------------------

enum { MM_CORES = 4 };
typedef struct {
    uintptr_t handle_1; // its handle + 1; 0: none
    uint32_t context;   // of that task, as CONTEXT records carry it
} mm_last_task_t;

typedef struct {
    uint32_t count;   // events since boot
    uint32_t first;   // events before the stream was first started: numbers on the wire count from there
    uint32_t dropped;
    uint32_t context; // of the call under way: set by mm_lock_for_event()
    uint64_t now;     // ticks of the newest record, or of one that found no room
    bool on, started; // records are encoded; they were, at some time since boot
    bool newest;      // nobody sends what is encoded: the newest frames are kept, and the oldest give way (MEMMAP_SURVIVE)
    mm_last_task_t last[MM_CORES]; // of each core: most calls come from the task that made the one before
} mm_events_t;

typedef struct {
    uint32_t live_blocks, live_bytes, peak_bytes, hash;
    uint32_t free_list; // number of the first free slot of those once used; 0: none
    uint32_t used;      // slots ever used: only those need to be walked
    uint8_t generation; // of new blocks, below MM_GENERATIONS
#if MEMMAP_TABLE_TAKEN
    uint16_t capacity, chain_mask; // 0: the table has not been taken yet
#endif
} mm_table_t;

typedef struct {
    uint32_t table_full, unknown_frees, stale_records; // memmap_statistics_t
    uint32_t untracked; // allocations not recorded because recording was off
} mm_counters_t;

// What nearly every call needs, next to each other, so that one address serves for all of it.
typedef struct {
    mm_events_t events;
    mm_table_t table;
    mm_counters_t counters;
    uint32_t sweep;  // number of the sweep under way, or of the last one (check.c)
    uint8_t drain_1; // id of the drain's task + 1, whose own allocations are left out; 0: none
} mm_state_t;
extern mm_state_t mm;

extern bool mm_interposed; // every allocation of the program is seen, not only those through our functions

// Who runs: the task, or the core's interrupt; control blocks lie at even addresses.
static MM_ALWAYS_INLINE uintptr_t mm_running(void)
{
    memmap_context_t context = memmap_port_context();
    return context.task == MEMMAP_IN_INTERRUPT ? (uintptr_t)(context.core << 1 | 1) : context.task;
}
static MM_INLINE uint32_t mm_context_task(uint32_t context) { return context >> 2; }

// (lock) Whether the call under way is the drain's own.
static MM_INLINE bool mm_in_drain(void) { return mm_context_task(mm.events.context) + 1 == mm.drain_1; }

static MM_INLINE uint64_t mm_now(void) { return memmap_port_time_us() >> CONFIG_MEMMAP_TICK_SHIFT; } // ticks since boot

static MM_INLINE bool mm_frees_are_remembered(void)
{
    return memmap_options.remember_frees || memmap_options.quarantine || memmap_options.free_sites;
}

#endif // MEMMAP_STATE_H
