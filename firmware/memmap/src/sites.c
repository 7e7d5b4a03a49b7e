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
    uint16_t named; // NAMED: which of them; CALLERS: return addresses
    uint8_t kind, method;
} site_entry_t;

typedef struct {
    const char *function;
    const char *variable;
    uint32_t line;
} named_entry_t;

static MM_TABLE struct {
    uint32_t count, named_count, overflow;
    site_entry_t sites[CONFIG_MEMMAP_SITE_CAPACITY]; // number n at n - 1
    uint16_t index[INDEX_SIZE];                      // number, 0: empty
    named_entry_t named[CONFIG_MEMMAP_NAMED_SITE_CAPACITY];
#if CONFIG_MEMMAP_STACK_DEPTH > 1
    uintptr_t callers[CONFIG_MEMMAP_SITE_CAPACITY][CONFIG_MEMMAP_STACK_DEPTH];
#endif
} table;

static inline bool same(const site_entry_t *entry, const mm_site_t *site)
{
    if (entry->key != site->key || entry->caps != site->caps || entry->kind != site->kind || entry->method != site->method)
        return false;
    if (site->kind == MM_SITE_NAMED) {
        const named_entry_t *named = &table.named[entry->named];
        return named->line == site->line && named->function == site->function && named->variable == site->variable;
    }
#if CONFIG_MEMMAP_STACK_DEPTH > 1
    if (site->kind == MM_SITE_CALLERS) {
        if (entry->named != site->depth) return false;
        const uintptr_t *callers = table.callers[entry - table.sites];
        for (uint32_t i = 1; i < site->depth; i++)
            if (callers[i] != site->callers[i]) return false;
    }
#endif
    return true;
}

static inline uint32_t home_of(const mm_site_t *site)
{
    uint32_t hash = (uint32_t)site->key + site->caps * UINT32_C(0x85ebca77);
    if (site->kind == MM_SITE_NAMED) hash += site->line * UINT32_C(0xc2b2ae3d);
#if CONFIG_MEMMAP_STACK_DEPTH > 1
    if (site->kind == MM_SITE_CALLERS)
        for (uint32_t i = 1; i < site->depth; i++) hash = (hash ^ (hash >> 15)) * UINT32_C(0xc2b2ae3d) + (uint32_t)site->callers[i];
#endif
    hash *= UINT32_C(0x9e3779b1);
    return ((hash >> 16) * INDEX_SIZE) >> 16;
}

static MM_HOT uint32_t enter(const mm_site_t *site, uint32_t place)
{
    if (table.count == CONFIG_MEMMAP_SITE_CAPACITY ||
        (site->kind == MM_SITE_NAMED && table.named_count == CONFIG_MEMMAP_NAMED_SITE_CAPACITY)) {
        table.overflow++;
        return MEMMAP_SITE_UNKNOWN;
    }
    site_entry_t *entry = &table.sites[table.count];
    entry->key = site->key;
    entry->caps = site->caps;
    entry->kind = site->kind;
    entry->method = site->method;
    if (site->kind == MM_SITE_NAMED) {
        entry->named = (uint16_t)table.named_count++;
        table.named[entry->named] = (named_entry_t){site->function, site->variable, site->line};
    } else if (site->kind == MM_SITE_CALLERS) {
        entry->named = site->depth;
#if CONFIG_MEMMAP_STACK_DEPTH > 1
        for (uint32_t i = 0; i < site->depth; i++) table.callers[table.count][i] = site->callers[i];
#endif
    }
    table.index[place] = (uint16_t)++table.count;
    return table.count;
}

MM_HOT uint32_t mm_site_intern(const mm_site_t *site)
{
    for (uint32_t place = home_of(site);; place = place + 1 == INDEX_SIZE ? 0 : place + 1) {
        uint32_t number = table.index[place];
        if (number == 0) return enter(site, place);
        if (same(&table.sites[number - 1], site)) return number;
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
    const site_entry_t *entry = &table.sites[id - 1];
    *site = (mm_site_t){.key = entry->key, .caps = entry->caps, .kind = entry->kind, .method = entry->method};
    if (entry->kind == MM_SITE_NAMED) {
        const named_entry_t *named = &table.named[entry->named];
        site->line = named->line;
        site->function = named->function;
        site->variable = named->variable;
    } else if (entry->kind == MM_SITE_CALLERS) {
        site->depth = (uint8_t)entry->named;
#if CONFIG_MEMMAP_STACK_DEPTH > 1
        site->callers = table.callers[id - 1];
#else
        site->callers = &entry->key;
#endif
    }
    return true;
}

#endif // MEMMAP_ENABLE
