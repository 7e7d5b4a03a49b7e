// Replays a recorded run (CSV on standard input: op,address,size,site,task,dt_us,old_address) through the probe and writes its stream
// to the file named first. With `extras` red zones and freeing sites stay on; without, addresses are the recorded ones.
#define _GNU_SOURCE
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "heap_port_host.h"

enum { SITES = 256, BLOCKS = 65536 };

static FILE *file;
static memmap_source_t sources[SITES][3];
static struct {
    uint32_t recorded;
    void *actual;
} blocks[BLOCKS];

static bool write_file(const uint8_t *bytes, size_t length, void *context)
{
    (void)context;
    return fwrite(bytes, 1, length, file) == length;
}

static void name_sites(void)
{
    static const char *const folders[] = {"components/net/src", "components/json", "managed_components/espressif__mdns", "main"};
    for (uint32_t i = 0; i < SITES; i++) {
        char name[80];
        snprintf(name, sizeof name, "/builds/app/%s/file_%u.c", folders[i % 4], (unsigned)(i / 4));
        char *path = strdup(name);
        snprintf(name, sizeof name, "handle_request_%u", (unsigned)i);
        char *function = strdup(name);
        for (uint32_t method = 0; method < 3; method++)
            sources[i][method] = (memmap_source_t){path, function, NULL, 10 + i * 7 % 900, MEMMAP_METHOD_MALLOC + method};
    }
}

static void **actual_of(uint32_t recorded)
{
    uint32_t at = recorded * UINT32_C(0x9e3779b1) >> 16;
    while (blocks[at].recorded != 0 && blocks[at].recorded != recorded) at = (at + 1) % BLOCKS;
    blocks[at].recorded = recorded;
    return &blocks[at].actual;
}

int main(int argc, char **argv)
{
    static const heap_region_t region = {.caps = {MALLOC_CAP_DEFAULT}, .name = "DRAM", .start = 0x3ffb0000, .end = 0x3ffb0000 + 0x80000};
    bool extras = argc > 2 && strcmp(argv[2], "extras") == 0;
    char line[256];
    uint64_t time = 1000000;
    file = argc > 1 ? fopen(argv[1], "wb") : NULL;
    if (!file || !heap_port_host_add(&region)) return 2;
    name_sites();
    memmap_options.quarantine = false;
    memmap_options.red_zones = memmap_options.free_sites = extras;
    memmap_port_host_set_time(time);
    memmap_stream_start(&(memmap_transport_t){.write = write_file});
    for (uint32_t calls = 0; fgets(line, sizeof line, stdin); calls++) {
        char op[16];
        unsigned address, size, site, task, elapsed, old;
        if (sscanf(line, "%15[^,],%u,%u,%u,%u,%u,%u", op, &address, &size, &site, &task, &elapsed, &old) != 7) continue;
        time += elapsed;
        memmap_port_host_set_time(time);
        memmap_port_host_set_context(0x3ffb8000 + task * 0x160, 0, false);
        site %= SITES;
        if (strcmp(op, "free") == 0) {
            memmap_free(&sources[site][0], *actual_of(address));
        } else if (strcmp(op, "realloc") == 0) {
            *actual_of(address) = memmap_realloc(&sources[site][2], *actual_of(old), size, MALLOC_CAP_DEFAULT);
        } else {
            *actual_of(address) = memmap_malloc(&sources[site][0], size, MALLOC_CAP_DEFAULT);
        }
        if (calls % 64 == 0) memmap_drain();
    }
    memmap_flush();
    memmap_statistics_t now = test_statistics();
    printf("{\"events\":%u,\"bytes\":%ld,\"liveBlocks\":%u,\"hash\":%u,\"droppedEvents\":%u,\"failures\":%u}\n", (unsigned)now.events,
           ftell(file), (unsigned)now.live_blocks, (unsigned)now.hash, (unsigned)now.dropped_events, (unsigned)now.failures);
    return fclose(file) != 0;
}
