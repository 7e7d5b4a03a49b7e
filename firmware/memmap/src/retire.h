// Numbers of tasks that are gone (see retire.c).
#ifndef MEMMAP_RETIRE_H
#define MEMMAP_RETIRE_H

#include "state.h"

// Looks in a few places for numbers of deleted tasks; some calls later those that nobody names are free. No lock.
void mm_task_retire(void);

#endif // MEMMAP_RETIRE_H
