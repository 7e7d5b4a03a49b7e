// Return addresses of the running call, frame by frame, where all code is compiled with frame pointers. For ports.
#ifndef MEMMAP_FRAME_POINTERS_H
#define MEMMAP_FRAME_POINTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Words from the frame pointer to the return address and to the caller's frame pointer.
#if defined(__riscv)
enum { FRAME_RETURN = -1, FRAME_PREVIOUS = -2 };
#else // x86, x86-64, AArch64
enum { FRAME_RETURN = 1, FRAME_PREVIOUS = 0 };
#endif

// `frame`: of the port's memmap_port_callers(). The frames up to `immediate` are the probe's own, and perhaps those of functions in front of it that are
// passed over: what is written begins there. `readable` says whether a frame can be one, `executable` the same of an address of code.
static inline size_t frame_pointer_callers(const void *frame, const void *immediate, uintptr_t *callers, size_t capacity,
                                           bool (*readable)(const void *), bool (*executable)(uintptr_t))
{
    const uintptr_t *at = frame;
    size_t count = 1;
    bool passed_immediate = false;
    enum { PASSED_OVER = 8 };
    callers[0] = (uintptr_t)immediate;
    for (size_t steps = 0; steps < capacity + PASSED_OVER && count < capacity; steps++) {
        if (((uintptr_t)at & (sizeof *at - 1)) != 0 || !readable(at + FRAME_PREVIOUS)) break;
        uintptr_t address = at[FRAME_RETURN];
        if (!executable(address)) break;
        if (passed_immediate) callers[count++] = address;
        else passed_immediate = address == callers[0];
        const uintptr_t *next = (const uintptr_t *)at[FRAME_PREVIOUS];
        if (next <= at) break; // stacks grow down: an older frame lies above
        at = next;
    }
    return count;
}

#endif // MEMMAP_FRAME_POINTERS_H
