// What the probe needs from the place where it runs. One file port_<platform>.c defines all of these: port_espidf.c (the chip); in the
// project's tests and simulator port_host.c (POSIX threads), port_bare.c (QEMU) and port_wasm.c.
//
// "Hot" functions run inside every allocation, from any task, interrupt or core, perhaps before the scheduler and with the
// flash cache off: they may neither wait, allocate nor print, and belong into IRAM on a chip.
#ifndef MEMMAP_PORT_H
#define MEMMAP_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memmap_config.h"

#ifdef __cplusplus
extern "C" {
#endif

// --- Hot ---------------------------------------------------------------------------------------------------------------

// The one critical section around table, sites, tasks and event buffers: spinlock and interrupts off on a chip. Never nested.
void memmap_port_lock(void);
void memmap_port_unlock(void);

// Microseconds since boot; never runs backwards. Called inside the lock.
uint64_t memmap_port_time_us(void);

#define MEMMAP_IN_INTERRUPT ((uintptr_t)1)
typedef struct { // two words, so that it comes back in registers
    uintptr_t task; // handle (address of the task control block); 0 before the scheduler runs; MEMMAP_IN_INTERRUPT in an interrupt
    uint32_t core;  // 0 to 3
} __attribute__((aligned(8))) memmap_context_t;

memmap_context_t memmap_port_context(void);

// Copies the running task's name, at most `size` bytes with the final 0. False where it cannot be read now (cache off): the
// probe asks again later. Called inside the lock, once for each new task.
bool memmap_port_task_name(uintptr_t task, char *name, size_t size);

// False while code and constants in flash cannot be read (ESP-IDF: flash cache off).
bool memmap_port_flash_ready(void);

// Return addresses of the running call, innermost first; `immediate` is the one that the compiler knew. At least 1 and at
// most `capacity` are written; the number is returned. Called outside the lock.
size_t memmap_port_callers(const void *immediate, uintptr_t *callers, size_t capacity);

// The real heap, past every interposition of the probe's own. `caps` are MALLOC_CAP_* bits. NULL where there is no room;
// sizes are never 0.
void *memmap_port_malloc(size_t size, uint32_t caps);
void *memmap_port_calloc(size_t count, size_t size, uint32_t caps);
void *memmap_port_realloc(void *pointer, size_t size, uint32_t caps);
void *memmap_port_aligned_alloc(size_t alignment, size_t size, uint32_t caps);
void memmap_port_free(void *pointer);

// --- What the heap says of a block: where flash can be read, from anywhere -------------------------------------------------

// Words of the heap's own around the program's bytes, with poisoning and with task tracking (see heap_words.h).
#if CONFIG_HEAP_POISONING_LIGHT || CONFIG_HEAP_POISONING_COMPREHENSIVE
#define MEMMAP_HEAP_POISONED 1
#else
#define MEMMAP_HEAP_POISONED 0
#endif
#if CONFIG_HEAP_TASK_TRACKING
#define MEMMAP_HEAP_BYTES_BEFORE (8 * MEMMAP_HEAP_POISONED + 4)
#else
#define MEMMAP_HEAP_BYTES_BEFORE (8 * MEMMAP_HEAP_POISONED)
#endif
#define MEMMAP_HEAP_OWN_BYTES (MEMMAP_HEAP_BYTES_BEFORE + 4 * MEMMAP_HEAP_POISONED)

// Whether the caller may wait for a lock, as printing does: not in an interrupt, nor with interrupts off or the scheduler suspended.
bool memmap_port_may_wait(void);

// What a port calls when the system is about to stop and nothing else runs any more; the lock must be free, whoever held it. `reason` may
// be NULL. Only the first call does anything.
void memmap_panic(const char *reason);

typedef enum {
    MEMMAP_BLOCK_UNKNOWN, // cannot tell (memory seen by its other address, or not the heap's)
    MEMMAP_BLOCK_USED,    // a block that is allocated begins here
    MEMMAP_BLOCK_NOT_USED // no allocated block begins here
} memmap_block_state_t;

typedef struct {
    memmap_block_state_t state;
    bool freed;      // the word before the pointer is that of a free block
    bool next_whole; // USED: the word behind the block can be that of a block
    bool agrees;     // USED: so do all that the heap would read to free the block: its own and those of the free blocks around
    uint32_t size;   // bytes for the program by the word before the pointer, whether that can be or not; of poisoned heaps as asked for
    uint32_t next;   // USED: the pointer to the block behind
    uint32_t region; // bytes of the memory that was looked in, by which the heap rounds requests up; 0: not known
} memmap_look_t;

// What the heap's own words at a pointer say, in constant time and without its lock. A damaged word may say anything, but never makes
// this crash. USED may be a chance: the program's own data can look like that. `agrees` may be false for the moment in which another core
// changes the blocks around.
void memmap_port_look(const void *pointer, memmap_look_t *look);

// The heap's last word on that, after a walk through a whole region. Never in an interrupt, never inside the lock.
memmap_block_state_t memmap_port_block_state(const void *pointer);

// --- Only when something is wrong, never inside the lock -----------------------------------------------------------------

// An allocation made through the probe's own functions has failed, was reported, and the application's callback called: what the
// platform does then (ESP-IDF: CONFIG_HEAP_ABORT_WHEN_ALLOCATION_FAILS).
void memmap_port_allocation_failed(void);

// Stops the system after a proven fault, where memmap_options.abort_on_fault asks for that. Does not return.
void memmap_port_abort(void);

// --- Regions, identity, output: from tasks, never inside the lock ------------------------------------------------------------

typedef struct {
    uint32_t start, end; // end: first byte behind the region
    uint32_t caps;
    uint32_t free, largest_free, lowest_free; // bytes; lowest since boot
    const char *name;                         // lives for ever; "" where there is none
} memmap_region_t;

// Fills `region` with number `index` (from 0) and returns true, or false past the last one. `walk` false: called where time is
// short; `largest_free` may then be 0 for "not known".
bool memmap_port_region(size_t index, bool walk, memmap_region_t *region);

typedef struct {
    uint32_t boot_id; // differs from boot to boot, also in its low byte where the platform can see to that
    const char *chip, *idf_version, *app_name, *app_version; // NULL: not known
    const uint8_t *elf_sha256;                                // 32 bytes; NULL: not known
    uint32_t reset_reason;
    uint32_t cores;
} memmap_identity_t;

void memmap_port_identity(memmap_identity_t *identity);

// Lets other tasks run for about so long. False, and at once, where the caller may not wait, before the scheduler runs, and where the
// platform has no tasks.
bool memmap_port_wait(uint32_t milliseconds);

// Writes text to the console; `text` ends in a line feed and is not terminated by 0. The second takes no lock, for a system that is about
// to stop, and is called in any context.
void memmap_port_print(const char *text, size_t length);
void memmap_port_print_without_lock(const char *text, size_t length);

// The default transport. write: hands over one whole frame in one piece, or returns false and takes nothing of it (no room
// now: the probe counts that and tries again later). read: takes what has arrived, never waits, 0 where there is nothing.
bool memmap_port_write(const uint8_t *bytes, size_t length);
size_t memmap_port_read(uint8_t *bytes, size_t capacity);

// Sees to it that `step` is called again and again from one task of low priority that allocates nothing, about every
// `period_ms`, sooner while it returns true ("there is more to send"). False where the platform has no tasks: then the main loop
// calls memmap_drain() itself. Called once, or again after false.
bool memmap_port_start_drain(bool (*step)(void), uint32_t period_ms);

#ifdef __cplusplus
}
#endif

#endif // MEMMAP_PORT_H
