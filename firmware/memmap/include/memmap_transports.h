// Ways out for memmap's stream beyond the configured default, for memmap_stream_start(). Each refuses a frame when it has no room: the
// probe counts that and goes on; no allocation ever waits for any of them. How to write one's own: docs/transports.md.
//
//   static memmap_tcp_t tcp;
//   memmap_transport_t transport;
//   if (memmap_tcp_transport(&tcp, "192.168.1.20", 5333, &transport)) memmap_stream_start(&transport);
#ifndef MEMMAP_TRANSPORTS_H
#define MEMMAP_TRANSPORTS_H

#include "memmap.h"

#ifdef __cplusplus
extern "C" {
#endif

// Bytes that hold any one frame on the wire, armoured or not.
#define MEMMAP_WIRE_BYTES_MAXIMUM 768

#if MEMMAP_ENABLE

// --- TCP: CONFIG_MEMMAP_TCP -------------------------------------------------------------------------------------------------

typedef struct {
    const char *host;
    uint16_t port;
    bool connecting;
    int listener, connection; // -1: none
    uint64_t next_attempt_us;
    uint32_t rest_start, rest_length; // of a frame that the socket has taken only in part
    uint8_t rest[MEMMAP_WIRE_BYTES_MAXIMUM];
} memmap_tcp_t;

// `host` is an IPv4 address in dots to connect to, again and again until somebody listens (`memmap record tcp-listen://0.0.0.0:PORT`); NULL
// listens on all interfaces, for one reader at a time (`memmap record tcp://BOARD:PORT`). False where the address is none or no socket
// can be had. Each new connection begins with a snapshot. `tcp` and `host` must live as long as the stream.
bool memmap_tcp_transport(memmap_tcp_t *tcp, const char *host, uint16_t port, memmap_transport_t *transport);

// --- Flight recorder: the last events in a ring that survives a reset ---------------------------------------------------------

// Memory that is erased by the sector and then written once, as flash is. Offsets count from the ring's start. Called from the
// drain's task only; each returns false on an error.
typedef struct {
    uint32_t bytes, sector_bytes; // a whole number of sectors, at least 2, of at least 1024 bytes
    bool (*read)(uint32_t offset, void *bytes, size_t length, void *context);
    bool (*erase)(uint32_t offset, void *context); // one sector
    bool (*write)(uint32_t offset, const void *bytes, size_t length, void *context);
    void *context;
} memmap_storage_t;

typedef struct {
    memmap_storage_t storage;
    uint32_t sector, used; // the one being written, and its bytes in use; used == sector_bytes: closed
    uint32_t number;       // of that sector since the ring was made
    uint32_t errors;       // sectors given up because of an error of the storage
} memmap_flight_t;

// Goes on behind the newest sector, so that what an earlier run has left stays readable until the ring comes round to it. False where
// the storage cannot be read or is too small. `flight` must live as long as the stream.
bool memmap_flight_transport(memmap_flight_t *flight, const memmap_storage_t *storage, memmap_transport_t *transport);

#if defined(ESP_PLATFORM)
// The whole of a data partition (CONFIG_MEMMAP_FLIGHT_RECORDER). False where there is none of this name, or it is encrypted.
//   memmap,  data, 0x40, , 256K        in partitions.csv
//   esptool.py read_flash OFFSET 0x40000 flight.bin && memmap record flight.bin
bool memmap_storage_partition(const char *name, memmap_storage_t *storage);
#endif

// A file of `bytes` bytes, made where it does not exist. The FILE stays open. On ESP-IDF: a file of a mounted file system.
bool memmap_storage_file(const char *path, uint32_t bytes, memmap_storage_t *storage);

#else // the same to write, and nothing behind it: a program goes on as if its stream ran

typedef struct { uint8_t unused; } memmap_tcp_t;
typedef struct { uint8_t unused; } memmap_storage_t;
typedef struct { uint8_t unused; } memmap_flight_t;

static inline bool memmap_tcp_transport(memmap_tcp_t *tcp, const char *host, uint16_t port, memmap_transport_t *transport)
{
    (void)tcp, (void)host, (void)port;
    memset(transport, 0, sizeof *transport);
    return true;
}
static inline bool memmap_flight_transport(memmap_flight_t *flight, const memmap_storage_t *storage, memmap_transport_t *transport)
{
    (void)flight, (void)storage;
    memset(transport, 0, sizeof *transport);
    return true;
}
static inline bool memmap_storage_partition(const char *name, memmap_storage_t *storage)
{
    (void)name;
    memset(storage, 0, sizeof *storage);
    return true;
}
static inline bool memmap_storage_file(const char *path, uint32_t bytes, memmap_storage_t *storage)
{
    (void)path, (void)bytes;
    memset(storage, 0, sizeof *storage);
    return true;
}

#endif // MEMMAP_ENABLE

#ifdef __cplusplus
}
#endif

#endif // MEMMAP_TRANSPORTS_H
