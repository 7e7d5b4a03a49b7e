// Notes of who called the functions in front of the interposed ones (callers.c).
#ifndef MEMMAP_CALLERS_H
#define MEMMAP_CALLERS_H

#include "sites.h"

#if MEMMAP_ENABLE && MEMMAP_DIRECT_CALLERS

enum {
    MM_NOTES = 16,
    MM_NOTE_REACH = 512 // bytes of stack between a note and who may use it
};

typedef struct {
    volatile uintptr_t caller; // 0: none
    volatile uintptr_t frame;  // of the function that left the note
    volatile uintptr_t check;  // caller ^ frame ^ context
} mm_note_t;

extern mm_note_t mm_notes[MM_NOTES];

static MM_INLINE mm_note_t *mm_note_of(uintptr_t context) { return &mm_notes[(context >> 4 ^ context >> 9) % MM_NOTES]; }

// 0: this context has none, or one from a call that was left by an exception.
static MM_INLINE uintptr_t mm_note_caller(const mm_note_t *note, uintptr_t context, const void *here)
{
    uintptr_t caller = note->caller, frame = note->frame;
    return (caller ^ frame ^ note->check) == context && frame - (uintptr_t)here < MM_NOTE_REACH ? caller : 0;
}

// NULL where the context has a note already.
mm_note_t *mm_note_begin(const void *caller, const void *frame);
void mm_note_end(mm_note_t *note);

static MM_INLINE const void *mm_direct_caller(const void *otherwise)
{
    uintptr_t context = mm_running(), caller = mm_note_caller(mm_note_of(context), context, __builtin_frame_address(0));
    return caller != 0 ? (const void *)caller : otherwise;
}

// The caller noted, or 0; the note is no more.
static MM_INLINE uintptr_t mm_note_take(void)
{
    mm_note_t *note = mm_note_of(mm_running());
    uintptr_t caller = mm_note_caller(note, mm_running(), __builtin_frame_address(0));
    if (caller != 0) mm_note_end(note);
    return caller;
}

#define NOTED_THEN(type, name, parameters, arguments, then)                                                                \
    type __real_##name parameters;                                                                                         \
    type __wrap_##name parameters;                                                                                         \
    MM_HOT type __wrap_##name parameters                                                                                   \
    {                                                                                                                      \
        mm_note_t *note = mm_note_begin(__builtin_return_address(0), __builtin_frame_address(0));                          \
        type result = __real_##name arguments;                                                                             \
        mm_note_end(note);                                                                                                 \
        then;                                                                                                              \
        return result;                                                                                                     \
    }
#define NOTED(type, name, parameters, arguments) NOTED_THEN(type, name, parameters, arguments, )
#define NOTED_VOID(name, parameters, arguments)                                                                            \
    void __real_##name parameters;                                                                                         \
    void __wrap_##name parameters;                                                                                         \
    MM_HOT void __wrap_##name parameters                                                                                   \
    {                                                                                                                      \
        mm_note_t *note = mm_note_begin(__builtin_return_address(0), __builtin_frame_address(0));                          \
        __real_##name arguments;                                                                                           \
        mm_note_end(note);                                                                                                 \
    }

#else
static inline const void *mm_direct_caller(const void *otherwise) { return otherwise; }
static inline uintptr_t mm_note_take(void) { return 0; }
#endif

#endif // MEMMAP_CALLERS_H
