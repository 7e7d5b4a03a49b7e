// Call sites: each distinct (place, caps, method) gets a number once. Look-up and entry are constant time; nothing is ever
// removed. Strings are never touched here, because they may lie in flash and this runs with the flash cache off.
#include "sites.h"

#if MEMMAP_ENABLE

MM_CHECK(sites_fit, CONFIG_MEMMAP_SITE_CAPACITY >= 8 && CONFIG_MEMMAP_SITE_CAPACITY <= 16383);
MM_CHECK(named_sites_fit, CONFIG_MEMMAP_NAMED_SITE_CAPACITY >= 1 && CONFIG_MEMMAP_NAMED_SITE_CAPACITY <= 65535);
MM_CHECK(stack_depth_fits, CONFIG_MEMMAP_STACK_DEPTH >= 1 && CONFIG_MEMMAP_STACK_DEPTH <= 32);

MM_TABLE mm_site_entry_t mm_sites[CONFIG_MEMMAP_SITE_CAPACITY + 1];
MM_TABLE uint16_t mm_site_index[MM_SITE_INDEX];

static MM_TABLE struct {
    uint32_t count, overflow;
} table;

static MM_INLINE bool same(uint32_t number, const mm_site_t *site)
{
    const mm_site_entry_t *entry = &mm_sites[number];
    bool is = entry->callers[0] == site->key && entry->caps == site->caps && entry->how == site->how;
#if CONFIG_MEMMAP_STACK_DEPTH > 1
    for (uint32_t i = 1; is && i < site->depth; i++) is = entry->callers[i] == site->callers[i];
#endif
    return is;
}

MM_HOT uint32_t mm_site_intern(const mm_site_t *site)
{
    uint32_t hash = mm_site_hash(site), number;
#if CONFIG_MEMMAP_STACK_DEPTH > 1
    for (uint32_t i = 1; i < site->depth; i++) hash = (hash ^ hash >> 15) * UINT32_C(0xc2b2ae3d) + (uint32_t)site->callers[i];
#endif
    uint16_t *place = &mm_site_index[mm_site_place_of(hash)];
    for (uint32_t left = MM_SITE_INDEX; (number = *place) != 0; place = place + 1 == mm_site_index + MM_SITE_INDEX ? mm_site_index : place + 1) {
        if (number <= CONFIG_MEMMAP_SITE_CAPACITY && same(number, site)) return number;
        if (--left == 0) break; // it was written over: there are always empty places else
    }
    if (number != 0 || table.count >= CONFIG_MEMMAP_SITE_CAPACITY) {
        table.overflow++;
        return MEMMAP_SITE_UNKNOWN;
    }
    number = ++table.count;
    *place = (uint16_t)number;
    mm_site_entry_t *entry = &mm_sites[number];
    entry->caps = site->caps;
    entry->how = site->how;
    entry->callers[0] = site->key;
#if CONFIG_MEMMAP_STACK_DEPTH > 1
    for (uint32_t i = 1; i < site->depth; i++) entry->callers[i] = site->callers[i];
#endif
    return number;
}

uint32_t mm_site_overflow(void) { return table.overflow; }

bool mm_site_get(uint32_t id, mm_site_t *site)
{
    memmap_port_lock();
    bool known = id != 0 && id <= table.count;
    memmap_port_unlock();
    if (!known) return false;
    // Entries never change once they are in the table.
    const mm_site_entry_t *entry = &mm_sites[id];
    *site = (mm_site_t){.key = entry->callers[0], .caps = entry->caps, .how = entry->how, .callers = entry->callers};
    return true;
}

// Places given by hand become sources as the macros have them, each once: in chains by their line.
enum { CHAINS = CONFIG_MEMMAP_NAMED_SITE_CAPACITY };
static MM_TABLE struct {
    uint16_t count, chains[CHAINS], next[CHAINS];
    memmap_source_t sources[CHAINS];
} named;

const memmap_source_t *mm_source_of(const memmap_source_t *place)
{
    const memmap_source_t *known = NULL;
    memmap_port_lock();
    uint16_t *link = &named.chains[place->line % CHAINS];
    for (; *link != 0 && !known; link = &named.next[*link - 1]) {
        const memmap_source_t *source = &named.sources[*link - 1];
        if (memcmp(source, place, sizeof *source) == 0) known = source;
    }
    if (!known && named.count < CHAINS) {
        named.sources[named.count] = *place;
        known = &named.sources[named.count];
        *link = ++named.count;
    } else if (!known) {
        table.overflow++;
    }
    memmap_port_unlock();
    return known;
}

uint32_t mm_site_bytes(void) { return sizeof mm_sites + sizeof mm_site_index + sizeof table + sizeof named; }

#endif // MEMMAP_ENABLE
