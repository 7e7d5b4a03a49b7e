// Which allocations are tracked where not all are (see sample.c).
#ifndef MEMMAP_SAMPLE_H
#define MEMMAP_SAMPLE_H

#include "state.h"

static MM_INLINE bool mm_sampling(void) { return memmap_options.sample_interval > 1 || memmap_options.sample_bytes != 0; }
// Whether an allocation of so many bytes is tracked; one of the two switches is on. No lock.
bool mm_in_sample(size_t size);

#endif // MEMMAP_SAMPLE_H
