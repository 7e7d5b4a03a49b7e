// Fault and failure reports are made and printed: where they happen, or where nobody may wait for stdout's lock (interrupts, critical sections)
// at the next place where somebody may: the drain, the next report, any list or check.
#include "report.h"
#include "events.h"
#include "format.h"
#include "tasks.h"

#if MEMMAP_ENABLE

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

// All lines of a report are built in one buffer, for the sake of the stack that the program's tasks have.
static void print_where(mm_line_t *line, const char *what, uint32_t site, uint32_t task)
{
    mm_line_begin(line);
    mm_text(&line->text, "memmap:   %s at ", what);
    mm_text_site(&line->text, site);
    mm_text(&line->text, " by %s\n", mm_task_label(task));
    mm_line_print(line, MEMMAP_LOG_FAULT);
}

// The block behind, whose header the damage goes on into.
static void print_hit(mm_line_t *line, uint32_t address)
{
    mm_block_t block = {.address = 0};
    memmap_port_lock();
    uint32_t number = mm_table_look_up(address);
    if (number != 0) block = mm_blocks[number];
    memmap_port_unlock();
    mm_line_begin(line);
    mm_text(&line->text, "memmap:   the heap's word in front of %p is hit as well", mm_pointer(address));
    if (block.address != 0) mm_text(&line->text, ": that block of %u bytes is not to blame", (unsigned)mm_block_size(&block));
    mm_line_print(line, MEMMAP_LOG_FAULT);
    if (block.address != 0) print_where(line, "it was allocated", block.site, block.task);
}

static MM_COLD void print_fault(mm_line_t *line, const mm_fault_t *fault)
{
    mm_line_begin(line);
    mm_text(&line->text, "memmap: fault %u: %s, pointer %p, block %p of %u bytes", (unsigned)fault->number, fault_names[fault->kind],
            mm_pointer(fault->pointer), mm_pointer(fault->address), (unsigned)fault->size);
    mm_line_print(line, MEMMAP_LOG_FAULT);
    print_where(line, "allocated", fault->alloc_site, fault->alloc_task);
    if (fault->freed) print_where(line, "freed", fault->free_site, fault->free_task);
    if (fault->damaged) {
        mm_line_begin(line);
        mm_text(&line->text, "memmap:   %u bytes from offset %d on now read", (unsigned)fault->damage.length, (int)fault->damage.offset);
        for (uint32_t i = 0; i < fault->damage.count; i++) mm_text(&line->text, " %02x", fault->damage.bytes[i]);
        mm_line_print(line, MEMMAP_LOG_FAULT);
    }
    if (fault->hit) print_hit(line, fault->hit);
    if (fault->good && !fault->freed) {
        const char *between = "";
        mm_line_begin(line);
        mm_text(&line->text, "memmap:   was whole at %u ms; since then the heap was used by ", (unsigned)milliseconds(fault->last_good));
        for (uint32_t i = 0; i < fault->active_count; i++, between = ", ") mm_text(&line->text, "%s%s", between, mm_task_label(fault->active[i]));
        if (fault->active_count == 0) mm_text(&line->text, "nobody");
        mm_line_print(line, MEMMAP_LOG_FAULT);
    }
    if (fault->detected_site) print_where(line, "seen", fault->detected_site, mm_context_task(fault->context));
}

static MM_COLD void print_failure(mm_line_t *line, const mm_failure_t *failure)
{
    mm_site_t site = {.method = MEMMAP_METHOD_UNKNOWN, .kind = MM_SITE_CALLERS};
    bool overflow = failure->reason == MEMMAP_FAILURE_REASON_SIZE_OVERFLOW;
    mm_site_get(failure->site, &site);
    mm_print_capture(line, failure->caps);
    mm_line_begin(line);
    mm_text(&line->text, "Failed to allocate ");
    if (overflow) mm_text(&line->text, "%u x ", (unsigned)failure->count);
    mm_text(&line->text, "%u bytes for %s", (unsigned)failure->size, mm_method_name(site.method));
    if (site.kind != MM_SITE_CALLERS) {
        mm_place_t at = mm_site_place(&site);
        mm_text(&line->text, " in %s at %s:%u", at.function, at.file, (unsigned)at.line);
    } else {
        mm_text(&line->text, " at ");
        mm_text_site(&line->text, failure->site);
    }
    if (overflow) mm_text(&line->text, ": more than the address space");
    mm_line_print(line, MEMMAP_LOG_FAILURE);
    for (uint32_t i = 0; i < failure->regions; i++)
        mm_print_region(line, failure->region[i].start, failure->region[i].end, failure->region[i].free, failure->region[i].largest);
}

// Not on the stack, which is the program's: one task prints at a time (mm_store_begin_to_print()). Only where the system is about to stop
// may a second one come in between, and then at worst the last line is mixed.
static mm_line_t line;

static MM_COLD void print_one(uint32_t fault_number, uint32_t failure_number)
{
    union {
        mm_fault_t fault;
        mm_failure_t failure;
    } report;
    if (fault_number != 0) {
        if (memmap_options.print_faults && mm_fault_get(fault_number, &report.fault) && !report.fault.silent) print_fault(&line, &report.fault);
    } else {
        if (memmap_options.print_failures && mm_failure_get(failure_number, &report.failure) && !report.failure.silent)
            print_failure(&line, &report.failure);
    }
}

uint32_t mm_report_bytes(void) { return sizeof line; }

void mm_report_print(void)
{
    uint32_t fault, failure;
    if (!memmap_port_may_wait()) return;
    if (!mm_store_begin_to_print()) return;
    while (mm_store_next(&fault, &failure)) print_one(fault, failure);
}

void mm_report_print_without_lock(void)
{
    uint32_t fault, failure;
    mm_text_without_lock();
    while (mm_store_next(&fault, &failure)) print_one(fault, failure);
}

#else

uint32_t mm_report_bytes(void) { return 0; }
void mm_report_print(void) {}
void mm_report_print_without_lock(void) {}

#endif

// Somebody else may be printing, and would not come to the end of it.
static MM_COLD void stop_with_report(void)
{
    mm_report_print_without_lock();
    memmap_port_abort();
}

void mm_report_fault(mm_fault_t *fault, const mm_site_t *detected)
{
    mm_lock_for_event();
    fault->time = mm_now();
    fault->event_number = mm_event_number();
    fault->context = mm.events.context;
    fault->detected_site = detected ? (uint16_t)mm_site_intern(detected) : 0;
    mm_store_fault(fault);
    memmap_port_unlock();
    mm_report_print();
    if (memmap_options.abort_on_fault) stop_with_report();
}

void mm_report_failure(mm_failure_t *failure, const mm_site_t *site)
{
    memmap_region_t region;
    bool may_wait = memmap_port_may_wait(); // then there is time for a walk through the heap too
    for (size_t i = 0; failure->regions < MM_FAILURE_REGIONS && memmap_port_region(i, may_wait, &region); i++) {
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
    mm_store_failure(failure);
    memmap_port_unlock();
    mm_report_print();
}

#endif // MEMMAP_ENABLE
