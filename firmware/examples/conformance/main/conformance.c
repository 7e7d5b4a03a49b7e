// See conformance.h. What a host must make of each test stands in test/conformance/behaviours.ts, under the same name.
//
// Faults are planted on purpose. A block is only damaged where the probe keeps the damage away from the heap.
#include "conformance.h"

#include "memmap.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAPS MALLOC_CAP_8BIT

static void expect(bool condition, const char *what)
{
    if (!condition) printf("conformance: FAILED %s\n", what);
}

static void allocate_and_free(void)
{
    char *buffer;
    TRACE_MALLOC_VAR(buffer, 100, CAPS);
    expect(buffer != NULL, "malloc");
    memset(buffer, 1, 100);
    TRACE_FREE(buffer);
}

static void stays_live(void)
{
    for (size_t size = 10; size <= 30; size += 10) expect(TRACE_MALLOC(size, CAPS) != NULL, "malloc");
}

static void calloc_is_zeroed(void)
{
    unsigned char *cleared;
    TRACE_CALLOC_VAR(cleared, 7, 9, CAPS);
    expect(cleared != NULL, "calloc");
    for (size_t i = 0; i < 63; i++) expect(cleared[i] == 0, "calloc leaves zeros");
    TRACE_FREE(cleared);
}

static void aligned(void)
{
    void *block = TRACE_ALIGNED_ALLOC(64, 200, CAPS);
    expect(block != NULL && (uintptr_t)block % 64 == 0, "aligned_alloc is aligned");
    TRACE_FREE(block);
}

static void nothing_to_do(void)
{
    void *none = NULL;
    expect(TRACE_MALLOC(0, CAPS) == NULL, "malloc(0) is NULL");
    TRACE_FREE(none);
    free_unregister_allocation((void **)&none);
    free_unregister_allocation(NULL);
}

static void realloc_moves(void)
{
    unsigned char *growing;
    void *neighbour;
    TRACE_MALLOC_VAR(growing, 40, CAPS);
    TRACE_MALLOC_VAR(neighbour, 40, CAPS); // in the way
    memset(growing, 7, 40);
    TRACE_REALLOC_VAR(growing, 1000, CAPS);
    expect(growing[0] == 7 && growing[39] == 7, "realloc keeps the content");
    TRACE_REALLOC_VAR(growing, 500, CAPS);
    expect(growing[39] == 7, "realloc keeps the content");
    TRACE_FREE(neighbour);
    TRACE_FREE(growing);
}

static void realloc_from_and_to_nothing(void)
{
    void *block = NULL;
    TRACE_REALLOC_VAR(block, 80, CAPS);
    expect(block != NULL, "realloc(NULL, n) allocates");
    TRACE_REALLOC_VAR(block, 0, CAPS);
    expect(block == NULL, "realloc(p, 0) frees");
}

static void realloc_fails(void)
{
    char *kept;
    TRACE_MALLOC_VAR(kept, 60, CAPS);
    memcpy(kept, "still here", sizeof "still here");
    expect(TRACE_REALLOC(kept, 200u * 1024 * 1024, CAPS) == NULL, "a realloc that is too large fails");
    expect(strcmp(kept, "still here") == 0, "a failed realloc keeps the content");
    TRACE_FREE(kept);
}

static void allocation_fails(void)
{
    expect(TRACE_MALLOC(200u * 1024 * 1024, CAPS) == NULL, "a request that is too large fails");
}

static void calloc_overflows(void)
{
    expect(TRACE_CALLOC(SIZE_MAX / 2, 4, CAPS) == NULL, "calloc with an overflowing size fails");
}

static void double_free(void)
{
    char *twice;
    TRACE_MALLOC_VAR(twice, 48, CAPS);
    TRACE_FREE(twice);
    TRACE_FREE(twice);
}

static void interior_free(void)
{
    char *whole;
    TRACE_MALLOC_VAR(whole, 48, CAPS);
    TRACE_FREE(whole + 8);
    TRACE_FREE(whole);
}

static void realloc_after_free(void)
{
    char *gone;
    TRACE_MALLOC_VAR(gone, 48, CAPS);
    TRACE_FREE(gone);
    expect(TRACE_REALLOC(gone, 96, CAPS) == NULL, "realloc of a freed block gives nothing");
}

static void overflow(void)
{
    volatile unsigned char *narrow;
    TRACE_MALLOC_VAR(narrow, 32, CAPS);
    narrow[32] = 0x41;
    narrow[33] = 0x42;
    TRACE_FREE((void *)narrow);
}

static void write_after_free(void)
{
    volatile unsigned char *stale;
    TRACE_MALLOC_VAR(stale, 64, CAPS);
    TRACE_FREE((void *)stale);
    stale[5] = 0x99;
    // Other frees push the block out of the quarantine, where it is checked.
    for (int i = 0; i < 200; i++) {
        void *other = TRACE_MALLOC(100, CAPS);
        TRACE_FREE(other);
    }
}

static void unknown_block(void)
{
    debug_track_allocation = false;
    void *unseen = heap_caps_malloc(72, CAPS);
    debug_track_allocation = true;
    expect(unseen != NULL, "heap_caps_malloc");
    TRACE_FREE(unseen);
}

// Code that knows nothing of the probe. Without interposition none of it is seen.
static void unmodified_code(void)
{
    char *text = malloc(33);
    expect(text != NULL, "malloc");
    text = realloc(text, 70);
    expect(text != NULL, "realloc");
    free(text);
    text = calloc(3, 5);
    expect(text != NULL && text[14] == 0, "calloc");
    free(text);
    text = heap_caps_calloc(5, 5, CAPS);
    expect(text != NULL && text[24] == 0, "heap_caps_calloc");
    heap_caps_free(text);
    text = heap_caps_malloc_prefer(21, 2, MALLOC_CAP_INVALID, CAPS);
    expect(text != NULL, "heap_caps_malloc_prefer");
    heap_caps_free(text);
}

static void classic_program(void)
{
    memorySemaphore = xSemaphoreCreateMutex();
    debug_track_allocation = true;
    char *buffer = TRACE_MALLOC(256, MALLOC_CAP_8BIT);
    if (!buffer) return;
    snprintf(buffer, 256, "Hello from memory tracking!");
    list_allocations();
    free_unregister_allocation((void **)&buffer);
    expect(buffer == NULL, "free_unregister_allocation clears the pointer");
    list_allocations();
}

enum { CHURN_BLOCKS = 150, CHURN_ROUNDS = 4000 };

static void churn(void (*settle)(void))
{
    static void *blocks[CHURN_BLOCKS];
    uint32_t random = 12345;
    for (int round = 0; round < CHURN_ROUNDS; round++) {
        random = random * 1664525u + 1013904223u;
        void **block = &blocks[(random >> 8) % CHURN_BLOCKS];
        const size_t size = 1 + (random >> 16) % 300;
        if (*block == NULL) TRACE_MALLOC_VAR(*block, size, CAPS);
        else if ((random >> 28) < 4) (void)TRACE_REALLOC_VAR(*block, size, CAPS);
        else free_unregister_allocation(block);
        if (round % 400 == 0) settle();
    }
    for (int i = 0; i < CHURN_BLOCKS; i++) free_unregister_allocation(&blocks[i]);
}

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
    {"allocate_and_free", allocate_and_free},
    {"stays_live", stays_live},
    {"calloc_is_zeroed", calloc_is_zeroed},
    {"aligned", aligned},
    {"nothing_to_do", nothing_to_do},
    {"realloc_moves", realloc_moves},
    {"realloc_from_and_to_nothing", realloc_from_and_to_nothing},
    {"realloc_fails", realloc_fails},
    {"allocation_fails", allocation_fails},
    {"calloc_overflows", calloc_overflows},
    {"double_free", double_free},
    {"interior_free", interior_free},
    {"realloc_after_free", realloc_after_free},
    {"overflow", overflow},
    {"write_after_free", write_after_free},
    {"unknown_block", unknown_block},
    {"unmodified_code", unmodified_code},
    {"classic_program", classic_program},
};

static void begin(const char *name, void (*settle)(void))
{
    expect(heap_caps_check_integrity_all(true), "the heap is whole");
    settle();
    printf("conformance: test %s\n", name);
}

void conformance_run(void (*settle)(void))
{
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        begin(tests[i].name, settle);
        tests[i].run();
    }
    begin("churn", settle);
    churn(settle);
    begin("snapshot", settle);
    memmap_request_snapshot();
    settle();
    printf("conformance: end\n");
}
