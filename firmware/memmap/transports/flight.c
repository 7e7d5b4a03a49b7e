// The flight recorder: a ring of sectors that holds the newest frames through resets. A sector begins with a header that numbers it, so
// that the host can put sectors into order (src/capture/flight-recorder.ts); frames follow, whole ones only, and erased bytes fill
// the end. Every quarter of the ring begins a snapshot: wherever the oldest sector has been erased, a whole one lies behind.
#include "memmap_transports.h"

#if MEMMAP_ENABLE

#include "send.h"

enum { HEADER_WORDS = 4, HEADER_BYTES = 4 * HEADER_WORDS, SMALLEST_SECTOR = 1024 };
#define MAGIC UINT32_C(0x52464d4d) // "MMFR"

MM_CHECK(frame_fits_a_sector, sizeof mm_stream.wire <= SMALLEST_SECTOR - HEADER_BYTES);

// Header: magic, bytes of a sector, its number, its number inverted; little endian.
static bool header_at(const memmap_flight_t *flight, uint32_t sector, uint32_t *number, bool *readable)
{
    uint32_t header[HEADER_WORDS];
    const memmap_storage_t *storage = &flight->storage;
    *readable = storage->read(sector * storage->sector_bytes, header, sizeof header, storage->context);
    *number = header[2];
    return *readable && header[0] == MAGIC && header[1] == storage->sector_bytes && header[3] == ~header[2];
}

static uint32_t sectors(const memmap_flight_t *flight) { return flight->storage.bytes / flight->storage.sector_bytes; }

static bool next_sector(memmap_flight_t *flight)
{
    const memmap_storage_t *storage = &flight->storage;
    // Counted on even where the sector is bad: the next attempt takes the one behind it.
    flight->sector = (flight->sector + 1) % sectors(flight);
    flight->number++;
    flight->used = storage->sector_bytes;
    uint32_t offset = flight->sector * storage->sector_bytes;
    const uint32_t header[HEADER_WORDS] = {MAGIC, storage->sector_bytes, flight->number, ~flight->number};
    if (!storage->erase(offset, storage->context) || !storage->write(offset, header, sizeof header, storage->context)) {
        flight->errors++;
        return false;
    }
    flight->used = HEADER_BYTES;
    uint32_t quarter = sectors(flight) / 4;
    if (quarter < 2 || flight->number % quarter == 0) memmap_request_snapshot();
    return true;
}

static bool write_frame(const uint8_t *bytes, size_t length, void *context)
{
    memmap_flight_t *flight = context;
    const memmap_storage_t *storage = &flight->storage;
    if (flight->used + length > storage->sector_bytes && !next_sector(flight)) return false;
    if (flight->used + length > storage->sector_bytes) return false; // cannot be: see the check above
    if (!storage->write(flight->sector * storage->sector_bytes + flight->used, bytes, length, storage->context)) {
        flight->errors++;
        flight->used = storage->sector_bytes;
        return false;
    }
    flight->used += (uint32_t)length;
    return true;
}

bool memmap_flight_transport(memmap_flight_t *flight, const memmap_storage_t *storage, memmap_transport_t *transport)
{
    if (storage->sector_bytes < SMALLEST_SECTOR || storage->bytes / storage->sector_bytes < 2) return false;
    *flight = (memmap_flight_t){.storage = *storage, .used = storage->sector_bytes};
    flight->sector = sectors(flight) - 1; // an empty ring begins at sector 0
    bool any = false;
    for (uint32_t sector = 0; sector < sectors(flight); sector++) {
        uint32_t number;
        bool readable;
        bool valid = header_at(flight, sector, &number, &readable);
        if (!readable) return false;
        if (!valid || (any && (int32_t)(number - flight->number) < 0)) continue;
        flight->sector = sector;
        flight->number = number;
        any = true;
    }
    *transport = (memmap_transport_t){.write = write_frame, .context = flight};
    return true;
}

#endif // MEMMAP_ENABLE
