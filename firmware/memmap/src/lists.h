// What several lists print (see lists.c).
#ifndef MEMMAP_LISTS_H
#define MEMMAP_LISTS_H

#include "table.h"

void mm_print_block(const mm_block_t *block); // the classic line
void mm_print_losses(void);                   // what the numbers above it do not contain, if anything, and reports that wait

#endif // MEMMAP_LISTS_H
