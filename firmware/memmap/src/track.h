// What the functions of every API come down to (see track.c).
#ifndef MEMMAP_TRACK_H
#define MEMMAP_TRACK_H

#include "sites.h"

#define MM_ZEROED SIZE_MAX // in place of an alignment: none, but all bytes 0
void *mm_allocate(const mm_site_t *site, size_t size, size_t alignment);
void *mm_allocate_array(const mm_site_t *site, size_t count, size_t size); // zeroed
void *mm_reallocate(const mm_site_t *site, void *pointer, size_t size);
void mm_release(const mm_site_t *site, void *pointer, bool wipe);
void mm_register(const mm_site_t *site, uint32_t address, uint32_t size);
void mm_unregister(const mm_site_t *site, uint32_t address);
// Hook mode: the heap has given out a block, or got one back. A block that the macros have asked for is already known then, or soon.
void mm_hook_allocated(uint32_t address, uint32_t size, uint32_t caps);
void mm_hook_freed(uint32_t address);

#endif // MEMMAP_TRACK_H
