// A program of which only a sample is tracked: `sample FILE bytes|calls N SEED` streams to FILE and prints what is really live at the end.
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 6000 };

static FILE *file;

static bool write_file(const uint8_t *bytes, size_t length, void *context)
{
    (void)context;
    return fwrite(bytes, 1, length, file) == length;
}

static uint32_t random_number(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

int main(int argc, char **argv)
{
    static void *blocks[BLOCKS];
    static uint32_t sizes[BLOCKS];
    if (argc != 5 || !(file = fopen(argv[1], "wb"))) return 2;
    bool by_bytes = strcmp(argv[2], "bytes") == 0;
    uint32_t random = (uint32_t)strtoul(argv[4], NULL, 10), interval = (uint32_t)strtoul(argv[3], NULL, 10);
    test_board();
    memmap_port_host_set_time(random);
    memmap_options.quarantine = false;
    if (by_bytes) memmap_options.sample_bytes = interval;
    else memmap_options.sample_interval = (uint16_t)interval;
    memmap_stream_start(&(memmap_transport_t){.write = write_file});
    uint32_t skip = random_number(&random) % 64; // so that runs do not begin alike
    for (uint32_t i = 0; i < skip; i++) TRACE_FREE(TRACE_MALLOC(200, MALLOC_CAP_SPIRAM));
    for (uint32_t i = 0; i < 3 * BLOCKS; i++) {
        uint32_t which = random_number(&random) % BLOCKS, kind = random_number(&random) % 8;
        // Mostly small ones, some of a page.
        uint32_t size = kind < 6 ? 8 + random_number(&random) % 56 : kind == 6 ? 100 + random_number(&random) % 200 : 1024;
        if (blocks[which] && kind % 2) {
            TRACE_FREE(blocks[which]);
            blocks[which] = NULL;
        } else if (blocks[which]) {
            TRACE_REALLOC_VAR(blocks[which], size, MALLOC_CAP_SPIRAM);
            sizes[which] = size;
        } else if ((blocks[which] = TRACE_MALLOC(size, MALLOC_CAP_SPIRAM)) != NULL) {
            sizes[which] = size;
        }
        if (i % 50 == 0) memmap_drain();
    }
    uint32_t live = 0, bytes = 0;
    for (uint32_t i = 0; i < BLOCKS; i++) {
        if (!blocks[i]) continue;
        live++;
        bytes += sizes[i];
    }
    memmap_request_snapshot();
    if (!memmap_flush()) return 3;
    printf("{\"blocks\":%u,\"bytes\":%u,\"tracked\":%u,\"failures\":%u}\n", (unsigned)live, (unsigned)bytes,
           (unsigned)test_statistics().live_blocks, (unsigned)test_statistics().failures);
    return fclose(file) != 0;
}
