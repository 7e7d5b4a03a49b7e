// Call sites: each distinct (place, caps, method) gets a number once. Look-up and entry are constant time; nothing is ever
// removed. Strings are never touched here, because they may lie in flash and this runs with the flash cache off.
#include "internal.h"

#if MEMMAP_ENABLE

enum { INDEX_SIZE = 2 * CONFIG_MEMMAP_SITE_CAPACITY };

MM_CHECK(sites_fit, CONFIG_MEMMAP_SITE_CAPACITY >= 8 && CONFIG_MEMMAP_SITE_CAPACITY <= 16383);
MM_CHECK(named_sites_fit, CONFIG_MEMMAP_NAMED_SITE_CAPACITY >= 1 && CONFIG_MEMMAP_NAMED_SITE_CAPACITY <= 65535);
MM_CHECK(stack_depth_fits, CONFIG_MEMMAP_STACK_DEPTH >= 1 && CONFIG_MEMMAP_STACK_DEPTH <= 32);

typedef struct {
    uintptr_t key;
    uint32_t caps;
    uint16_t how;    // kind and method
    uint16_t detail; // NAMED: which of them; CALLERS: return addresses
} site_entry_t;

static inline uint16_t how_of(const mm_site_t *site) { return (uint16_t)(site->kind << 8 | site->method); }

static MM_TABLE struct {
    uint32_t count, named_count, overflow;
    site_entry_t sites[CONFIG_MEMMAP_SITE_CAPACITY]; // number n at n - 1
    uint16_t index[INDEX_SIZE];                      // number, 0: empty
    mm_named_t named[CONFIG_MEMMAP_NAMED_SITE_CAPACITY];
#if CONFIG_MEMMAP_STACK_DEPTH > 1
    uintptr_t callers[CONFIG_MEMMAP_SITE_CAPACITY][CONFIG_MEMMAP_STACK_DEPTH];
#endif
} table;

// Key, caps, kind and method are equal already.
static MM_HOT bool same_details(const site_entry_t *entry, const mm_site_t *site)
{
    if (site->kind == MM_SITE_NAMED) {
        const mm_named_t *named = &table.named[entry->detail], *other = site->more.named;
        return named->line == other->line && named->function == other->function && named->variable == other->variable;
    }
#if CONFIG_MEMMAP_STACK_DEPTH > 1
    if (entry->detail != site->depth) return false;
    const uintptr_t *callers = table.callers[entry - table.sites];
    for (uint32_t i = 1; i < site->depth; i++)
        if (callers[i] != site->more.callers[i]) return false;
#endif
    return true;
}

static inline uint32_t home_of(const mm_site_t *site)
{
    uint32_t hash = (uint32_t)site->key ^ site->caps << 8;
    if (site->kind == MM_SITE_NAMED) hash ^= site->more.named->line << 16;
#if CONFIG_MEMMAP_STACK_DEPTH > 1
    if (site->kind == MM_SITE_CALLERS)
        for (uint32_t i = 1; i < site->depth; i++)
            hash = (hash ^ hash >> 15) * UINT32_C(0xc2b2ae3d) + (uint32_t)site->more.callers[i];
#endif
    hash *= UINT32_C(0x9e3779b1);
    return ((hash >> 16) * INDEX_SIZE) >> 16;
}

static MM_HOT __attribute__((noinline)) uint32_t enter(const mm_site_t *site, uint32_t place)
{
    if (table.count == CONFIG_MEMMAP_SITE_CAPACITY ||
        (site->kind == MM_SITE_NAMED && table.named_count == CONFIG_MEMMAP_NAMED_SITE_CAPACITY)) {
        table.overflow++;
        return MEMMAP_SITE_UNKNOWN;
    }
    site_entry_t *entry = &table.sites[table.count];
    entry->key = site->key;
    entry->caps = site->caps;
    entry->how = how_of(site);
    if (site->kind == MM_SITE_NAMED) {
        entry->detail = (uint16_t)table.named_count++;
        table.named[entry->detail] = *site->more.named;
    } else if (site->kind == MM_SITE_CALLERS) {
        entry->detail = site->depth;
#if CONFIG_MEMMAP_STACK_DEPTH > 1
        for (uint32_t i = 0; i < site->depth; i++) table.callers[table.count][i] = site->more.callers[i];
#endif
    }
    table.index[place] = (uint16_t)++table.count;
    return table.count;
}

static inline uint32_t next_place(uint32_t place) { return place + 1 == INDEX_SIZE ? 0 : place + 1; }

MM_HOT uint32_t mm_site_intern(const mm_site_t *site)
{
    uint32_t place = home_of(site), number;
    uint16_t how = how_of(site);
    for (; (number = table.index[place]) != 0; place = next_place(place)) {
        const site_entry_t *entry = &table.sites[number - 1];
        if (entry->key == site->key && entry->caps == site->caps && entry->how == how &&
            (site->kind == MM_SITE_SOURCE || same_details(entry, site)))
            return number;
    }
    return enter(site, place);
}

uint32_t mm_site_overflow(void) { return table.overflow; }

bool mm_site_get(uint32_t id, mm_site_t *site)
{
    memmap_port_lock();
    bool known = id != 0 && id <= table.count;
    memmap_port_unlock();
    if (!known) return false;
    // Entries never change once they are in the table.
    const site_entry_t *entry = &table.sites[id - 1];
    *site = (mm_site_t){.key = entry->key, .caps = entry->caps, .kind = (uint8_t)(entry->how >> 8), .method = (uint8_t)entry->how};
    if (site->kind == MM_SITE_NAMED) {
        site->more.named = &table.named[entry->detail];
    } else if (site->kind == MM_SITE_CALLERS) {
        site->depth = (uint8_t)entry->detail;
#if CONFIG_MEMMAP_STACK_DEPTH > 1
        site->more.callers = table.callers[id - 1];
#else
        site->more.callers = &entry->key;
#endif
    }
    return true;
}

#endif // MEMMAP_ENABLE
