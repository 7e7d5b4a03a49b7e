// Instructions that tracking adds to a pair of free and malloc, with N blocks live. On RV32 counted by the instruction counter (QEMU with
// -icount), on the host by callgrind, which collects while measured() runs. One run measures one mode and one N: on the host arguments, on
// RV32 all combinations, printed as lines `mode N instructions`.
#include <string.h>

#include "cost.h"
#include "heap_regions.h"
#include "quarantine.h"
#include "table.h"
#include "memmap_real.h"

enum { LIVE_MAXIMUM = 20000, BATCH = 40, BATCHES = 25 };

static uint32_t random_state = 1;
static void *live[LIVE_MAXIMUM];
static uint32_t live_count;
static uint32_t mode;

static uint32_t random_number(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

// --- The baseline: an array that is searched from its start, for the size and for the record, and closed up behind a removed record ----

static MemoryTraceInfo records[LIVE_MAXIMUM];
static uint32_t record_count;
static volatile size_t bytes_to_wipe;

static void array_add(void *address, size_t size)
{
    records[record_count++] = (MemoryTraceInfo){"file.c", 1, "function", size, "malloc", MALLOC_CAP_DEFAULT, 0, address, "variable"};
}

static void array_remove(const void *address)
{
    for (uint32_t i = 0; i < record_count; i++) {
        if (records[i].address != address) continue;
        bytes_to_wipe = records[i].size;
        break;
    }
    for (uint32_t i = 0; i < record_count; i++) {
        if (records[i].address != address) continue;
        for (uint32_t j = i; j + 1 < record_count; j++) records[j] = records[j + 1];
        record_count--;
        return;
    }
}

// -----------------------------------------------------------------------------------------------------------------------------------------

static void *take_here(uint32_t size)
{
    if (mode == MODE_RAW) return MEMMAP_REAL(heap_caps_malloc_base)(size, MALLOC_CAP_DEFAULT);
    if (mode == MODE_ARRAY) {
        void *pointer = MEMMAP_REAL(heap_caps_malloc_base)(size, MALLOC_CAP_DEFAULT);
        array_add(pointer, size);
        return pointer;
    }
    // Two sites.
#if MEMMAP_INTERPOSE
    return size & 1 ? heap_caps_malloc_base(size, MALLOC_CAP_DEFAULT) : heap_caps_aligned_alloc_base(0, size, MALLOC_CAP_DEFAULT);
#else
    return size & 1 ? TRACE_MALLOC(size, MALLOC_CAP_DEFAULT) : TRACE_ALIGNED_ALLOC(0, size, MALLOC_CAP_DEFAULT);
#endif
}

static void give_here(void *pointer)
{
    if (mode == MODE_ARRAY) array_remove(pointer);
    if (mode == MODE_RAW || mode == MODE_ARRAY) MEMMAP_REAL(heap_caps_free)(pointer);
#if MEMMAP_INTERPOSE
    else heap_caps_free(pointer);
#else
    else TRACE_FREE(pointer);
#endif
}

// COST_LEVELS calls deep, so that there are callers to find.
static __attribute__((noinline)) void *take_below(uint32_t levels, uint32_t size)
{
    void *pointer = levels == 0 ? take_here(size) : take_below(levels - 1, size);
    __asm__ volatile("" ::"r"(pointer)); // no tail call: each level keeps its frame
    return pointer;
}

static __attribute__((noinline)) void give_below(uint32_t levels, void *pointer)
{
    if (levels == 0) give_here(pointer);
    else give_below(levels - 1, pointer);
    __asm__ volatile("");
}

static void *take(uint32_t size) { return COST_LEVELS ? take_below(COST_LEVELS, size) : take_here(size); }

static void give(void *pointer)
{
    if (COST_LEVELS) give_below(COST_LEVELS, pointer);
    else give_here(pointer);
}

// BATCH pairs: few enough that no event buffer runs over before the drain empties them, outside the measurement.
__attribute__((noinline)) void measured(void)
{
    for (uint32_t i = 0; i < BATCH; i++) {
        uint32_t slot = random_number() % live_count;
        give(live[slot]);
        live[slot] = take(16 + random_number() % 112);
    }
}

static bool is_full(void) { return mode == MODE_FULL || mode == MODE_FULL_INTERRUPT; }

// Every chain begins with a block that follows itself.
static void damage_chains(void)
{
    for (uint32_t i = 0; i < MM_TABLE_CHAINS; i++) mm_table_chains[i] = 1;
    mm_table_set_next(1, 1);
}

static void empty_table(void)
{
    mm.table = (mm_table_t){0};
    memset(mm_blocks, 0, sizeof mm_blocks);
    memset(mm_table_chains, 0, sizeof mm_table_chains);
}

static bool swallow(const uint8_t *bytes, size_t length, void *context)
{
    (void)bytes, (void)length, (void)context;
    return true;
}

static void set_options(void)
{
    memmap_options = (memmap_options_t){
        .red_zones = mode >= MODE_RED_ZONES,
        .check_start = mode >= MODE_RED_ZONES,
        .quarantine = mode >= MODE_QUARANTINE,
        .remember_frees = mode >= MODE_RED_ZONES,
        .free_sites = mode >= MODE_FREE_SITES,
        .sample_interval = mode == MODE_LEFT_OUT ? UINT16_MAX : 1,
    };
    if (mode == MODE_STREAM || mode == MODE_ALL_STREAMED || mode == MODE_LEFT_OUT) memmap_stream_start(&(memmap_transport_t){.write = swallow});
}

void run_cost(uint32_t wanted_mode, uint32_t count)
{
    static const heap_region_t region = {.caps = {MALLOC_CAP_DEFAULT | MALLOC_CAP_8BIT}, .name = "DRAM", .start = COST_HEAP, .end = COST_HEAP + (4 << 20)};
    mode = wanted_mode;
    random_state = 1;
    live_count = count;
    record_count = 0;
    heap_regions_reset();
    cost_add_region(&region);
    set_options();
    uint32_t used = mm.table.used, free_list = mm.table.free_list;
    cost_task = mode == MODE_INTERRUPT || mode == MODE_FULL_INTERRUPT ? MEMMAP_IN_INTERRUPT : COST_TASK;
    if (is_full()) mm.table.used = CONFIG_MEMMAP_TABLE_CAPACITY, mm.table.free_list = 0;
    for (uint32_t i = 0; i < count; i++) {
        live[i] = take(16 + random_number() % 112);
        if (i % 64 == 0) memmap_flush();
    }
    memmap_statistics_t before_all, now;
    memmap_statistics(&before_all);
    for (uint32_t i = 0; i < 4; i++) measured(); // warm: sites known, quarantine full
    memmap_flush();
    uint32_t instructions = 0;
    for (uint32_t i = 0; i < BATCHES; i++) {
        if (mode == MODE_DAMAGED) damage_chains();
        uint32_t before = cost_instructions();
        measured();
        instructions += cost_instructions() - before;
        memmap_flush();
    }
    memmap_statistics(&now);
    uint32_t lost = is_full() ? now.live_blocks : mode == MODE_DAMAGED ? 0 : now.table_full; // what is damaged fills up
    cost_result(mode, count, instructions / (BATCH * BATCHES), now.dropped_events - before_all.dropped_events + now.faults + lost);
    cost_task = COST_TASK;
    for (uint32_t i = 0; i < count; i++) give(live[i]);
    mm.table.used = is_full() ? used : mm.table.used;
    mm.table.free_list = is_full() ? free_list : mm.table.free_list;
    if (mode == MODE_DAMAGED) empty_table();
    mm.counters.table_full = 0;
    mm_quarantine_trim(0); // the next run begins with a new heap
    memmap_stream_stop();
}
