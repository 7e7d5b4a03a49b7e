// Setting up a simulated heap in a process of a 64-bit host.
#ifndef HEAP_PORT_HOST_H
#define HEAP_PORT_HOST_H

#include "heap_regions.h"

// Maps the region's range, which must be free in this process, and adds it to the heap. False where either fails.
bool heap_port_host_add(const heap_region_t *region);

#endif
