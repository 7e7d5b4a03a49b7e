// Who is to blame (see blame.c); outside IRAM, no lock unless said.
#ifndef MEMMAP_BLAME_H
#define MEMMAP_BLAME_H

#include "report.h"

// Whether the heap must not get a pointer that is not in the table: no block begins there. Reported where that is a proven fault.
bool mm_blame(const mm_site_t *site, const void *pointer, bool reallocating);
// The block before one whose first bytes or header are damaged (`hit`, which need not be in the table), where a write past its end is what
// did it: that is reported, once, and true returned.
bool mm_blame_the_one_before(const mm_site_t *site, const mm_block_t *hit);
// Reports that the heap's word before a block was written over: by the block before, or by whoever has this one.
void mm_blame_start(const mm_site_t *site, const mm_block_t *block);
void mm_doubt(void); // counts what is wrong and proves nothing
// (lock) Follows a write past the end of a block through what lies behind: whoever was hit is not accused as well.
void mm_follow(const mm_standing_t *standing, mm_fault_t *fault);
// Looks at a block that is out of the table, or detached, and reports. False where the heap must not get it back, because it would break on
// the words around it.
bool mm_judge(const mm_site_t *site, const mm_block_t *block, mm_standing_t *standing);

#endif // MEMMAP_BLAME_H
