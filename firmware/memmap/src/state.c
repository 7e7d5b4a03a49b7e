// Variables that all of the probe shares. All zero is valid for them, because the first allocations come before anybody could initialise
// anything; the options have their values from the linker.
#include "state.h"

#if MEMMAP_ENABLE

// Weak, because programs written for the classic API may define the two variables themselves.
__attribute__((weak)) SemaphoreHandle_t memorySemaphore;
__attribute__((weak)) bool debug_track_allocation = true;

memmap_options_t memmap_options = {
    .zero_on_free = true,
    .red_zones = true,
    .check_start = true,
    .quarantine = true,
    .remember_frees = true,
    .free_sites = true,
    .print_faults = true,
    .print_failures = true,
    .abort_on_fault = false,
    .sample_interval = CONFIG_MEMMAP_SAMPLE_INTERVAL,
    .sample_bytes = CONFIG_MEMMAP_SAMPLE_BYTES,
    .table_share = CONFIG_MEMMAP_TABLE_SHARE,
    .check_period_ms = CONFIG_MEMMAP_CHECK_PERIOD_MS,
};

MM_TABLE mm_state_t mm;
bool mm_interposed = MEMMAP_INTERPOSE;

#endif // MEMMAP_ENABLE
