// Fault and failure reports: numbered, kept in two small rings, printed where they happen (later, if that is an interrupt), sent by
// the drain and sent again with every snapshot.
#include "text.h"

#if MEMMAP_ENABLE

enum { REPORTS = CONFIG_MEMMAP_REPORT_CAPACITY };

MM_CHECK(reports, REPORTS >= 1 && REPORTS <= 255);

static MM_TABLE struct {
    uint32_t faults, failures; // numbers of the newest ones
    uint32_t sent_faults, sent_failures;
    uint32_t printed_faults, printed_failures;
    uint32_t dropped;
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

#if CONFIG_MEMMAP_PRINT_REPORTS

static const char *const fault_names[] = {
    [MEMMAP_FAULT_KIND_DOUBLE_FREE] = "double free",
    [MEMMAP_FAULT_KIND_INTERIOR_FREE] = "free of a pointer into a block",
    [MEMMAP_FAULT_KIND_REALLOC_AFTER_FREE] = "realloc of freed memory",
    [MEMMAP_FAULT_KIND_OVERFLOW] = "write past the end",
    [MEMMAP_FAULT_KIND_UNDERFLOW] = "write before the start",
    [MEMMAP_FAULT_KIND_WRITE_AFTER_FREE] = "write after free",
};

// Of ticks, in 16-bit digits: a division of 64 bits would bring a kilobyte of library along.
static uint32_t milliseconds(uint64_t ticks)
{
    uint64_t us = ticks << CONFIG_MEMMAP_TICK_SHIFT;
    uint32_t quotient = 0, rest = 0;
    for (int shift = 48; shift >= 0; shift -= 16) {
        rest = rest << 16 | (uint16_t)(us >> shift);
        quotient = quotient << 16 | rest / 1000;
        rest %= 1000;
    }
    return quotient;
}

static void print_where(const char *what, uint32_t site, uint32_t task)
{
    mm_line_t line;
    mm_line_begin(&line);
    mm_text(&line.text, "memmap:   %s at ", what);
    mm_text_site(&line.text, site);
    mm_text(&line.text, " by %s\n", mm_task_label(task));
    mm_line_print(&line, MEMMAP_LOG_FAULT);
}

static void print_fault(const mm_fault_t *fault)
{
    mm_line_t line;
    mm_print(MEMMAP_LOG_FAULT, "memmap: fault %u: %s, pointer %p, block %p of %u bytes\n", (unsigned)fault->number,
             fault_names[fault->kind], mm_pointer(fault->pointer), mm_pointer(fault->address), (unsigned)fault->size);
    print_where("allocated", fault->alloc_site, fault->alloc_task);
    if (fault->freed) print_where("freed", fault->free_site, fault->free_task);
    if (fault->damaged) {
        mm_line_begin(&line);
        mm_text(&line.text, "memmap:   %u bytes from offset %d on now read", (unsigned)fault->damage.length, (int)fault->damage.offset);
        for (uint32_t i = 0; i < fault->damage.count; i++) mm_text(&line.text, " %02x", fault->damage.bytes[i]);
        mm_line_print(&line, MEMMAP_LOG_FAULT);
    }
    if (fault->good && !fault->freed) {
        const char *between = "";
        mm_line_begin(&line);
        mm_text(&line.text, "memmap:   was whole at %u ms; since then the heap was used by ", (unsigned)milliseconds(fault->last_good));
        for (uint32_t i = 0; i < fault->active_count; i++, between = ", ") mm_text(&line.text, "%s%s", between, mm_task_label(fault->active[i]));
        if (fault->active_count == 0) mm_text(&line.text, "nobody");
        mm_line_print(&line, MEMMAP_LOG_FAULT);
    }
    if (fault->detected_site) print_where("seen", fault->detected_site, mm_context_task(fault->context));
}

static void print_failure(const mm_failure_t *failure)
{
    mm_line_t line;
    mm_site_t site = {.method = MEMMAP_METHOD_UNKNOWN, .kind = MM_SITE_CALLERS};
    mm_site_get(failure->site, &site);
    mm_print_capture(failure->caps);
    mm_line_begin(&line);
    mm_text(&line.text, "Failed to allocate %u bytes for %s", (unsigned)failure->size, mm_method_name(site.method));
    if (site.kind != MM_SITE_CALLERS) {
        mm_place_t at = mm_site_place(&site);
        mm_text(&line.text, " in %s at %s:%u", at.function, at.file, (unsigned)at.line);
    } else {
        mm_text(&line.text, " at ");
        mm_text_site(&line.text, failure->site);
    }
    mm_line_print(&line, MEMMAP_LOG_FAILURE);
    if (failure->reason == MEMMAP_FAILURE_REASON_SIZE_OVERFLOW)
        mm_print(MEMMAP_LOG_FAILURE, "  %u elements of %u bytes exceed the address space\n", (unsigned)failure->count,
                 (unsigned)failure->size);
    for (uint32_t i = 0; i < failure->regions; i++)
        mm_print_region(failure->region[i].start, failure->region[i].end, failure->region[i].free, failure->region[i].largest);
}

// Takes the next number to print, so that two tasks never print the same report; 0: none.
static uint32_t next_to_print(uint32_t *printed, const uint32_t *newest)
{
    memmap_port_lock();
    uint32_t number = *printed < *newest ? ++*printed : 0;
    memmap_port_unlock();
    return number;
}

void mm_report_print(void)
{
    uint32_t number;
    while ((number = next_to_print(&reports.printed_faults, &reports.faults)) != 0) {
        mm_fault_t fault;
        if (memmap_options.print_faults && mm_fault_get(number, &fault)) print_fault(&fault);
    }
    while ((number = next_to_print(&reports.printed_failures, &reports.failures)) != 0) {
        mm_failure_t failure;
        if (memmap_options.print_failures && mm_failure_get(number, &failure)) print_failure(&failure);
    }
}

#else

void mm_report_print(void) {}

#endif

void mm_report_fault(mm_fault_t *fault, const mm_site_t *detected)
{
    mm_lock_for_event();
    bool in_interrupt = mm_context_task(mm.events.context) == MEMMAP_TASK_NUMBER_INTERRUPT;
    fault->time = mm_now();
    fault->event_number = mm_event_number();
    fault->context = mm.events.context;
    fault->detected_site = detected ? (uint16_t)mm_site_intern(detected) : 0;
    fault->number = take_number(&reports.faults, reports.sent_faults);
    reports.fault[fault->number % REPORTS] = *fault;
    memmap_port_unlock();
    if (!in_interrupt) mm_report_print();
    if (memmap_options.abort_on_fault) memmap_port_abort();
}

void mm_report_failure(mm_failure_t *failure, const mm_site_t *site)
{
    bool in_interrupt = memmap_port_context().task == MEMMAP_IN_INTERRUPT;
    memmap_region_t region;
    for (size_t i = 0; failure->regions < MM_FAILURE_REGIONS && memmap_port_region(i, !in_interrupt, &region); i++) {
        if ((region.caps & failure->caps) != failure->caps) continue;
        uint32_t n = failure->regions++;
        failure->region[n].start = region.start;
        failure->region[n].end = region.end;
        failure->region[n].caps = region.caps;
        failure->region[n].free = region.free;
        failure->region[n].largest = region.largest_free;
    }
    mm_lock_for_event();
    failure->time = mm_now();
    failure->event_number = mm_event_number();
    failure->context = mm.events.context;
    if (site) failure->site = (uint16_t)mm_site_intern(site);
    failure->number = take_number(&reports.failures, reports.sent_failures);
    reports.failure[failure->number % REPORTS] = *failure;
    memmap_port_unlock();
    if (!in_interrupt) mm_report_print();
}

#endif // MEMMAP_ENABLE
