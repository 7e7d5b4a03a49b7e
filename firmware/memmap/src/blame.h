// Who is to blame (see blame.c); outside IRAM, no lock unless said.
#ifndef MEMMAP_BLAME_H
#define MEMMAP_BLAME_H

#include "report.h"

// Whether the heap must not get a pointer that is not in the table: no block begins there. Reported where that is a proven fault.
bool mm_blame(const mm_site_t *site, const void *pointer, bool reallocating);
// The block before one whose first bytes or header are damaged (`hit`, which need not be in the table), where a write past its end is what
// did it: that is reported, once, and true returned.
bool mm_blame_the_one_before(const mm_site_t *site, const mm_block_t *hit);
// Reports that the heap's word before a block was written over: by the block before, or by whoever has this one. False: the record is stale.
bool mm_blame_start(const mm_site_t *site, const mm_block_t *block);
// Where a record may be stale, damage around its block is only damage if the heap still has a block there; else it is somebody's data, which
// is counted.
bool mm_is_there(uint32_t address);
void mm_doubt(void); // counts what is wrong and proves nothing
// (lock) Follows a write past the end of a block through what lies behind: whoever was hit is not accused as well.
void mm_follow(const mm_standing_t *standing, mm_fault_t *fault);
typedef struct { // two words, so that it comes back in registers
    uint32_t writable; // bytes of it that may be written
    bool right;        // the record was
    bool taken;        // the heap can get it back: it would not break on the words around it
} __attribute__((aligned(8))) mm_verdict_t;
// Looks at a block that is out of the table, or detached, and reports.
mm_verdict_t mm_judge_at_length(const mm_site_t *site, const mm_block_t *block);
static inline mm_verdict_t mm_judge(const mm_site_t *site, const mm_block_t *block)
{
    if (mm_plainly_whole(block)) return (mm_verdict_t){.writable = mm_block_size(block), .right = true, .taken = true};
    return mm_judge_at_length(site, block);
}

#endif // MEMMAP_BLAME_H
