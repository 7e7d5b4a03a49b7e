// Who called malloc(), and not malloc()'s own address: without frame pointers the five interposed functions see only who called them,
// which is ESP-IDF. So the functions in front of them are interposed too (-Wl,--wrap=…). They record nothing; each leaves a note of its
// caller for the time of its call, and who finds one takes it for the site. The outermost note counts: new calls malloc().
//
// Notes are kept by task, in few places and without a lock: a note is three words that only agree if they are of one call, so that one
// that another task has overwritten is none. The site is then ESP-IDF's function, as without notes.
#include <stdarg.h>

#include "callers.h"
#include "report.h"

#if MEMMAP_DIRECT_CALLERS

mm_note_t mm_notes[MM_NOTES];

MM_HOT mm_note_t *mm_note_begin(const void *caller, const void *frame)
{
    uintptr_t context = mm_running();
    mm_note_t *note = mm_note_of(context);
    if (mm_note_caller(note, context, frame) != 0) return NULL;
    note->check = (uintptr_t)caller ^ (uintptr_t)frame ^ context;
    note->frame = (uintptr_t)frame;
    note->caller = (uintptr_t)caller;
    return note;
}

MM_HOT void mm_note_end(mm_note_t *note)
{
    if (note) note->caller = 0;
}

struct _reent;

// calloc() whose product overflows is refused by the C library: the heap and its callback never hear of it.
static MM_HOT MM_COLD void see_overflow(uintptr_t caller, size_t count, size_t size)
{
    if ((uint64_t)count * size <= UINT32_MAX || !memmap_port_flash_ready()) return;
    mm_site_t site = {.key = caller, .caps = MALLOC_CAP_DEFAULT, .kind = MM_SITE_CALLERS, .method = MEMMAP_METHOD_CALLOC, .depth = 1,
                      .callers = &caller};
    mm_failure_t failure = {.reason = MEMMAP_FAILURE_REASON_SIZE_OVERFLOW, .size = (uint32_t)size, .count = (uint32_t)count,
                            .caps = site.caps};
    mm_report_failure(&failure, &site);
}

NOTED_THEN(void *, calloc, (size_t count, size_t size), (count, size),
           if (!result) see_overflow((uintptr_t)__builtin_return_address(0), count, size))
NOTED_THEN(void *, _calloc_r, (struct _reent *reent, size_t count, size_t size), (reent, count, size),
           if (!result) see_overflow((uintptr_t)__builtin_return_address(0), count, size))
NOTED(void *, malloc, (size_t size), (size))
NOTED(void *, realloc, (void *pointer, size_t size), (pointer, size))
NOTED(void *, memalign, (size_t alignment, size_t size), (alignment, size))
NOTED(void *, aligned_alloc, (size_t alignment, size_t size), (alignment, size))
NOTED(int, posix_memalign, (void **pointer, size_t alignment, size_t size), (pointer, alignment, size))
NOTED(void *, _malloc_r, (struct _reent *reent, size_t size), (reent, size))
NOTED(void *, _realloc_r, (struct _reent *reent, void *pointer, size_t size), (reent, pointer, size))
NOTED(char *, strdup, (const char *text), (text))
NOTED(char *, strndup, (const char *text, size_t limit), (text, limit))
NOTED(void *, pvPortMalloc, (size_t size), (size))
NOTED(void *, heap_caps_malloc, (size_t size, uint32_t caps), (size, caps))
NOTED(void *, heap_caps_calloc, (size_t count, size_t size, uint32_t caps), (count, size, caps))
NOTED(void *, heap_caps_realloc, (void *pointer, size_t size, uint32_t caps), (pointer, size, caps))
NOTED(void *, heap_caps_aligned_alloc, (size_t alignment, size_t size, uint32_t caps), (alignment, size, caps))
NOTED(void *, heap_caps_aligned_calloc, (size_t alignment, size_t count, size_t size, uint32_t caps),
      (alignment, count, size, caps))

// What has a variable number of arguments cannot be passed on as it is. So the kinds of memory are read, more than there are in any chip,
// and given again, with zeros behind them, which nobody reads.
enum { KINDS = 8 };
#define NOTED_PREFER(name, parameters, ...)                                                                                \
    void *__real_##name parameters;                                                                                        \
    void *__wrap_##name parameters;                                                                                        \
    MM_HOT void *__wrap_##name parameters                                                                                  \
    {                                                                                                                      \
        uint32_t caps[KINDS] = {0};                                                                                        \
        va_list list;                                                                                                      \
        if (num > KINDS) num = KINDS;                                                                                      \
        va_start(list, num);                                                                                               \
        for (size_t i = 0; i < num; i++) caps[i] = va_arg(list, uint32_t);                                                 \
        va_end(list);                                                                                                      \
        mm_note_t *note = mm_note_begin(__builtin_return_address(0), __builtin_frame_address(0));                          \
        void *result = __real_##name(__VA_ARGS__, num, caps[0], caps[1], caps[2], caps[3], caps[4], caps[5], caps[6], caps[7]); \
        mm_note_end(note);                                                                                                 \
        return result;                                                                                                     \
    }
NOTED_PREFER(heap_caps_malloc_prefer, (size_t size, size_t num, ...), size)
NOTED_PREFER(heap_caps_calloc_prefer, (size_t count, size_t size, size_t num, ...), count, size)
NOTED_PREFER(heap_caps_realloc_prefer, (void *pointer, size_t size, size_t num, ...), pointer, size)

NOTED_VOID(free, (void *pointer), (pointer))
NOTED_VOID(_free_r, (struct _reent *reent, void *pointer), (reent, pointer))
NOTED_VOID(vPortFree, (void *pointer), (pointer))

#endif // MEMMAP_DIRECT_CALLERS
