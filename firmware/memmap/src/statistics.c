// The probe's own numbers, together.
#include "freed.h"
#include "sites.h"
#include "store.h"

#if MEMMAP_ENABLE

void memmap_statistics(memmap_statistics_t *statistics)
{
    memmap_port_lock();
    statistics->live_blocks = mm.table.live_blocks;
    statistics->live_bytes = mm.table.live_bytes;
    statistics->peak_bytes = mm.table.peak_bytes;
    statistics->table_capacity = mm_table_capacity();
    statistics->table_full = mm.counters.table_full;
    statistics->site_overflow = mm_site_overflow();
    statistics->unknown_frees = mm.counters.unknown_frees;
    statistics->stale_records = mm.counters.stale_records;
    statistics->events = mm.events.count;
    statistics->dropped_events = mm.events.dropped;
    statistics->faults = mm_fault_count();
    statistics->failures = mm_failure_count();
    statistics->dropped_reports = mm_report_dropped();
    statistics->quarantined_bytes = mm_quarantine_bytes();
    statistics->quarantined_blocks = mm_quarantine_blocks();
    statistics->hash = mm.table.hash;
    memmap_port_unlock();
}

#endif // MEMMAP_ENABLE
