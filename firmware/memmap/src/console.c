// The `memmap` command for a console on the chip: what the API does, typed. Independent of the console's library; on ESP-IDF
// memmap_register_console() enters it into esp_console.
#include "internal.h"

#if MEMMAP_ENABLE

static const char *const usage[] = {
    "memmap list [MARK]         live blocks, of late since MARK",
    "memmap top [site|task]     who holds most",
    "memmap leaks [MARK]        what was allocated since MARK (the newest one) and still lives, by site",
    "memmap mark NAME           a named moment",
    "memmap check [MS]          all red zones and the quarantine; with MS some of them every so many ms, 0 ends that",
    "memmap info                the probe's own numbers",
    "memmap stream on|off|snapshot",
};

static void print_info(void)
{
    memmap_statistics_t now;
    memmap_statistics(&now);
    mm_print(MEMMAP_LOG_LIST, "live: %u blocks, %u bytes, peak %u bytes, table of %u\n", (unsigned)now.live_blocks,
             (unsigned)now.live_bytes, (unsigned)now.peak_bytes, (unsigned)now.table_capacity);
    mm_print(MEMMAP_LOG_LIST, "events: %u, dropped %u; unknown frees %u, stale records %u\n", (unsigned)now.events,
             (unsigned)now.dropped_events, (unsigned)now.unknown_frees, (unsigned)now.stale_records);
    mm_print(MEMMAP_LOG_LIST, "faults: %u, failed allocations: %u, quarantine: %u blocks, %u bytes\n", (unsigned)now.faults,
             (unsigned)now.failures, (unsigned)now.quarantined_blocks, (unsigned)now.quarantined_bytes);
    mm_print_losses();
}

static uint32_t number_of(const char *digits)
{
    uint32_t number = 0;
    for (; *digits >= '0' && *digits <= '9'; digits++) number = 10 * number + (uint32_t)(*digits - '0');
    return number;
}

static bool is(const char *argument, const char *word) { return strcmp(argument, word) == 0; }

int memmap_console(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "", *argument = argc > 2 ? argv[2] : NULL;
    if (is(verb, "list")) {
        if (argument) memmap_list_since(argument);
        else list_allocations();
    } else if (is(verb, "top")) {
        memmap_top(argument && is(argument, "task") ? MEMMAP_BY_TASK : MEMMAP_BY_SITE, NULL, 0);
    } else if (is(verb, "leaks")) {
        memmap_top(MEMMAP_BY_SITE, argument ? argument : "", 0);
    } else if (is(verb, "mark") && argument) {
        memmap_mark(argument);
    } else if (is(verb, "check") && argument) {
        memmap_check_every(number_of(argument));
    } else if (is(verb, "check")) {
        mm_print(MEMMAP_LOG_LIST, "%u new faults\n", (unsigned)memmap_check(0));
    } else if (is(verb, "info")) {
        print_info();
    } else if (is(verb, "stream") && argument && is(argument, "on")) {
        memmap_stream_start(NULL);
    } else if (is(verb, "stream") && argument && is(argument, "off")) {
        memmap_stream_stop();
    } else if (is(verb, "stream") && argument && is(argument, "snapshot")) {
        memmap_request_snapshot();
    } else {
        for (size_t i = 0; i < sizeof usage / sizeof usage[0]; i++) mm_print(MEMMAP_LOG_LIST, "%s\n", usage[i]);
        return 1;
    }
    return 0;
}

#endif // MEMMAP_ENABLE
