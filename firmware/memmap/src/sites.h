// Call sites, the part that every allocation needs (see sites.c): most are found at the first place looked at.
#ifndef MEMMAP_SITES_H
#define MEMMAP_SITES_H

#include "internal.h"

enum { MM_SITE_INDEX = 2 * CONFIG_MEMMAP_SITE_CAPACITY };

typedef struct {
    uint32_t caps;
    uint32_t how;                               // as in mm_site_t
    uintptr_t callers[CONFIG_MEMMAP_STACK_DEPTH]; // the first is the key, also of a source
} mm_site_entry_t;

extern mm_site_entry_t mm_sites[CONFIG_MEMMAP_SITE_CAPACITY + 1]; // by number, from 1 on; 0 is not used
extern uint16_t mm_site_index[MM_SITE_INDEX];                     // number, by hash; 0: empty

static MM_INLINE uint32_t mm_site_hash(const mm_site_t *site) { return ((uint32_t)site->key ^ site->caps << 8) * UINT32_C(0x9e3779b1); }
static MM_INLINE uint32_t mm_site_place_of(uint32_t hash) { return ((hash >> 16) * MM_SITE_INDEX) >> 16; }

// mm_site_intern() in line, as far as one comparison goes. Call stacks, whose identity is more than these three words,
// are left out.
static MM_INLINE uint32_t mm_site_number(const mm_site_t *site)
{
    uint32_t number = MM_SPEED ? mm_site_index[mm_site_place_of(mm_site_hash(site))] : 0;
    if (number != 0 && (CONFIG_MEMMAP_STACK_DEPTH == 1 || site->depth <= 1)) {
        const mm_site_entry_t *entry = &mm_sites[number];
        if (entry->callers[0] == site->key && entry->caps == site->caps && entry->how == site->how) return number;
    }
    return mm_site_intern(site);
}

#endif // MEMMAP_SITES_H
