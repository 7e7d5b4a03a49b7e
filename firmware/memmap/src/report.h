// Faults and failures are reported (see report.c).
#ifndef MEMMAP_REPORT_H
#define MEMMAP_REPORT_H

#include "store.h"

// Each stamps, numbers and stores its report, prints it if that is possible where it happens, and acts on abort_on_fault. No lock.
// Without a `site` the failure has its own already.
void mm_report_fault(mm_fault_t *fault, const mm_site_t *detected);
void mm_report_failure(mm_failure_t *failure, const mm_site_t *site);
void mm_report_print(void); // what could not be printed where it happened, if it can be here
uint32_t mm_report_bytes(void); // of the line that is printed
void mm_report_print_without_lock(void); // all of that, for a system that is about to stop

#endif // MEMMAP_REPORT_H
