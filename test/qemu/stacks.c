// Allocations whose callers are known by name: what the probe says of them is looked up in this program's ELF file.
#include "bare_board.h"
#include "memmap.h"

struct _reent;
void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *pointer, size_t size);
void free(void *pointer);
char *strdup(const char *text);
void *_malloc_r(struct _reent *reent, size_t size);
void *_Znwj(size_t size);
void _ZdlPv(void *pointer);

// The call is not the function's last act, or it would be a jump that leaves no trace.
#define BY(name, size, call)                                                                                               \
    static __attribute__((noinline)) void *by_##name(void)                                                                 \
    {                                                                                                                      \
        void *volatile pointer = call;                                                                                     \
        return pointer;                                                                                                    \
    }
static void *grown;
BY(heap_caps_malloc, 11, heap_caps_malloc(11, MALLOC_CAP_8BIT))
BY(malloc, 12, malloc(12))
BY(calloc, 13, calloc(1, 13))
BY(realloc, 14, realloc(grown, 14))
BY(strdup, 15, strdup("fourteen bytes"))
BY(malloc_r, 16, _malloc_r(NULL, 16))
BY(new, 17, _Znwj(17))
BY(realloc_of_null, 18, realloc(NULL, 18))
BY(heap_caps_calloc, 19, heap_caps_calloc(19, 1, MALLOC_CAP_8BIT))
BY(malloc_prefer, 20, heap_caps_malloc_prefer(20, 2, MALLOC_CAP_INVALID, MALLOC_CAP_8BIT))
BY(calloc_prefer, 21, heap_caps_calloc_prefer(1, 21, 1, MALLOC_CAP_8BIT))
static void *regrown;
BY(realloc_prefer, 22, heap_caps_realloc_prefer(regrown, 22, 7, MALLOC_CAP_INVALID, MALLOC_CAP_INVALID, MALLOC_CAP_INVALID,
                                                MALLOC_CAP_INVALID, MALLOC_CAP_INVALID, MALLOC_CAP_INVALID, MALLOC_CAP_8BIT))

BY(calloc_too_large, 0, calloc(1 << 20, 8))
BY(calloc_overflowing, 0, calloc(SIZE_MAX / 2, 4))

static __attribute__((noinline)) void free_here(void *pointer)
{
    free(pointer);
    __asm__ volatile("");
}

static __attribute__((noinline)) void *inner(void)
{
    void *volatile pointer = heap_caps_malloc(100, MALLOC_CAP_8BIT);
    return pointer;
}

static __attribute__((noinline)) void *middle(void)
{
    void *volatile pointer = inner();
    return pointer;
}

static __attribute__((noinline)) void *other_middle(void)
{
    void *volatile pointer = inner();
    __asm__ volatile("nop"); // or the compiler makes one function of the two
    return pointer;
}

static __attribute__((noinline)) void *outer(int way)
{
    void *volatile pointer = way == 0 ? middle() : other_middle();
    return pointer;
}

int main(void)
{
    static bare_task_t main_task = {"main"};
    bare_heap_start();
    bare_task = &main_task;
    memmap_options.quarantine = false;
    memmap_stream_start(NULL);
    by_heap_caps_malloc();
    grown = by_malloc();
    by_calloc();
    by_realloc();
    by_strdup();
    by_malloc_r();
    void *object = by_new();
    free_here(by_realloc_of_null());
    by_heap_caps_calloc();
    by_malloc_prefer();
    regrown = by_calloc_prefer();
    by_realloc_prefer();
    by_calloc_too_large();
    by_calloc_overflowing();
    _ZdlPv(object);
    for (volatile int i = 0; i < 3; i++) outer(0);
    outer(1);
    memmap_request_snapshot();
    memmap_flush();
    memmap_mark("end");
    memmap_flush();
    for (;;) memmap_drain();
}
