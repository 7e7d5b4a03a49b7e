// What several lists print (see lists.c).
#ifndef MEMMAP_LISTS_H
#define MEMMAP_LISTS_H

#include "table.h"

void mm_print_block(const mm_block_t *block); // the classic line
uint32_t mm_mark_bytes(void);                 // of groups.c
void mm_print_losses(void);                   // what the numbers above it do not contain, if anything, and reports that wait

#endif // MEMMAP_LISTS_H
