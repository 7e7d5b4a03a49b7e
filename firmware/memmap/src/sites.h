// Call sites (see sites.c). What every allocation needs is in line: most are found at the first place looked at.
#ifndef MEMMAP_SITES_H
#define MEMMAP_SITES_H

#include "state.h"

enum { MM_SITE_SOURCE, MM_SITE_CALLERS };

// A site as the caller knows it. Only pointers are compared; strings are read by the drain and by printing. Made on the stack of every
// call, so it is small.
typedef struct {
    uintptr_t key; // memmap_source_t *, or innermost return address; 0: not known
    uint32_t caps;
    union {
        struct {
            uint8_t kind, method;
            uint8_t depth;        // CALLERS: return addresses
            bool attempt;         // the caller tries something else where this fails: no failure report
        };
        uint32_t how; // all four, to be compared at once
    };
    const uintptr_t *callers; // CALLERS
} mm_site_t;

#define MM_SITE_HOW(kind, method, depth, attempt) ((kind) | (method) << 8 | (uint32_t)(depth) << 16 | (uint32_t)(attempt) << 24)

// (lock) 0 where there is no more room: counted.
uint32_t mm_site_intern(const mm_site_t *site);
uint32_t mm_site_overflow(void);
uint32_t mm_site_bytes(void);
// The source that stands for a place given by hand, one for all calls that give the same; NULL where there is no more room: counted. No lock.
const memmap_source_t *mm_source_of(const memmap_source_t *place);
// Fills `site` from an id; false for 0 and ids not given out.
bool mm_site_get(uint32_t id, mm_site_t *site);

static MM_INLINE mm_site_t mm_site_of_source(const memmap_source_t *source, uint32_t caps, uint32_t method)
{
    mm_site_t site;
    site.key = (uintptr_t)source;
    site.caps = caps;
    site.how = MM_SITE_HOW(MM_SITE_SOURCE, method, 0, false); // as in the source, which is in flash and not readable at any time
    return site;
}

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

// mm_site_intern() in line, as far as one comparison goes; 0 where that does not find it. Call stacks, whose identity is more than these
// three words, are left out.
static MM_INLINE uint32_t mm_site_known(const mm_site_t *site)
{
    uint32_t number = mm_site_index[mm_site_place_of(mm_site_hash(site))];
    if (number - 1 >= CONFIG_MEMMAP_SITE_CAPACITY || (CONFIG_MEMMAP_STACK_DEPTH != 1 && site->depth > 1)) return 0;
    const mm_site_entry_t *entry = &mm_sites[number];
    return entry->callers[0] == site->key && entry->caps == site->caps && entry->how == site->how ? number : 0;
}
static MM_INLINE uint32_t mm_site_number(const mm_site_t *site)
{
    uint32_t number = MM_SPEED ? mm_site_known(site) : 0;
    return number != 0 ? number : mm_site_intern(site);
}

#endif // MEMMAP_SITES_H
