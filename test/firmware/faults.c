// Each kind of fault, planted; and what must not be taken for one.
#include "harness.h"

#include <string.h>

#include "freed.h"
#include "guard.h"
#include "quarantine.h"
#include "report.h"
#include "sample.h"

#define CAPS MALLOC_CAP_SPIRAM

static void double_free_in_quarantine(void)
{
    char *block = TRACE_MALLOC(24, CAPS), *again = block;
    TRACE_FREE(block);
    TRACE_FREE(again);
    CHECK_EQUAL(test_statistics().faults, 1);
    CHECK_LOG("memmap: fault 1: double free, pointer 0x3f8");
    CHECK_LOG("  allocated at ");
    CHECK_LOG("faults.c:16 (double_free_in_quarantine) by main\n");
    CHECK_LOG("  freed at ");
    CHECK_LOG("faults.c:17 (double_free_in_quarantine) by main\n");
    CHECK_LOG("  seen at ");
    CHECK_LOG("faults.c:18 (double_free_in_quarantine) by main\n");
    CHECK(heap_caps_check_integrity_all(true));
}

static void double_free_after_the_heap_got_the_block(void)
{
    memmap_options.quarantine = false;
    void *block = TRACE_MALLOC(24, CAPS);
    TRACE_FREE(block);
    TRACE_FREE(block);
    CHECK_EQUAL(test_statistics().faults, 1);
    CHECK_LOG("double free");
    CHECK(heap_caps_check_integrity_all(true));
}

// The address was given out again, to somebody whom the probe does not see: no proof, no accusation.
static void reused_address_is_no_double_free(void)
{
#if !MEMMAP_INTERPOSE
    memmap_options.quarantine = false;
    void *block = TRACE_MALLOC(24, CAPS);
    TRACE_FREE(block);
    void *other = heap_caps_malloc(24, CAPS);
    CHECK(other == block);
    TRACE_FREE(other);
    CHECK_EQUAL(test_statistics().faults, 0);
    CHECK_EQUAL(test_statistics().unknown_frees, 1);
#endif
}

// The same by a realloc that is not recorded. In an interrupt the heap cannot be asked, so that only the probe's own record speaks.
static void unrecorded_realloc_is_no_double_free(void)
{
#if MEMMAP_INTERPOSE
    memmap_options.quarantine = false;
    void *early = memmap_port_malloc(8, CAPS); // as before the probe was there
    void *between = TRACE_MALLOC(8, CAPS), *block = TRACE_MALLOC(24, CAPS);
    TRACE_FREE(block);
    debug_track_allocation = false;
    void *moved = TRACE_REALLOC(early, 24, CAPS);
    debug_track_allocation = true;
    CHECK(moved == block);
    memmap_port_host_set_context(0x3ffb8000, 0, true);
    TRACE_FREE(moved);
    memmap_port_host_set_context(0x3ffb8000, 0, false);
    CHECK_EQUAL(test_statistics().faults, 0);
    TRACE_FREE(between);
#endif
}

static void unknown_block_is_passed_on(void)
{
    debug_track_allocation = false;
    void *block = heap_caps_malloc(100, CAPS);
    debug_track_allocation = true;
    size_t before = heap_caps_get_free_size(CAPS);
    TRACE_FREE(block);
    CHECK(heap_caps_get_free_size(CAPS) > before);
    CHECK_EQUAL(test_statistics().faults, 0);
    CHECK_EQUAL(test_statistics().unknown_frees, 1);
}

static void free_of_an_interior_pointer(void)
{
    char *block = TRACE_MALLOC(64, CAPS);
    TRACE_FREE(block + 16);
    CHECK_EQUAL(test_statistics().faults, 1);
    CHECK_LOG("free of a pointer into a block, pointer 0x3f8");
    CHECK_LOG(" of 64 bytes\n");
    CHECK_EQUAL(test_statistics().live_blocks, 1);
    TRACE_FREE(block);
    CHECK(heap_caps_check_integrity_all(true));
}

// Forgotten by the history, and perhaps part of a larger free block by now: the heap's own words are the proof.
static void late_double_free_never_reaches_the_heap(void)
{
    for (int in_interrupt = 0; in_interrupt < 2; in_interrupt++) {
        void *blocks[8];
        for (int i = 0; i < 8; i++) blocks[i] = TRACE_MALLOC(40, CAPS);
        for (int i = 1; i < 8; i++) TRACE_FREE(blocks[i]);
        for (int i = 0; i < 4 * CONFIG_MEMMAP_FREED_HISTORY; i++) TRACE_FREE(TRACE_MALLOC(2000, MALLOC_CAP_DMA));
        uint32_t before = test_statistics().faults;
        memmap_port_host_set_context(0x3ffb8000, 0, in_interrupt);
        for (int i = 1; i < 8; i++) TRACE_FREE(blocks[i]);
        memmap_port_host_set_context(0x3ffb8000, 0, false);
        CHECK_EQUAL(test_statistics().faults - before, 7);
        CHECK_EQUAL(test_statistics().unknown_frees, 0);
        CHECK(heap_caps_check_integrity_all(true));
        TRACE_FREE(blocks[0]);
    }
    CHECK_LOG("double free");
}

static void free_inside_a_freed_block(void)
{
    for (int quarantine = 0; quarantine < 2; quarantine++) {
        memmap_options.quarantine = quarantine;
        test_log_clear();
        char *block = TRACE_MALLOC(64, CAPS);
        TRACE_FREE(block);
        uint32_t before = test_statistics().faults;
        for (int at = 4; at < 64; at += 12) TRACE_FREE(block + at);
        CHECK_EQUAL(test_statistics().faults - before, 5);
        CHECK_LOG(" of 64 bytes\n");
        CHECK_LOG("  freed at ");
        CHECK(heap_caps_check_integrity_all(true));
    }
}

// The program's own data look like a used block with a used one behind it.
static void interior_pointer_that_looks_like_a_block(void)
{
    uint32_t *block = TRACE_MALLOC(200, CAPS);
    for (int i = 0; i < 50; i++) block[i] = 16;
    TRACE_FREE(block + 10);
    CHECK_EQUAL(test_statistics().faults, MEMMAP_INTERPOSE);
    if (MEMMAP_INTERPOSE) CHECK_LOG("free of a pointer into a block");
}

static void realloc_of_freed_memory(void)
{
    void *block = TRACE_MALLOC(64, CAPS);
    TRACE_FREE(block);
    CHECK(TRACE_REALLOC(block, 100, CAPS) == NULL);
    CHECK_LOG("realloc of freed memory");
    CHECK_EQUAL(test_statistics().faults, 1);
}

static void write_past_the_end_is_seen_on_free(void)
{
    for (uint32_t size = 1; size <= 33; size++) {
        char *block = TRACE_MALLOC(size, CAPS);
        block[size] = 'X';
        TRACE_FREE(block);
        CHECK_EQUAL(test_statistics().faults, size);
    }
    CHECK_LOG("write past the end");
    CHECK_LOG(" 1 bytes from offset 33 on now read 58\n");
    CHECK(heap_caps_check_integrity_all(true));
}

// Of 1 to 8 bytes, or of a stray one so far away.
static void writes_up_to_8_bytes_past_the_end(void)
{
    uint32_t faults = 0;
    for (uint32_t size = 1; size <= 200; size++)
        for (uint32_t far = 0; far < 8; far++) {
            char *block = TRACE_MALLOC(size, CAPS);
            block[size + far] ^= (char)(1 + (size + far) % 255);
            if (size % 2) memmap_check(0);
            TRACE_FREE(block);
            CHECK_EQUAL(test_statistics().faults, ++faults);
        }
    CHECK_EQUAL(mm_report_dropped(), faults - CONFIG_MEMMAP_REPORT_CAPACITY);
    CHECK(heap_caps_check_integrity_all(true));
}

#if MEMMAP_INTERPOSE
// Blocks of 8 bytes, each right behind the one before.
static void four_in_a_row(char **blocks)
{
    for (int count = 0; count < 4; count++) {
        blocks[count] = TRACE_MALLOC(8, CAPS);
        memmap_look_t look = {.next = 0};
        if (count > 0) memmap_port_look(blocks[count - 1], &look);
        if (count > 0 && mm_address(blocks[count]) != look.next) {
            blocks[0] = blocks[count];
            count = 0;
        }
    }
}

// A longer write destroys the header of the block behind, and perhaps more of them. Whoever is looked at first, the first block alone is to blame,
// and the heap gets none of those whose words are wrong.
static void long_write_is_one_fault(void)
{
    for (uint32_t length = 12; length <= 40; length += 4)
        for (int first = 0; first < 5; first++) {
            test_log_clear();
            char *blocks[4];
            four_in_a_row(blocks);
            uint32_t before = test_statistics().faults;
            memset(blocks[0] + 8, 'L', length);
            if (first < 4) TRACE_FREE(blocks[first]);
            else memmap_check(0);
            for (int i = 0; i < 4; i++)
                if (i != first) TRACE_FREE(blocks[i]);
            mm_quarantine_trim(0);
            CHECK_EQUAL(test_statistics().faults, before + 1);
            CHECK_LOG(": write past the end, pointer ");
            CHECK_LOG(" is hit as well");
        }
}
#endif

static void write_past_the_end_is_seen_on_realloc_and_by_the_check(void)
{
    char *block = TRACE_MALLOC(20, CAPS), *other = TRACE_MALLOC(20, CAPS);
    block[21] = 'X';
    block = TRACE_REALLOC(block, 200, CAPS);
    CHECK_EQUAL(test_statistics().faults, 1);
    CHECK_EQUAL(memmap_check(0), 0);
    memmap_port_host_set_time(2000000);
    other[20] = 'Y';
    uint32_t found = 0;
    for (int i = 0; i < 3; i++) found += memmap_check(1);
    CHECK_EQUAL(found, 1);
    TRACE_FREE(other); // reported once
    TRACE_FREE(block);
    CHECK_EQUAL(test_statistics().faults, 2);
}

static void pointer_and_alignment_are_the_heaps(void)
{
    for (uint32_t size = 1; size < 100; size++) {
        uint8_t *block = TRACE_MALLOC(size, CAPS);
        memmap_look_t look;
        memmap_port_look(block, &look);
        CHECK(look.size >= size + CONFIG_MEMMAP_RED_ZONE_BYTES); // the heap's own size word stands right before the pointer
#if MEMMAP_INTERPOSE
        CHECK_EQUAL(heap_caps_get_allocated_size(block), size); // and what it answers may be filled
#endif
        memset(block, 0xa5, size);
        TRACE_FREE(block);
    }
    CHECK_EQUAL(test_statistics().faults, 0);
}

static void write_before_the_start(void)
{
    char *block = TRACE_MALLOC(64, CAPS);
    block[-1] = 'X'; // top byte of the heap's size word
    TRACE_FREE(block);
    CHECK_LOG("write before the start");
    CHECK_LOG("  4 bytes from offset -4 on now read ");
    CHECK_EQUAL(test_statistics().faults, 1);
    CHECK(TRACE_MALLOC(64, CAPS) != block); // kept out of the heap for good
}

// Flags and links that the heap would follow: its own block's flag says that a free block is in front, where none is; the free block behind has
// another size than it had. The heap breaks on either, so it must not get the block. The last of three: nothing is wrong.
static void words_that_the_heap_would_follow(void)
{
    memmap_options.quarantine = false;
    for (int which = 0; which < 3; which++) {
        char *in_front = TRACE_MALLOC(40, CAPS), *block = TRACE_MALLOC(40, CAPS), *behind = TRACE_MALLOC(40, CAPS), *last = TRACE_MALLOC(40, CAPS);
        CHECK(in_front < block && block < behind && behind < last);
        uint32_t *word = (uint32_t *)(void *)(which == 0 ? block - 4 : behind - 4), before = test_statistics().stale_records;
        TRACE_FREE(behind);
        if (which == 0) *word ^= 2;
        if (which == 1) *word += 16;
        TRACE_FREE(block);
        if (which == 0) *word ^= 2;
        if (which == 1) *word -= 16;
        CHECK_EQUAL(test_statistics().stale_records - before, which < 2);
        CHECK(heap_caps_check_integrity_all(true));
        void *again = TRACE_MALLOC(40, CAPS);
        CHECK_EQUAL(again == block, which == 2);
        TRACE_FREE(again);
        TRACE_FREE(in_front);
        TRACE_FREE(last);
    }
    CHECK_EQUAL(test_statistics().faults, 0);
}

// The heap must not see such a block again: its contents move on without it.
static void realloc_after_a_write_before_the_start(void)
{
    char *block = TRACE_MALLOC(64, CAPS), *moved;
    memset(block, 'k', 64);
    block[-1] = 'X';
    moved = TRACE_REALLOC(block, 100, CAPS);
    CHECK_EQUAL(test_statistics().faults, 1);
    CHECK_LOG("write before the start");
    CHECK(moved != NULL && moved != block);
    for (int i = 0; i < 64; i++) CHECK_EQUAL(moved[i], 'k');
    TRACE_FREE(moved);
    CHECK_EQUAL(test_statistics().live_blocks, 0);
    CHECK_EQUAL(test_statistics().faults, 1);
}

// Poison lies over all of a block's length, if not everywhere.
static void write_after_free_into_large_blocks(void)
{
    uint32_t found = 0, planted = 0, random = 1;
    for (uint32_t size = 1100; size < CONFIG_MEMMAP_QUARANTINE_BYTES; size += 97) {
        for (int i = 0; i < 4; i++) {
            char *block = TRACE_MALLOC(size, CAPS);
            TRACE_FREE(block);
            random = random * 1664525u + 1013904223u;
            memset(block + random % (size - 16), 'W', 16);
            planted++;
            found += memmap_check(0);
        }
    }
    CHECK_EQUAL(found, planted);
    CHECK_EQUAL(memmap_check(0), 0);
}

static void write_after_free_is_seen_when_the_block_leaves_quarantine(void)
{
    char *block = TRACE_MALLOC(100, CAPS);
    TRACE_FREE(block);
    block[50] = 'W';
    for (int i = 0; i < 200; i++) {
        void *churn = TRACE_MALLOC(100, CAPS);
        TRACE_FREE(churn);
    }
    CHECK_EQUAL(test_statistics().faults, 1);
    CHECK_LOG("write after free");
    CHECK_LOG(" 1 bytes from offset 50 on now read 57\n");
    CHECK_LOG("(write_after_free_is_seen_when_the_block_leaves_quarantine) by main\n");
    CHECK(test_statistics().quarantined_bytes <= CONFIG_MEMMAP_QUARANTINE_BYTES);
    CHECK(test_statistics().quarantined_blocks < CONFIG_MEMMAP_FREED_HISTORY);
}

static void write_after_free_is_seen_by_the_check(void)
{
    char *block = TRACE_MALLOC(1000, CAPS);
    TRACE_FREE(block);
    block[990] = 'W'; // the middle is not poisoned, both ends are
    CHECK_EQUAL(memmap_check(0), 1);
    CHECK_EQUAL(memmap_check(0), 0);
    CHECK_LOG(" 1 bytes from offset 990 on now read 57\n");
}

// Quarantine and red zones must never be why an allocation fails.
static void quarantine_gives_way(void)
{
    void *blocks[200], *block;
    int count = 0;
    while ((block = TRACE_MALLOC(1000, MALLOC_CAP_DMA)) != NULL) blocks[count++] = block;
    CHECK_EQUAL(test_statistics().failures, 1);
    for (int i = 0; i < 3; i++) TRACE_FREE(blocks[i]);
    CHECK_EQUAL(test_statistics().quarantined_bytes, 3000);
    for (int i = 0; i < 3; i++) CHECK(TRACE_MALLOC(1000, MALLOC_CAP_DMA) != NULL);
    CHECK_EQUAL(test_statistics().quarantined_bytes, 0);
    CHECK_EQUAL(test_statistics().failures, 1);
    memmap_options.quarantine = false;
    TRACE_FREE(blocks[10]);
    CHECK(TRACE_MALLOC(1004, MALLOC_CAP_DMA) != NULL); // fits without its red zone only
}

static void big_blocks_and_interrupts_pass_quarantine_by(void)
{
    void *big = TRACE_MALLOC(CONFIG_MEMMAP_QUARANTINE_BYTES, CAPS), *small = TRACE_MALLOC(16, CAPS);
    TRACE_FREE(big);
    memmap_port_host_set_context(0x3ffb8000, 0, true);
    TRACE_FREE(small);
    CHECK_EQUAL(test_statistics().quarantined_blocks, 0);
}

// Memory without byte access gets neither red zone nor poison, and is wiped by words.
static void word_only_memory_is_left_alone(void)
{
    void *code = TRACE_MALLOC(64, MALLOC_CAP_EXEC);
    CHECK_EQUAL((uintptr_t)code >> 16, 0x4008);
    CHECK(heap_caps_get_allocated_size(code) < 64 + 4);
    TRACE_FREE(code);
    CHECK_EQUAL(test_statistics().quarantined_blocks, 0);
    CHECK_EQUAL(test_statistics().faults, 0);
}

static void everything_can_be_switched_off(void)
{
    memmap_options = (memmap_options_t){.zero_on_free = false};
    char *block = TRACE_MALLOC(61, CAPS);
    CHECK(heap_caps_get_allocated_size(block) == 64);
    memset(block, 'k', 64);
    TRACE_FREE(block);
    CHECK(block[20] == 'k'); // neither wiped nor poisoned
    CHECK_EQUAL(test_statistics().quarantined_blocks, 0);
    CHECK_EQUAL(test_statistics().faults, 0);
    CHECK_EQUAL(test_log_lines(), 0);
}

static void contents_are_wiped(void)
{
    char *block = TRACE_MALLOC(500, CAPS), *seen = block;
    memset(block, 's', 500);
    free_unregister_allocation((void **)&block);
    CHECK(memchr(seen, 's', 500) == NULL); // poison at both ends, zeros between
}

static void reports_outlive_their_number(void)
{
    for (int i = 0; i < 3 * CONFIG_MEMMAP_REPORT_CAPACITY; i++) {
        char *block = TRACE_MALLOC(8, CAPS);
        block[8] = 1;
        TRACE_FREE(block);
    }
    CHECK_EQUAL(test_statistics().faults, 3 * CONFIG_MEMMAP_REPORT_CAPACITY);
    CHECK_EQUAL(test_statistics().dropped_reports, 2 * CONFIG_MEMMAP_REPORT_CAPACITY);
}

// One allocation in ten: the sample's sums, scaled up, come close; what is left out is neither unknown nor a fault.
static void sample_is_unbiased(void)
{
    enum { COUNT = 8000, INTERVAL = 10 };
    static void *blocks[COUNT];
    uint64_t truth = 0;
    memmap_options.sample_interval = INTERVAL;
    for (uint32_t i = 0; i < COUNT; i++) {
        uint32_t size = i % INTERVAL == 0 ? 100 : 20; // a rhythm of the interval's own length must not matter
        blocks[i] = TRACE_MALLOC(size, CAPS);
        truth += size;
    }
    memmap_statistics_t now = test_statistics();
    CHECK(now.live_blocks > COUNT / INTERVAL * 9 / 10 && now.live_blocks < COUNT / INTERVAL * 11 / 10);
    CHECK(now.live_bytes * INTERVAL > truth * 85 / 100 && now.live_bytes * INTERVAL < truth * 115 / 100);
    for (uint32_t i = 0; i < COUNT; i++) {
        if (i % 3 == 0) TRACE_REALLOC_VAR(blocks[i], 50, CAPS);
        TRACE_FREE(blocks[i]);
    }
    now = test_statistics();
    CHECK_EQUAL(now.live_blocks, 0);
    CHECK_EQUAL(now.unknown_frees, 0);
    CHECK_EQUAL(now.faults, 0);
}

static void as_task(uintptr_t handle, const char *name)
{
    memmap_port_host_set_task_name(handle, name);
    memmap_port_host_set_context(handle, 0, false);
}

static mm_fault_t newest_fault(void)
{
    mm_fault_t fault;
    CHECK(mm_fault_get(mm_fault_count(), &fault));
    return fault;
}

// Tasks: main sweeps, early is done before the block was last seen whole, busy and idle use the heap after, busy breaks it.
static void damage_is_between_two_times_and_tasks(void)
{
    char *block = TRACE_MALLOC(24, CAPS), *other = TRACE_MALLOC(24, CAPS);
    as_task(0x3ffb9000, "early");
    void *early = TRACE_MALLOC(8, CAPS);
    as_task(0x3ffb8000, "main");
    memmap_port_host_set_time(2000000);
    CHECK_EQUAL(memmap_check(0), 0);
    as_task(0x3ffba000, "busy");
    TRACE_FREE(early);
    block[24] = 1;
    memmap_port_host_set_context(0x3ffba000, 1, true);
    TRACE_FREE(TRACE_MALLOC(8, CAPS));
    as_task(0x3ffb8000, "main");
    memmap_port_host_set_time(3000000);
    CHECK_EQUAL(memmap_check(0), 1);
    CHECK_LOG("was whole at 2000 ms; since then the heap was used by (interrupt), busy\n");
    mm_fault_t fault = newest_fault();
    CHECK(fault.good);
    CHECK_EQUAL(fault.last_good, 2000000 >> CONFIG_MEMMAP_TICK_SHIFT);
    CHECK_EQUAL(fault.active_count, 2);
    CHECK_EQUAL(memmap_check(0), 0);
    // The other block is seen when it is freed; a sweep under way that has not come to it does not narrow the time.
    memmap_port_host_set_time(4000000);
    for (int i = 0; i < 2; i++) CHECK_EQUAL(memmap_check(1), 0);
    other[25] = 1;
    TRACE_FREE(other);
    CHECK_EQUAL(newest_fault().last_good, 3000000 >> CONFIG_MEMMAP_TICK_SHIFT);
    // A young block has not been seen whole by anybody.
    block = TRACE_MALLOC(24, CAPS);
    block[24] = 1;
    TRACE_FREE(block);
    CHECK(!newest_fault().good);
}

static void many_tasks_end_in_others(void)
{
    char *block = TRACE_MALLOC(24, CAPS);
    memmap_check(0);
    for (uint32_t i = 0; i < MM_ACTIVE_TASKS + 2; i++) {
        memmap_port_host_set_context(0x3ffb9000 + 0x100 * i, 0, false);
        TRACE_FREE(TRACE_MALLOC(8, CAPS));
    }
    block[24] = 1;
    memmap_check(0);
    CHECK_EQUAL(newest_fault().active_count, MM_ACTIVE_TASKS);
    CHECK_EQUAL(newest_fault().active[MM_ACTIVE_TASKS - 1], MEMMAP_TASK_NUMBER_OTHER);
}

static void a_period_checks_by_itself(void)
{
    enum { BLOCKS = 3 * CONFIG_MEMMAP_CHECK_BLOCKS };
    char *block = NULL;
    for (int i = 0; i < BLOCKS; i++) block = TRACE_MALLOC(8, CAPS);
    block[8] = 1; // the last one
    memmap_drain();
    CHECK_EQUAL(test_statistics().faults, 0);
    memmap_check_every(100);
    uint64_t now = 1000000;
    for (int i = 0; i < 2; i++) memmap_drain(); // twice at the same time is one step
    for (int i = 1; i < 3; i++) {
        CHECK_EQUAL(test_statistics().faults, 0);
        memmap_port_host_set_time(now += 100000);
        memmap_drain();
    }
    CHECK_EQUAL(test_statistics().faults, 1);
    memmap_check_every(0);
    for (int i = 0; i < 20; i++) {
        memmap_port_host_set_time(now += 100000);
        memmap_drain();
    }
    block = TRACE_MALLOC(8, CAPS);
    block[8] = 1;
    memmap_drain();
    CHECK_EQUAL(test_statistics().faults, 1);
}

// By bytes: each size is taken with the probability 1 - exp(-size / N), within four standard errors; small and large ones mixed, so that
// one's distance is another's.
static void sample_by_bytes_takes_each_size_as_it_should(void)
{
    enum { N = 1000, DRAWS = 200000, SIZES = 5 };
    static const uint32_t sizes[SIZES] = {1, 16, 100, 1000, 5000};
    static const double chances[SIZES] = {1 - __builtin_exp(-0.001), 1 - __builtin_exp(-0.016), 1 - __builtin_exp(-0.1),
                                          1 - __builtin_exp(-1.0), 1 - __builtin_exp(-5.0)};
    uint32_t taken[SIZES] = {0}, drawn[SIZES] = {0}, random = 1;
    memmap_options.sample_bytes = N;
    for (int i = 0; i < SIZES * DRAWS; i++) {
        random = random * 1664525u + 1013904223u;
        int which = (int)((random >> 16) % SIZES);
        drawn[which]++;
        taken[which] += mm_in_sample(sizes[which]);
    }
    for (int i = 0; i < SIZES; i++) {
        double expected = drawn[i] * chances[i], off = taken[i] - expected;
        CHECK(off * off < 16 * drawn[i] * chances[i] * (1 - chances[i]));
    }
}

static void sample_by_bytes_follows_a_new_size(void)
{
    enum { COUNT = 1000 };
    static void *blocks[COUNT];
    memmap_options.sample_bytes = 100000;
    for (int i = 0; i < COUNT; i++) blocks[i] = TRACE_MALLOC(8, CAPS);
    CHECK(test_statistics().live_blocks < 10);
    memmap_options.sample_bytes = 10;
    for (int i = 0; i < COUNT; i++) TRACE_REALLOC_VAR(blocks[i], 500, CAPS);
    CHECK_EQUAL(test_statistics().live_blocks, COUNT);
    CHECK_EQUAL(test_statistics().live_bytes, COUNT * 500);
    memmap_options.sample_bytes = 100000;
    for (int i = 0; i < COUNT; i++) TRACE_REALLOC_VAR(blocks[i], 8, CAPS);
    CHECK(test_statistics().live_blocks < 10);
    for (int i = 0; i < COUNT; i++) TRACE_FREE(blocks[i]);
    memmap_statistics_t now = test_statistics();
    CHECK_EQUAL(now.live_blocks, 0);
    CHECK_EQUAL(now.unknown_frees, 0);
    CHECK_EQUAL(now.faults, 0);
    CHECK(heap_caps_check_integrity_all(true));
}

static const test_case_t cases[] = {
    {"double free in quarantine", double_free_in_quarantine},
    {"double free after the heap got the block", double_free_after_the_heap_got_the_block},
    {"a reused address is no double free", reused_address_is_no_double_free},
    {"an unrecorded realloc is no double free", unrecorded_realloc_is_no_double_free},
    {"an unknown block is passed on", unknown_block_is_passed_on},
    {"free of an interior pointer", free_of_an_interior_pointer},
    {"a late double free never reaches the heap", late_double_free_never_reaches_the_heap},
    {"free inside a freed block", free_inside_a_freed_block},
    {"an interior pointer that looks like a block", interior_pointer_that_looks_like_a_block},
    {"realloc of freed memory", realloc_of_freed_memory},
    {"writes up to 8 bytes past the end", writes_up_to_8_bytes_past_the_end},
#if MEMMAP_INTERPOSE
    {"a long write is one fault", long_write_is_one_fault},
#endif
    {"a write past the end is seen on free", write_past_the_end_is_seen_on_free},
    {"a write past the end is seen on realloc and by the check", write_past_the_end_is_seen_on_realloc_and_by_the_check},
    {"pointer and alignment are the heap's", pointer_and_alignment_are_the_heaps},
    {"a write before the start", write_before_the_start},
    {"words that the heap would follow", words_that_the_heap_would_follow},
    {"realloc after a write before the start", realloc_after_a_write_before_the_start},
    {"a write after free into large blocks", write_after_free_into_large_blocks},
    {"a write after free is seen when the block leaves quarantine", write_after_free_is_seen_when_the_block_leaves_quarantine},
    {"a write after free is seen by the check", write_after_free_is_seen_by_the_check},
    {"quarantine gives way", quarantine_gives_way},
    {"big blocks and interrupts pass quarantine by", big_blocks_and_interrupts_pass_quarantine_by},
    {"damage is between two times and tasks", damage_is_between_two_times_and_tasks},
    {"many tasks end in others", many_tasks_end_in_others},
    {"a period checks by itself", a_period_checks_by_itself},
    {"word-only memory is left alone", word_only_memory_is_left_alone},
    {"everything can be switched off", everything_can_be_switched_off},
    {"contents are wiped", contents_are_wiped},
    {"a sample is unbiased", sample_is_unbiased},
    {"a sample by bytes takes each size as it should", sample_by_bytes_takes_each_size_as_it_should},
    {"a sample by bytes follows a new size", sample_by_bytes_follows_a_new_size},
    {"reports outlive their number", reports_outlive_their_number},
};
TEST_MAIN(cases)
