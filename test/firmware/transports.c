// A small busy program whose stream takes one of the probe's own transports:
//   transports flight FILE BYTES CALLS     a ring in a file
//   transports flash FILE BYTES CALLS      a ring in simulated flash, which only clears bits and fails now and then; FILE gets its image
//   transports connect PORT CALLS | transports listen PORT CALLS
// At the end it prints what the probe says lives.
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness.h"
#include "memmap_transports.h"

enum { LIVE = 200, FLASH_SECTOR = 4096, FLASH_MOST = 1 << 20 };

static uint8_t flash[FLASH_MOST];
static uint32_t flash_writes;

static bool read_flash(uint32_t offset, void *bytes, size_t length, void *context)
{
    (void)context;
    memcpy(bytes, flash + offset, length);
    return true;
}

static bool write_flash(uint32_t offset, const void *bytes, size_t length, void *context)
{
    (void)context;
    CHECK(offset / FLASH_SECTOR == (offset + length - 1) / FLASH_SECTOR);
    if (++flash_writes % 97 == 0) return false;
    for (size_t i = 0; i < length; i++) {
        CHECK(flash[offset + i] == 0xff); // not written since it was erased
        flash[offset + i] &= ((const uint8_t *)bytes)[i];
    }
    return true;
}

static bool erase_flash(uint32_t offset, void *context)
{
    (void)context;
    CHECK(offset % FLASH_SECTOR == 0);
    memset(flash + offset, 0xff, FLASH_SECTOR);
    return true;
}

static uint32_t random_number(void)
{
    static uint32_t state = 4711;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static void rest(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

int main(int argc, char **argv)
{
    static memmap_tcp_t tcp;
    static memmap_flight_t flight;
    static void *blocks[LIVE];
    memmap_transport_t transport;
    memmap_storage_t storage;
    if (argc < 4) return 2;
    test_board();
    memmap_port_host_real_time();
    bool network = argv[1][0] == 'c' || argv[1][0] == 'l';
    if (network) {
        uint16_t port = (uint16_t)atoi(argv[2]);
        if (!memmap_tcp_transport(&tcp, argv[1][0] == 'c' ? "127.0.0.1" : NULL, port, &transport)) return 3;
    } else {
        uint32_t bytes = (uint32_t)atoi(argv[3]);
        memset(flash, 0xff, sizeof flash);
        if (strcmp(argv[1], "flash") == 0)
            storage = (memmap_storage_t){bytes, FLASH_SECTOR, read_flash, erase_flash, write_flash, NULL};
        else if (!memmap_storage_file(argv[2], bytes, &storage)) return 3;
        if (!memmap_flight_transport(&flight, &storage, &transport)) return 4;
    }
    uint32_t first_sector = flight.number;
    if (!memmap_stream_start(&transport)) return 5;
    if (network) // until the other side is there: what happens before is not counted by this test
        while (memmap_drain(), tcp.connection < 0 || tcp.connecting) rest();
    uint32_t calls = (uint32_t)atoi(argv[argc - 1]);
    for (uint32_t i = 0; i < calls; i++) {
        uint32_t slot = random_number() % LIVE;
        if (blocks[slot]) free_unregister_allocation(&blocks[slot]);
        else blocks[slot] = TRACE_MALLOC(1 + random_number() % 300, MALLOC_CAP_8BIT);
        if (i % 20 == 0) memmap_drain();
        if (network && i % 500 == 0) rest();
    }
    memmap_request_snapshot();
    for (int i = 0; i < 2000 && !memmap_flush(); i++)
        if (network) rest();
    if (network) // what the socket has taken in part
        for (int i = 0; i < 2000 && tcp.rest_length != 0; i++) {
            memmap_drain();
            rest();
        }
    memmap_statistics_t now = test_statistics();
    printf("{\"liveBlocks\":%u,\"hash\":%u,\"events\":%u,\"droppedEvents\":%u,\"firstSector\":%u,\"sectors\":%u,\"errors\":%u}\n",
           (unsigned)now.live_blocks, (unsigned)now.hash, (unsigned)now.events, (unsigned)now.dropped_events,
           (unsigned)first_sector, (unsigned)(flight.number - first_sector), (unsigned)flight.errors);
    if (strcmp(argv[1], "flash") == 0) {
        FILE *file = fopen(argv[2], "wb");
        if (!file || fwrite(flash, 1, storage.bytes, file) != storage.bytes || fclose(file) != 0) return 6;
    }
    return 0;
}
