// Sweeps of checks (see sweep.c).
#ifndef MEMMAP_SWEEP_H
#define MEMMAP_SWEEP_H

#include "store.h"
#include "tasks.h"

typedef struct {
    uint64_t began;  // ticks
    uint32_t number; // mm.sweep; 0: there was none
    uint8_t task;
} mm_sweep_t;

mm_sweep_t mm_sweep_begin(void); // (lock)
// (lock) Two may be under way at a time, in two tasks: the later one counts.
void mm_sweep_end(const mm_sweep_t *sweep);
// For damage to a block that has these flags: since when, and which tasks have used the heap since. No lock.
void mm_check_bracket(uint32_t block_flags, mm_fault_t *fault);

#endif // MEMMAP_SWEEP_H
