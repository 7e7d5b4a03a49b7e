// The heap on a host: regions of real memory at the addresses of a chip (below 4 GiB, whatever the pointer size), one lock.
#define _GNU_SOURCE
#include "heap_port_host.h"

#include "heap_port.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void heap_port_lock(void) { pthread_mutex_lock(&lock); }
void heap_port_unlock(void) { pthread_mutex_unlock(&lock); }

void heap_port_abort(const char *message, const void *address)
{
    fprintf(stderr, "heap: %s at %p\n", message, address);
    abort();
}

bool heap_port_host_add(const heap_region_t *region)
{
    const uintptr_t page = 4096;
    const uintptr_t first = region->start & ~(page - 1);
    const size_t length = ((region->end + page - 1) & ~(page - 1)) - first;
    void *mapped = mmap((void *)first, length, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    return (uintptr_t)mapped == first && heap_regions_add(region);
}
