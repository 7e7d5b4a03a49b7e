// The `memmap` command for a console on the chip: what the API does, typed. Independent of the console's library; on ESP-IDF
// memmap_register_console() enters it into esp_console.
#include "format.h"
#include "lists.h"

#if MEMMAP_ENABLE

static bool info(const char *argument)
{
    (void)argument;
    memmap_statistics_t now;
    memmap_statistics(&now);
    mm_print(MEMMAP_LOG_LIST, "live: %u blocks, %u bytes, peak %u bytes, table of %u\n", (unsigned)now.live_blocks,
             (unsigned)now.live_bytes, (unsigned)now.peak_bytes, (unsigned)now.table_capacity);
    mm_print(MEMMAP_LOG_LIST, "events: %u, dropped %u; unknown frees %u, stale records %u\n", (unsigned)now.events,
             (unsigned)now.dropped_events, (unsigned)now.unknown_frees, (unsigned)now.stale_records);
    mm_print(MEMMAP_LOG_LIST, "faults: %u, failed allocations: %u, quarantine: %u blocks, %u bytes\n", (unsigned)now.faults,
             (unsigned)now.failures, (unsigned)now.quarantined_blocks, (unsigned)now.quarantined_bytes);
    mm_print_losses();
    return true;
}

static bool cost(const char *argument)
{
    (void)argument;
    memmap_print_cost();
    return true;
}

static uint32_t number_of(const char *digits)
{
    uint32_t number = 0;
    for (; *digits >= '0' && *digits <= '9'; digits++) number = 10 * number + (uint32_t)(*digits - '0');
    return number;
}

static bool is(const char *argument, const char *word) { return argument && strcmp(argument, word) == 0; }

static bool list(const char *mark)
{
    if (mark) memmap_list_since(mark);
    else list_allocations();
    return true;
}

static bool top(const char *by)
{
    memmap_top(is(by, "task") ? MEMMAP_BY_TASK : MEMMAP_BY_SITE, NULL, 0);
    return true;
}

static bool leaks(const char *mark)
{
    memmap_top(MEMMAP_BY_SITE, mark ? mark : "", 0);
    return true;
}

static bool mark(const char *name)
{
    if (name) memmap_mark(name);
    return name != NULL;
}

static bool check(const char *milliseconds)
{
    if (milliseconds) memmap_check_every(number_of(milliseconds));
    else mm_print(MEMMAP_LOG_LIST, "%u new faults\n", (unsigned)memmap_check(0));
    return true;
}

static bool stream(const char *what)
{
    if (is(what, "on")) memmap_stream_start(NULL);
    else if (is(what, "off")) memmap_stream_stop();
    else if (is(what, "snapshot")) memmap_request_snapshot();
    else return false;
    return true;
}

// The verb is the first word of what is printed as its usage.
static const struct {
    bool (*run)(const char *argument); // NULL: none was given. False: it is not one that the verb knows
    const char *usage;
} verbs[] = {
    {list, "list [MARK]         live blocks, of late since MARK"},
    {top, "top [site|task]     who holds most"},
    {leaks, "leaks [MARK]        what was allocated since MARK (the newest one) and still lives, by site"},
    {mark, "mark NAME           a named moment"},
    {check, "check [MS]          all red zones and the quarantine; with MS some of them every so many ms, 0 ends that"},
    {info, "info                the probe's own numbers"},
    {cost, "cost                what the probe itself takes of RAM and heap"},
    {stream, "stream on|off|snapshot"},
};

int memmap_console(int argc, char **argv)
{
    size_t length = argc > 1 ? strlen(argv[1]) : 0;
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0] && length != 0; i++)
        if (strncmp(verbs[i].usage, argv[1], length) == 0 && verbs[i].usage[length] == ' ' && verbs[i].run(argc > 2 ? argv[2] : NULL)) return 0;
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) mm_print(MEMMAP_LOG_LIST, "memmap %s\n", verbs[i].usage);
    return 1;
}

#endif // MEMMAP_ENABLE
