// What follows a request that the heap refuses (see failure.c).
#ifndef MEMMAP_FAILURE_H
#define MEMMAP_FAILURE_H

#include "report.h"

// The heap has refused what `failure` describes (reason, size, count, alignment, released): reported, if it is not only an attempt,
// and then done as ESP-IDF does. No lock.
void mm_failed(mm_failure_t *failure, const mm_site_t *site);

#endif // MEMMAP_FAILURE_H
