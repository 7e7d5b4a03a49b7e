// What the probe's own files share. State that is all zero is valid everywhere, because the first allocations come before
// anybody could initialise anything. Functions marked (lock) are called inside memmap_port_lock().
#ifndef MEMMAP_INTERNAL_H
#define MEMMAP_INTERNAL_H

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

// --- table.c: the live blocks ------------------------------------------------------------------------------------------

enum {
    MM_BLOCK_RED_ZONE = 1,  // a red zone stands behind the block
    MM_BLOCK_MOVING = 2,    // a realloc is under way; the block cannot be found by its address
    MM_BLOCK_CHECKED = 4,   // the sweep has seen it whole
    MM_BLOCK_DAMAGED = 8,   // nothing more is said of it: reported already, or hit by a block that was
    MM_BLOCK_WORDS = 16,    // only aligned 32-bit accesses are safe in its memory
    MM_BLOCK_TASK = 32,     // it is a task's control block: that task is gone when it is freed
    MM_BLOCK_BY_HAND = 64,  // register_allocation(): its size is what the program says
    MM_BLOCK_FLAGS = 127,
    MM_BLOCK_SIZE_SHIFT = 7
};
#define MM_BLOCK_SIZE_LIMIT (UINT32_C(1) << 25) // sizes are below this: as much memory as the largest of these chips has

// What tells blocks apart by more than address and size takes as many bits as the configuration needs, so that a record with its link is
// 12 bytes; only where that does not fit in a word, the link is apart and takes 2 more.
#define MM_BITS_FOR(number)                                                                                                \
    ((number) < 64 ? 6 : (number) < 128 ? 7 : (number) < 256 ? 8 : (number) < 512 ? 9 : (number) < 1024 ? 10               \
     : (number) < 2048 ? 11 : (number) < 4096 ? 12 : (number) < 8192 ? 13 : (number) < 16384 ? 14 : 15)
enum {
    MM_SITE_BITS = MM_BITS_FOR(CONFIG_MEMMAP_SITE_CAPACITY),
    MM_TASK_BITS = MM_BITS_FOR(MEMMAP_TASK_NUMBER_FIRST + CONFIG_MEMMAP_TASK_CAPACITY),
    MM_GENERATION_BITS = 5,
    MM_ORIGIN_BITS = MM_SITE_BITS + MM_TASK_BITS + MM_GENERATION_BITS,
    MM_GENERATIONS = 1 << MM_GENERATION_BITS
};
#define MM_LINK_INSIDE (MM_ORIGIN_BITS + MM_BITS_FOR(CONFIG_MEMMAP_TABLE_CAPACITY) <= 32)

typedef struct {
    uint32_t address;      // 0: the slot is free
    uint32_t size_flags;   // size << MM_BLOCK_SIZE_SHIFT | flags
    union {
        struct {
            uint32_t site : MM_SITE_BITS, task : MM_TASK_BITS, generation : MM_GENERATION_BITS, link : 32 - MM_ORIGIN_BITS;
        };
        uint32_t origin; // all of them, to be copied at once
    };
} mm_block_t;

static MM_INLINE uint32_t mm_block_size(const mm_block_t *block) { return block->size_flags >> MM_BLOCK_SIZE_SHIFT; }

typedef struct {
    uint32_t live_blocks, live_bytes, peak_bytes, hash;
    uint32_t free_list; // number of the first free slot of those once used; 0: none
    uint32_t used;      // slots ever used: only those need to be walked
    uint8_t generation; // of new blocks, below MM_GENERATIONS
} mm_table_t;
// Half as many chains as slots: 1 byte a slot, and in a full table two blocks in each.
enum { MM_TABLE_CHAINS = (CONFIG_MEMMAP_TABLE_CAPACITY + 1) / 2 };
// Apart from each other, because an address that the linker knows is cheaper than a sum.
extern mm_block_t mm_blocks[CONFIG_MEMMAP_TABLE_CAPACITY + 1]; // by number, from 1 on; 0 is not used
extern uint16_t mm_table_chains[MM_TABLE_CHAINS];              // number of a chain's first block; 0: none
extern uint16_t mm_table_links[MM_LINK_INSIDE ? 1 : CONFIG_MEMMAP_TABLE_CAPACITY + 1]; // by number: the next one, in chain or free list

// Copies the first live block from slot *slot on, and moves *slot there; false past the last. No lock.
bool mm_table_copy(uint32_t *slot, mm_block_t *block);

static MM_INLINE uint32_t mm_size_flags(uint32_t size, uint32_t flags) { return size << MM_BLOCK_SIZE_SHIFT | flags; }

// --- sites.c: where blocks come from -----------------------------------------------------------------------------------

enum { MM_SITE_SOURCE, MM_SITE_CALLERS };

// A site as the caller knows it. Only pointers are compared; strings are read by the drain and by printing. Made on the stack of every
// call, so it is small.
typedef struct {
    uintptr_t key; // memmap_source_t *, or innermost return address; 0: not known
    uint32_t caps;
    union {
        struct {
            uint8_t kind, method;
            uint8_t depth;        // CALLERS: return addresses
            bool attempt;         // the caller tries something else where this fails: no failure report
        };
        uint32_t how; // all four, to be compared at once
    };
    const uintptr_t *callers; // CALLERS
} mm_site_t;

#define MM_SITE_HOW(kind, method, depth, attempt) ((kind) | (method) << 8 | (uint32_t)(depth) << 16 | (uint32_t)(attempt) << 24)

// (lock) 0 where there is no more room: counted.
uint32_t mm_site_intern(const mm_site_t *site);
uint32_t mm_site_overflow(void);
// The source that stands for a place given by hand, one for all calls that give the same; NULL where there is no more room: counted. No lock.
const memmap_source_t *mm_source_of(const memmap_source_t *place);
// Fills `site` from an id; false for 0 and ids not given out.
bool mm_site_get(uint32_t id, mm_site_t *site);

static MM_INLINE mm_site_t mm_site_of_source(const memmap_source_t *source, uint32_t caps, uint32_t method)
{
    mm_site_t site;
    site.key = (uintptr_t)source;
    site.caps = caps;
    site.how = MM_SITE_HOW(MM_SITE_SOURCE, method, 0, false); // as in the source, which is in flash and not readable at any time
    return site;
}

// --- tasks.c -----------------------------------------------------------------------------------------------------------

enum {
    MM_TASK_NAMED = 1,
    MM_TASK_DELETED = 2,
    MM_TASK_UNSENT = 4,
    MM_TASK_FREE = 8,    // nobody names this number any more: another task may have it
    MM_TASK_UNSEEN = 16, // deleted, and found nowhere so far in the search under way
    MM_TASK_ABSENT = 32  // found nowhere in the last search
};
typedef struct {
    uintptr_t handle; // of a free number: the next free one, 0 at the end
    uint32_t sweep; // number of the sweep during which it used the heap last; 0: never
    uint8_t flags;
    char name[16];
} mm_task_t;

enum { MM_CORES = 4 };
typedef struct {
    uintptr_t handle_1; // its handle + 1; 0: none
    uint32_t context;   // of that task, as CONTEXT records carry it
} mm_last_task_t;

// Who runs: the task, or the core's interrupt; control blocks lie at even addresses.
static MM_INLINE uintptr_t mm_running(void)
{
    memmap_context_t context = memmap_port_context();
    return context.task == MEMMAP_IN_INTERRUPT ? (uintptr_t)(context.core << 1 | 1) : context.task;
}
static MM_INLINE uint32_t mm_context_task(uint32_t context) { return context >> 2; }
// (lock) A block has been freed: were it a task's control block, that task is gone.
void mm_task_forget(uintptr_t handle);
void mm_task_new_sweep(void); // (lock)
uint8_t mm_task_running(void); // (lock) id of the running task, without counting it as one that uses the heap
// (lock) Tasks that have used the heap since that sweep began, at most `limit` of them; "other" as the last one says that there are more.
uint32_t mm_task_active(uint32_t since, uint8_t *ids, uint32_t limit);
uint32_t mm_task_end(void); // the first id not given out
mm_task_t *mm_task_at(uint32_t id);
void mm_tasks_unsent(void); // (lock) all are to be sent again
const char *mm_task_label(uint32_t id);
// (lock) The search for numbers that may be given to other tasks: begins it (false where it is not worth it), takes note of a number that
// is in use, and ends it. Numbers found nowhere in two searches are free.
bool mm_task_search_begin(void);
void mm_task_search_seen(uint32_t id);
void mm_task_search_end(void);

// --- events.c: records into frame buffers ---------------------------------------------------------------------------------

// All (lock). Events are counted always and written while the stream is on; mm_encode_* are for the functions below.
void mm_encode_alloc(uint32_t address, uint32_t size, uint32_t site);
void mm_encode_end(uint32_t tag, uint32_t address, uint32_t site);
void mm_encode_realloc_end(uint32_t old_address, uint32_t new_address, uint32_t size, uint32_t site);
// False: no room now.
bool mm_event_live(const mm_block_t *block);
bool mm_event_extended(uint32_t code, const uint8_t *payload, uint32_t length);

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

// (lock) Whether the call under way is the drain's own.
static MM_INLINE bool mm_in_drain(void) { return mm_context_task(mm.events.context) + 1 == mm.drain_1; }

static MM_INLINE uint64_t mm_now(void) { return memmap_port_time_us() >> CONFIG_MEMMAP_TICK_SHIFT; } // ticks since boot

// Where the compiler works for speed, calls are saved while the stream is off; else mm_encode_* look themselves.
static MM_ALWAYS_INLINE bool mm_event_only_counted(void)
{
    if (!MM_SPEED || mm.events.on) return false;
    mm.events.count++;
    return true;
}
static MM_ALWAYS_INLINE void mm_event_alloc(uint32_t address, uint32_t size, uint32_t site)
{
    if (!mm_event_only_counted()) mm_encode_alloc(address, size, site);
}
static MM_ALWAYS_INLINE void mm_event_free(uint32_t address, bool unknown, uint32_t site)
{
    if (!mm_event_only_counted()) mm_encode_end(MEMMAP_OP_FREE | (unknown ? MEMMAP_FLAG_FREE_UNKNOWN : 0), address, site);
}
static MM_ALWAYS_INLINE void mm_event_realloc_begin(uint32_t address)
{
    if (!mm_event_only_counted()) mm_encode_end(MEMMAP_OP_REALLOC, address, 0);
}
// new_address 0: failed.
static MM_ALWAYS_INLINE void mm_event_realloc_end(uint32_t old_address, uint32_t new_address, uint32_t size, uint32_t site)
{
    if (!mm_event_only_counted()) mm_encode_realloc_end(old_address, new_address, size, site);
}

// Begins the critical section of a call that may become an event. In line it is mm_begin(), in tasks.h.
void mm_lock_for_event(void);

// Number on the wire of the next event.
static MM_INLINE uint32_t mm_event_number(void) { return mm.events.started ? mm.events.count - mm.events.first : 0; }

// (lock) Frames: closes the one being filled; the oldest closed one, whose bytes stay untouched until it is released.
void mm_events_close(void);
uint8_t *mm_events_oldest(uint32_t *length);
void mm_events_release(void);
const uint8_t *mm_events_closed(uint32_t index, uint32_t *length); // the one so many behind the oldest; NULL: there is none
uint32_t mm_events_free_frames(void);
void mm_events_close_older(uint32_t ticks); // closes the one being filled if it was begun so long ago
void mm_events_reset(void);   // forgets all frames

// --- frame.c: bytes -------------------------------------------------------------------------------------------------------

uint8_t *mm_put_varint(uint8_t *out, uint32_t value);
uint8_t *mm_put_varint64(uint8_t *out, uint64_t value);
uint8_t *mm_put_u32(uint8_t *out, uint32_t value);
static MM_INLINE uint32_t mm_zigzag(int32_t value) { return ((uint32_t)value << 1) ^ (uint32_t)(value >> 31); }
uint32_t mm_crc32(const uint8_t *bytes, size_t length);
#define MM_WIRE_BYTES(frame) ((frame) + (frame) / 254 + 4)
// FF 00 COBS(frame) 00; returns the length.
size_t mm_wire_binary(const uint8_t *frame, size_t length, uint8_t *out);
// `$MM:` base64 LF.
size_t mm_wire_armoured(const uint8_t *frame, size_t length, uint8_t *out);
// Undoes COBS in place; 0 where the bytes are none.
size_t mm_cobs_decode(uint8_t *bytes, size_t length);

// --- guard.c: red zones, poison -----------------------------------------------------------------------------------------

typedef struct {
    int32_t offset;  // first damaged byte, from the block's start
    uint32_t length; // to the last damaged byte
    uint8_t count;   // bytes copied
    uint8_t bytes[16];
} mm_damage_t;

// MALLOC_CAP_EXEC: ESP-IDF 6 leaves the name out where no memory is executable.
#define MM_CAP_EXEC UINT32_C(1)

// Whether memory of such caps may be without byte access (ESP32: IRAM).
static MM_INLINE bool mm_words_only(uint32_t caps)
{
    return (caps & MALLOC_CAP_8BIT) == 0 && (caps & (MALLOC_CAP_32BIT | MM_CAP_EXEC)) != 0;
}
#define MM_ZONE UINT32_C(0xa5a5a5a5)

// Where every call comes by the probe, a record is right. Elsewhere the block may have been freed or resized past it at any time, so that the
// heap is asked first, and the red zone is longer: an overflow is only believed while the zone's end is whole. A plain free() writes there
// (the heap's own link is a free block's last word); so does whoever gets the memory then; and a plain realloc() to a size that covers
// less of the zone than its end gives the rest back to the heap, whose size word shows it.
#define MM_TRUSTED MEMMAP_INTERPOSE
#define MM_WITNESS_BYTES (MEMMAP_INTERPOSE || MEMMAP_HOOKS || CONFIG_MEMMAP_RED_ZONE_BYTES == 0 ? 0 : 16)
#define MM_ZONE_BYTES (CONFIG_MEMMAP_RED_ZONE_BYTES + MM_WITNESS_BYTES)

// Bytes asked for beyond `size`: the zone begins right behind the block and ends with a word.
static MM_INLINE uint32_t mm_zone_bytes(size_t size) { return (-(uint32_t)size & 3) + MM_ZONE_BYTES; }
void mm_zone_write(void *pointer, uint32_t size);

// What the heap's own words say of a block as it is recorded.
typedef struct {
    bool right;    // the record is: the block may be judged by it, and written to
    bool whole;    // the word before the block is whole
    bool used;     // the heap itself can take the pointer as a block to free
    uint32_t held; // bytes that may be written
    memmap_look_t look;
} mm_standing_t;
mm_standing_t mm_standing(const mm_block_t *block);

// Whether the zone is damaged, and that proves a write past the end of a block that stands so.
bool mm_zone_damaged(const mm_block_t *block, const mm_standing_t *standing, mm_damage_t *damage);
void mm_start_damage(const void *pointer, mm_damage_t *damage); // the word before the block, as it is now
void mm_fill(void *pointer, uint32_t size, uint32_t word);
#define MM_POISON UINT32_C(0xfefefefe)
void mm_poison(void *pointer, uint32_t size);
enum { MM_POISON_CHUNK = 32 }; // words looked at in one go
// Looks at the next poisoned words from byte *from on, and moves that on; it is `size` at the end.
bool mm_poison_whole(const void *pointer, uint32_t size, uint32_t *from);
void mm_poison_damage(const void *pointer, uint32_t size, mm_damage_t *damage);

// --- report.c: faults and failures ------------------------------------------------------------------------------------------

enum { MM_ACTIVE_TASKS = 8 };
typedef struct {
    uint32_t number;
    uint32_t event_number, context;
    uint64_t time;
    uint32_t pointer, address, size;
    uint64_t free_time, last_good;
    uint16_t alloc_site, free_site, detected_site;
    uint8_t kind, alloc_task, free_task, last_good_task;
    bool freed, damaged, good;
    bool silent; // made while its task was printing: not printed, or a log sink that allocates would go on for ever
    uint32_t hit; // the block behind, into whose header the damage goes on; 0: none
    uint8_t active_count, active[MM_ACTIVE_TASKS]; // tasks that have used the heap since last_good
    mm_damage_t damage;
} mm_fault_t;

enum { MM_FAILURE_REGIONS = 6 };
typedef struct {
    uint32_t number;
    uint32_t event_number, context;
    uint64_t time;
    uint32_t size, count, caps, alignment, released;
    uint16_t site;
    uint8_t reason, regions;
    bool silent; // as a fault's
    struct { uint32_t start, end, caps, free, largest; } region[MM_FAILURE_REGIONS];
} mm_failure_t;

// Each stamps, numbers and stores its report, prints it if that is possible where it happens, and acts on abort_on_fault. No lock.
// Without a `site` the failure has its own already.
void mm_report_fault(mm_fault_t *fault, const mm_site_t *detected);
void mm_report_failure(mm_failure_t *failure, const mm_site_t *site);
// Report number n by copy; false where it has been forgotten or does not exist.
bool mm_fault_get(uint32_t number, mm_fault_t *fault);
bool mm_failure_get(uint32_t number, mm_failure_t *failure);
// Numbers of the newest ones, by copy, and (lock) each.
void mm_report_newest(uint32_t *faults, uint32_t *failures);
uint32_t mm_fault_count(void);
uint32_t mm_failure_count(void);
void mm_report_sent(uint32_t faults, uint32_t failures); // the drain has got so far
uint32_t mm_report_dropped(void);
void mm_report_tasks_seen(void); // (lock) mm_task_search_seen() for all that reports name
void mm_report_drop(void); // counts one that could not be made
void mm_report_print(void); // what could not be printed where it happened, if it can be here
void mm_report_print_without_lock(void); // all of that, for a system that is about to stop

// --- retire.c ----------------------------------------------------------------------------------------------------------------

// Looks in a few places for numbers of deleted tasks; some calls later those that nobody names are free. No lock.
void mm_task_retire(void);

// --- check.c -----------------------------------------------------------------------------------------------------------------

void mm_check_when_due(void); // memmap_options.check_period_ms

// --- failure.c ---------------------------------------------------------------------------------------------------------------

// The heap has refused what `failure` describes (reason, size, count, alignment, released): reported, if it is not only an attempt,
// and then done as ESP-IDF does. No lock.
void mm_failed(mm_failure_t *failure, const mm_site_t *site);

// --- track.c: what the functions of every API come down to ------------------------------------------------------------------

static MM_INLINE bool mm_frees_are_remembered(void)
{
    return memmap_options.remember_frees || memmap_options.quarantine || memmap_options.free_sites;
}

extern bool mm_interposed; // every allocation of the program is seen, not only those through our functions

// --- sample.c
static MM_INLINE bool mm_sampling(void) { return memmap_options.sample_interval > 1 || memmap_options.sample_bytes != 0; }
// Whether an allocation of so many bytes is tracked; one of the two switches is on. No lock.
bool mm_in_sample(size_t size);

#define MM_ZEROED SIZE_MAX // in place of an alignment: none, but all bytes 0
void *mm_allocate(const mm_site_t *site, size_t size, size_t alignment);
void *mm_allocate_array(const mm_site_t *site, size_t count, size_t size); // zeroed
void *mm_reallocate(const mm_site_t *site, void *pointer, size_t size);
void mm_release(const mm_site_t *site, void *pointer, bool wipe);
void mm_register(const mm_site_t *site, uint32_t address, uint32_t size);
void mm_unregister(const mm_site_t *site, uint32_t address);
// Hook mode: the heap has given out a block, or got one back. A block that the macros have asked for is already known then, or soon.
void mm_hook_allocated(uint32_t address, uint32_t size, uint32_t caps);
void mm_hook_freed(uint32_t address);

// --- blame.c: who is to blame; outside IRAM, no lock unless said --------------------------------------------------------------------

// Whether the heap must not get a pointer that is not in the table: no block begins there. Reported where that is a proven fault.
bool mm_blame(const mm_site_t *site, const void *pointer, bool reallocating);
// The block before one whose first bytes or header are damaged (`hit`, which need not be in the table), where a write past its end is what
// did it: that is reported, once, and true returned.
bool mm_blame_the_one_before(const mm_site_t *site, const mm_block_t *hit);
// Reports that the heap's word before a block was written over: by the block before, or by whoever has this one.
void mm_blame_start(const mm_site_t *site, const mm_block_t *block);
void mm_doubt(void); // counts what is wrong and proves nothing
// (lock) Follows a write past the end of a block through what lies behind: whoever was hit is not accused as well.
void mm_follow(const mm_standing_t *standing, mm_fault_t *fault);
// Looks at a block that is out of the table, or detached, and reports. False where the heap must not get it back, because it would break on
// the words around it.
bool mm_judge(const mm_site_t *site, const mm_block_t *block, mm_standing_t *standing);

static MM_INLINE uint32_t mm_address(const void *pointer) { return (uint32_t)(uintptr_t)pointer; }
static MM_INLINE void *mm_pointer(uint32_t address) { return (void *)(uintptr_t)address; }

#endif // MEMMAP_INTERNAL_H
