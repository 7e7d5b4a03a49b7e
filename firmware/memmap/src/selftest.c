// Are the program's own ways to memory seen? On the host's demand: one block by each, looked up in the table, and given back. The answer goes
// into the stream as a mark (SPEC.md section 8).
#include "selftest.h"
#include "memmap.h"
#include "table.h"

#if MEMMAP_ENABLE

// As the program calls them, through whatever the link interposes. Weak: what the program does not have is not brought in for this.
#if UINTPTR_MAX > UINT32_MAX
#define OPERATOR_NEW _Znwm
#else
#define OPERATOR_NEW _Znwj
#endif
__attribute__((weak)) void *malloc(size_t size);
__attribute__((weak)) void free(void *pointer);
__attribute__((weak)) void *OPERATOR_NEW(size_t size);
__attribute__((weak)) void _ZdlPv(void *pointer);
__attribute__((weak)) void *heap_caps_calloc(size_t count, size_t size, uint32_t caps);
__attribute__((weak)) void heap_caps_free(void *pointer);

enum { BLOCK_BYTES = 40, CAP_8BIT = 1 << 2 };

static char look_up(const void *pointer)
{
    memmap_port_lock();
    bool seen = mm_table_look_up(mm_address(pointer)) != 0;
    memmap_port_unlock();
    return pointer == NULL ? '3' : seen ? '1' : '2';
}

// What the drain itself allocates is left out: for this it is a task like any other. Returns what it was.
static uint8_t set_drain(uint8_t drain_1)
{
    memmap_port_lock();
    uint8_t before = mm.drain_1;
    mm.drain_1 = drain_1;
    memmap_port_unlock();
    return before;
}

void mm_self_test(void)
{
    uint8_t drain_1 = set_drain(0);
    char answer[] = "self-test malloc:0 new:0 heap_caps_calloc:0";
    enum { MALLOC_AT = 17, NEW_AT = 23, CALLOC_AT = sizeof answer - 2 };
    if (malloc && free) {
        void *pointer = malloc(BLOCK_BYTES);
        answer[MALLOC_AT] = look_up(pointer);
        free(pointer);
    }
    if (OPERATOR_NEW && _ZdlPv) {
        void *pointer = OPERATOR_NEW(BLOCK_BYTES);
        answer[NEW_AT] = look_up(pointer);
        _ZdlPv(pointer);
    }
    if (heap_caps_calloc && heap_caps_free) {
        void *pointer = heap_caps_calloc(1, BLOCK_BYTES, CAP_8BIT);
        answer[CALLOC_AT] = look_up(pointer);
        heap_caps_free(pointer);
    }
    set_drain(drain_1);
    memmap_mark(answer);
}

#endif // MEMMAP_ENABLE
