// Random calls against a plain list of what must live, with contents: after every thousand calls table, list and statistics are
// compared. `model SEED CALLS`.
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

enum { LIVE = 1500 };

typedef struct {
    uint8_t *pointer;
    uint32_t size;
    uint8_t content;
} reference_t;

static reference_t reference[LIVE];
static uint32_t state, failed;

static uint32_t random_number(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static uint32_t random_size(void) { return 1 + random_number() % (random_number() % 8 ? 120 : 6000); }

static void fill(reference_t *block, void *pointer, uint32_t size)
{
    if (!pointer) {
        failed++;
        return;
    }
    *block = (reference_t){pointer, size, (uint8_t)random_number()};
    memset(pointer, block->content, size);
}

static void check_content(const reference_t *block, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++) CHECK_EQUAL(block->pointer[i], block->content);
}

static void step(void)
{
    reference_t *block = &reference[random_number() % LIVE];
    uint32_t size = random_size(), caps = random_number() % 2 ? MALLOC_CAP_8BIT | MALLOC_CAP_INTERNAL : MALLOC_CAP_SPIRAM;
    if (!block->pointer) {
        switch (random_number() % 3) {
            case 0: fill(block, TRACE_MALLOC(size, caps), size); break;
            case 1: fill(block, TRACE_CALLOC(size, 1, caps), size); break;
            default: fill(block, TRACE_ALIGNED_ALLOC(4u << random_number() % 6, size, caps), size); break;
        }
        return;
    }
    check_content(block, block->size);
    if (random_number() % 3 == 0) {
        uint8_t *moved = TRACE_REALLOC(block->pointer, size, caps);
        if (!moved) {
            failed++;
            return;
        }
        block->pointer = moved;
        check_content(block, size < block->size ? size : block->size);
        fill(block, moved, size);
    } else {
        free_unregister_allocation((void **)&block->pointer);
    }
}

static void compare(void)
{
    uint32_t blocks = 0, bytes = 0, hash = 0;
    for (int i = 0; i < LIVE; i++) {
        if (!reference[i].pointer) continue;
        memmap_port_lock();
        uint32_t number = mm_table_find(mm_address(reference[i].pointer)).number;
        CHECK(number != 0);
        const mm_block_t *record = &mm_blocks[number];
        CHECK_EQUAL(mm_block_size(record), reference[i].size);
        hash += memmap_block_hash(record->address, reference[i].size, record->site);
        memmap_port_unlock();
        blocks++;
        bytes += reference[i].size;
    }
    memmap_statistics_t now = test_statistics();
    CHECK_EQUAL(now.live_blocks, blocks);
    CHECK_EQUAL(now.live_bytes, bytes);
    CHECK_EQUAL(now.hash, hash);
    CHECK_EQUAL(now.faults, 0);
    CHECK_EQUAL(now.unknown_frees, 0);
    CHECK_EQUAL(now.failures, failed);
    CHECK_EQUAL(memmap_check(0), 0);
    CHECK(heap_caps_check_integrity_all(true));
}

int main(int argc, char **argv)
{
    if (argc != 3) return 2;
    state = (uint32_t)strtoul(argv[1], NULL, 10) * 2654435761u | 1;
    unsigned long calls = strtoul(argv[2], NULL, 10);
    test_board();
    memmap_options.print_failures = false;
    for (unsigned long i = 1; i <= calls; i++) {
        step();
        if (i % 1000 == 0) compare();
    }
    printf("%lu calls, %u failed\n", calls, (unsigned)failed);
    return 0;
}
