// The quarantine's end of a block (see quarantine.c).
#ifndef MEMMAP_QUARANTINE_H
#define MEMMAP_QUARANTINE_H

#include "freed.h"

// Checks and gives back quarantined blocks until at most `bytes` are held; returns what was given back. No lock.
uint32_t mm_quarantine_trim(uint32_t bytes);
// The same after mm_freed_settle(number, hold), 0: after nothing.
uint32_t mm_quarantine_settle(uint32_t number, bool hold, uint32_t bytes);
// Checks up to `steps` entries from *cursor on. No lock.
void mm_quarantine_check(uint32_t *cursor, uint32_t steps);

#endif // MEMMAP_QUARANTINE_H
