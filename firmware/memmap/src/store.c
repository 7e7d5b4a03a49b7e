// The store of fault and failure reports: numbered, kept in two small rings, sent by the drain and sent again with every snapshot. It knows
// what is still to be printed, and who prints: one task at a time.
#include "store.h"
#include "tasks.h"

#if MEMMAP_ENABLE

enum { REPORTS = CONFIG_MEMMAP_REPORT_CAPACITY };

MM_CHECK(reports, REPORTS >= 1 && REPORTS <= 255);

static MM_TABLE struct {
    uint32_t faults, failures; // numbers of the newest ones
    uint32_t sent_faults, sent_failures;
    uint32_t printed_faults, printed_failures;
    uint32_t dropped;
    uintptr_t printer_1; // who prints, as mm_running() + 1; 0: nobody
    mm_fault_t fault[REPORTS];
    mm_failure_t failure[REPORTS];
} reports;

uint32_t mm_fault_count(void) { return reports.faults; }
uint32_t mm_failure_count(void) { return reports.failures; }
uint32_t mm_report_dropped(void) { return reports.dropped; }

void mm_report_newest(uint32_t *faults, uint32_t *failures)
{
    memmap_port_lock();
    *faults = reports.faults;
    *failures = reports.failures;
    memmap_port_unlock();
}

void mm_report_sent(uint32_t faults, uint32_t failures)
{
    memmap_port_lock();
    if (faults > reports.sent_faults) reports.sent_faults = faults;
    if (failures > reports.sent_failures) reports.sent_failures = failures;
    memmap_port_unlock();
}

// (lock) Number for a new report; the one that it displaces is lost, if the host never got it.
static uint32_t take_number(uint32_t *newest, uint32_t sent)
{
    if (*newest >= REPORTS && *newest - REPORTS + 1 > sent) reports.dropped++;
    return ++*newest;
}

MM_HOT void mm_report_drop(void)
{
    memmap_port_lock();
    reports.dropped++;
    memmap_port_unlock();
}

void mm_report_tasks_seen(void)
{
    for (uint32_t i = 0; i < REPORTS; i++) {
        const mm_fault_t *fault = &reports.fault[i];
        mm_task_search_seen(fault->alloc_task);
        mm_task_search_seen(fault->free_task);
        mm_task_search_seen(fault->last_good_task);
        mm_task_search_seen(mm_context_task(fault->context));
        mm_task_search_seen(mm_context_task(reports.failure[i].context));
        for (uint32_t j = 0; j < fault->active_count; j++) mm_task_search_seen(fault->active[j]);
    }
}

bool mm_fault_get(uint32_t number, mm_fault_t *fault)
{
    memmap_port_lock();
    *fault = reports.fault[number % REPORTS];
    memmap_port_unlock();
    return number != 0 && fault->number == number;
}

bool mm_failure_get(uint32_t number, mm_failure_t *failure)
{
    memmap_port_lock();
    *failure = reports.failure[number % REPORTS];
    memmap_port_unlock();
    return number != 0 && failure->number == number;
}

// (lock) Whether the running task is printing, so that this report comes of its own sink.
static bool is_printer(void) { return reports.printer_1 == mm_running() + 1; }

void mm_store_fault(mm_fault_t *fault)
{
    fault->silent = is_printer();
    fault->number = take_number(&reports.faults, reports.sent_faults);
    reports.fault[fault->number % REPORTS] = *fault;
}

void mm_store_failure(mm_failure_t *failure)
{
    failure->silent = is_printer();
    failure->number = take_number(&reports.failures, reports.sent_failures);
    reports.failure[failure->number % REPORTS] = *failure;
}

bool mm_store_begin_to_print(void)
{
    memmap_port_lock();
    bool begin = reports.printer_1 == 0 && (reports.printed_faults != reports.faults || reports.printed_failures != reports.failures);
    if (begin) reports.printer_1 = mm_running() + 1;
    memmap_port_unlock();
    return begin;
}

bool mm_store_next(uint32_t *fault, uint32_t *failure)
{
    *fault = *failure = 0;
    memmap_port_lock();
    if (reports.printed_faults < reports.faults) *fault = ++reports.printed_faults;
    else if (reports.printed_failures < reports.failures) *failure = ++reports.printed_failures;
    else reports.printer_1 = 0;
    memmap_port_unlock();
    return *fault != 0 || *failure != 0;
}

uint32_t mm_store_bytes(void) { return sizeof reports; }

#endif // MEMMAP_ENABLE
