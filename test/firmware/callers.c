// Sites of unmodified code: the chain of callers where there are frame pointers (CONFIG_MEMMAP_STACK_DEPTH=4), the direct caller by notes
// where there are none (CONFIG_MEMMAP_DIRECT_CALLERS=1).
#include "harness.h"

#include "callers.h"
#include "store.h"
#include "table.h"

#define CAPS MALLOC_CAP_8BIT
#define APART __attribute__((noinline))

static mm_site_t site_of(const void *pointer)
{
    uint32_t slot = 0;
    mm_block_t block;
    mm_site_t site;
    for (; mm_table_copy(&slot, &block); slot++)
        if (block.address == mm_address(pointer)) break;
    CHECK(mm_site_get(block.site, &site));
    CHECK_EQUAL(site.kind, MM_SITE_CALLERS);
    return site;
}

static uintptr_t inner_returns, middle_returns; // what the two return to

static APART void *inner(void)
{
    inner_returns = (uintptr_t)__builtin_return_address(0);
    void *volatile pointer = heap_caps_malloc(20, CAPS);
    return pointer;
}

static APART void *middle(void)
{
    middle_returns = (uintptr_t)__builtin_return_address(0);
    void *volatile pointer = inner();
    return pointer;
}

static bool is_in(uintptr_t address, void *(*function)(void))
{
    return address > (uintptr_t)function && address < (uintptr_t)function + 200;
}

#if !MEMMAP_DIRECT_CALLERS
static void the_chain_is_the_true_one(void)
{
    void *volatile pointer = middle();
    mm_site_t site = site_of(pointer);
    CHECK_EQUAL(site.depth, 4);
    CHECK(is_in(site.callers[1], inner)); // [0] is in heap_caps_malloc()
    CHECK_EQUAL(site.callers[2], inner_returns);
    CHECK_EQUAL(site.callers[3], middle_returns);
    heap_caps_free(pointer);
}

static void a_chain_is_entered_once(void)
{
    void *blocks[3];
    for (int i = 0; i < 3; i++) blocks[i] = middle();
    void *volatile other = inner();
    CHECK(site_of(blocks[0]).callers == site_of(blocks[2]).callers);
    CHECK(site_of(blocks[0]).callers != site_of(other).callers);
}

static void macros_do_not_need_it(void)
{
    void *pointer = TRACE_MALLOC(10, CAPS);
    uint32_t slot = 0;
    mm_block_t block;
    mm_site_t site;
    CHECK(mm_table_copy(&slot, &block) && block.address == mm_address(pointer));
    CHECK(mm_site_get(block.site, &site) && site.kind == MM_SITE_SOURCE);
}

static const test_case_t cases[] = {
    {"the chain is the true one", the_chain_is_the_true_one},
    {"a chain is entered once", a_chain_is_entered_once},
    {"macros do not need it", macros_do_not_need_it},
};
#else
static void the_direct_caller_is_known(void)
{
    void *volatile pointer = middle();
    mm_site_t site = site_of(pointer);
    CHECK_EQUAL(site.depth, 1);
    CHECK(is_in(site.key, inner));
    CHECK_EQUAL(test_statistics().events, 1);
    heap_caps_free(pointer);
    CHECK_EQUAL(test_statistics().events, 2);
}

static void two_attempts_have_one_caller(void)
{
    CHECK(!heap_caps_malloc(8 << 20, CAPS));
    mm_failure_t failure;
    mm_site_t site;
    CHECK(mm_failure_get(1, &failure) && mm_site_get(failure.site, &site));
    CHECK(is_in(site.key, (void *(*)(void))two_attempts_have_one_caller));
}

// Frames of this test stand for those of functions in front of each other.
static void the_outermost_note_counts(void)
{
    static char stack[64];
    mm_note_t *outer = mm_note_begin((void *)0x1000, stack + 48);
    CHECK(outer);
    CHECK(!mm_note_begin((void *)0x2000, stack + 16));
    CHECK_EQUAL(mm_note_caller(outer, mm_running(), stack), 0x1000);
    mm_note_end(outer);
    CHECK(!mm_note_caller(outer, mm_running(), stack));
}

static void notes_of_others_are_none(void)
{
    static char stack[2048];
    mm_note_t *mine = mm_note_begin((void *)0x1000, stack + 1500);
    uintptr_t me = mm_running(), other = me + 0x2000 * 16; // the same place
    CHECK(mm_note_of(other) == mine);
    CHECK(!mm_note_caller(mine, other, stack + 1400));
    // An interrupt, and a note that a call left behind when it ended without returning: deeper now, or higher.
    memmap_port_host_set_context(me, 0, true);
    CHECK(mm_running() != me);
    CHECK(!mm_note_caller(mm_note_of(mm_running()), mm_running(), stack + 1400));
    memmap_port_host_set_context(me, 0, false);
    CHECK(!mm_note_caller(mine, me, stack + 1600));
    CHECK(!mm_note_caller(mine, me, stack + 100));
    CHECK_EQUAL(mm_note_caller(mine, me, stack + 1400), 0x1000);
    // Half overwritten by another's note.
    mine->caller = 0x3000;
    CHECK(!mm_note_caller(mine, me, stack + 1400));
}

static const test_case_t cases[] = {
    {"the direct caller is known", the_direct_caller_is_known},
    {"two attempts have one caller", two_attempts_have_one_caller},
    {"the outermost note counts", the_outermost_note_counts},
    {"notes of others are none", notes_of_others_are_none},
};
#endif
TEST_MAIN(cases)
