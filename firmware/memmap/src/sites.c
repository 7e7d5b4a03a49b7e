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
    uint32_t count, named_count, overflow;
    mm_named_t named[CONFIG_MEMMAP_NAMED_SITE_CAPACITY];
#if CONFIG_MEMMAP_STACK_DEPTH > 1
    uintptr_t callers[CONFIG_MEMMAP_SITE_CAPACITY][CONFIG_MEMMAP_STACK_DEPTH];
#endif
} table;

static MM_HOT bool same(uint32_t number, const mm_site_t *site)
{
    const mm_site_entry_t *entry = &mm_sites[number];
    if (entry->key != site->key || entry->caps != site->caps) return false;
    if (site->kind == MM_SITE_NAMED) {
        if ((uint16_t)entry->how != site->how) return false;
        const mm_named_t *named = &table.named[(entry->how >> 16) - 1], *other = site->more.named;
        return named->line == other->line && named->function == other->function && named->variable == other->variable;
    }
    if (entry->how != site->how) return false;
#if CONFIG_MEMMAP_STACK_DEPTH > 1
    const uintptr_t *callers = table.callers[number - 1];
    for (uint32_t i = 1; i < site->depth; i++)
        if (callers[i] != site->more.callers[i]) return false;
#endif
    return true;
}

static MM_HOT MM_COLD uint32_t enter(const mm_site_t *site, uint32_t place)
{
    bool named = site->kind == MM_SITE_NAMED;
    if (table.count == CONFIG_MEMMAP_SITE_CAPACITY || (named && table.named_count == CONFIG_MEMMAP_NAMED_SITE_CAPACITY)) {
        table.overflow++;
        return MEMMAP_SITE_UNKNOWN;
    }
    mm_site_entry_t *entry = &mm_sites[table.count + 1];
    *entry = (mm_site_entry_t){site->key, site->caps, site->how};
    if (named) {
        table.named[table.named_count++] = *site->more.named;
        entry->how |= table.named_count << 16;
    }
#if CONFIG_MEMMAP_STACK_DEPTH > 1
    for (uint32_t i = 0; i < site->depth; i++) table.callers[table.count][i] = site->more.callers[i];
#endif
    mm_site_index[place] = (uint16_t)++table.count;
    return table.count;
}

MM_HOT uint32_t mm_site_intern(const mm_site_t *site)
{
    uint32_t hash = mm_site_hash(site);
    if (site->kind == MM_SITE_NAMED) hash += site->more.named->line << 16;
#if CONFIG_MEMMAP_STACK_DEPTH > 1
    for (uint32_t i = 1; i < site->depth; i++)
        hash = (hash ^ hash >> 15) * UINT32_C(0xc2b2ae3d) + (uint32_t)site->more.callers[i];
#endif
    for (uint32_t place = mm_site_place_of(hash);; place = place + 1 == MM_SITE_INDEX ? 0 : place + 1) {
        uint32_t number = mm_site_index[place];
        if (number == 0) return enter(site, place);
        if (same(number, site)) return number;
    }
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
    *site = (mm_site_t){.key = entry->key, .caps = entry->caps, .how = entry->how};
    if (site->kind == MM_SITE_NAMED) {
        site->how &= 0xffff;
        site->more.named = &table.named[(entry->how >> 16) - 1];
    } else if (site->kind == MM_SITE_CALLERS) {
#if CONFIG_MEMMAP_STACK_DEPTH > 1
        site->more.callers = table.callers[id - 1];
#else
        site->more.callers = &entry->key;
#endif
    }
    return true;
}

#endif // MEMMAP_ENABLE
