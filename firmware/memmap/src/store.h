// The store of fault and failure reports (see store.c).
#ifndef MEMMAP_STORE_H
#define MEMMAP_STORE_H

#include "guard.h"

enum { MM_ACTIVE_TASKS = 8 };
typedef struct {
    uint32_t number;
    uint32_t event_number, context;
    uint64_t time;
    uint32_t pointer, address, size;
    uint64_t free_time, last_good;
    uint16_t alloc_site, free_site, detected_site;
    uint8_t kind, alloc_task, free_task, last_good_task;
    bool freed, damaged, good;
    bool silent; // made while its task was printing: not printed, or a log sink that allocates would go on for ever
    uint32_t hit; // the block behind, into whose header the damage goes on; 0: none
    uint8_t active_count, active[MM_ACTIVE_TASKS]; // tasks that have used the heap since last_good
    mm_damage_t damage;
} mm_fault_t;

enum { MM_FAILURE_REGIONS = 6 };
typedef struct {
    uint32_t number;
    uint32_t event_number, context;
    uint64_t time;
    uint32_t size, count, caps, alignment, released;
    uint16_t site;
    uint8_t reason, regions;
    bool silent; // as a fault's
    struct { uint32_t start, end, caps, free, largest; } region[MM_FAILURE_REGIONS];
} mm_failure_t;

// (lock) Numbers and keeps a report; what it displaces is lost, if the host never got it.
void mm_store_fault(mm_fault_t *fault);
void mm_store_failure(mm_failure_t *failure);
// Makes the running task the one that prints. False where there is nothing to print, or somebody prints.
bool mm_store_begin_to_print(void);
// The next report to print: the number of one of the two, and the other 0. False: there is none, and somebody else may print now.
bool mm_store_next(uint32_t *fault, uint32_t *failure);
// Report number n by copy; false where it has been forgotten or does not exist.
bool mm_fault_get(uint32_t number, mm_fault_t *fault);
bool mm_failure_get(uint32_t number, mm_failure_t *failure);
// Numbers of the newest ones, by copy, and (lock) each.
void mm_report_newest(uint32_t *faults, uint32_t *failures);
uint32_t mm_fault_count(void);
uint32_t mm_failure_count(void);
void mm_report_sent(uint32_t faults, uint32_t failures); // the drain has got so far
uint32_t mm_report_dropped(void);
void mm_report_tasks_seen(void); // (lock) mm_task_search_seen() for all that reports name
uint32_t mm_store_bytes(void);
void mm_report_drop(void); // counts one that could not be made

#endif // MEMMAP_STORE_H
