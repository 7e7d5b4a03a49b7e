// The self-test that a host asks for (see selftest.c).
#ifndef MEMMAP_SELFTEST_H
#define MEMMAP_SELFTEST_H

#include "state.h"

void mm_self_test(void); // the stream's owner's, never inside the lock

#endif // MEMMAP_SELFTEST_H
