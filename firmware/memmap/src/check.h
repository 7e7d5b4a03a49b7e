// The sweep (see check.c).
#ifndef MEMMAP_CHECK_H
#define MEMMAP_CHECK_H

#include "state.h"

void mm_check_when_due(void); // memmap_options.check_period_ms

#endif // MEMMAP_CHECK_H
