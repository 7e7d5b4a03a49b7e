// Between the measurement (cost.c) and the machine it runs on (cost_host.c, cost_rv32.c).
#ifndef COST_H
#define COST_H

#include <stdint.h>

#include "heap_regions.h"

// What is switched on grows from mode to mode; MODE_STREAM is the table with the stream and nothing else, MODE_LEFT_OUT the whole for calls
// that a sample leaves out; MODE_INTERRUPT all but the stream, in interrupts; MODE_FULL and MODE_FULL_INTERRUPT the same where the table has no
// room for any of the blocks; MODE_DAMAGED where every chain of the table leads into a circle.
enum {
    MODE_RAW, MODE_ARRAY, MODE_TABLE, MODE_STREAM, MODE_RED_ZONES, MODE_QUARANTINE, MODE_FREE_SITES, MODE_ALL_STREAMED, MODE_LEFT_OUT,
    MODE_INTERRUPT, MODE_FULL, MODE_FULL_INTERRUPT, MODE_DAMAGED, MODES
};

// Calls between the measurement and the heap.
#ifndef COST_LEVELS
#define COST_LEVELS 0
#endif

#ifndef COST_HEAP
#define COST_HEAP 0x3f800000u
#endif

void run_cost(uint32_t mode, uint32_t count);

#define COST_TASK ((uintptr_t)0x3ffb8000)
extern uintptr_t cost_task; // who calls, as memmap_context_t has it

void cost_add_region(const heap_region_t *region);
uint32_t cost_instructions(void); // 0 where the counter is outside the program
// `wrong`: dropped events, a full table, faults: must be 0 for a measurement.
void cost_result(uint32_t mode, uint32_t count, uint32_t per_pair, uint32_t wrong);

#endif
