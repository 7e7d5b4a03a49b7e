// A file as storage of the flight recorder.
#include "memmap_transports.h"

#if MEMMAP_ENABLE

enum { SECTOR_BYTES = 4096, STEP_BYTES = 256 };

static bool read_file(uint32_t offset, void *bytes, size_t length, void *context)
{
    return fseek(context, (long)offset, SEEK_SET) == 0 && fread(bytes, 1, length, context) == length;
}

static bool write_file(uint32_t offset, const void *bytes, size_t length, void *context)
{
    return fseek(context, (long)offset, SEEK_SET) == 0 && fwrite(bytes, 1, length, context) == length && fflush(context) == 0;
}

static bool erase_file(uint32_t offset, void *context)
{
    uint8_t erased[STEP_BYTES];
    memset(erased, 0xff, sizeof erased);
    for (uint32_t at = 0; at < SECTOR_BYTES; at += STEP_BYTES)
        if (!write_file(offset + at, erased, sizeof erased, context)) return false;
    return true;
}

bool memmap_storage_file(const char *path, uint32_t bytes, memmap_storage_t *storage)
{
    FILE *file = fopen(path, "r+b");
    if (!file) file = fopen(path, "w+b");
    if (!file) return false;
    bytes -= bytes % SECTOR_BYTES;
    *storage = (memmap_storage_t){bytes, SECTOR_BYTES, read_file, erase_file, write_file, file};
    // A file that is new or too short is filled up, so that every sector can be read.
    uint8_t byte;
    for (uint32_t at = 0; at < bytes; at += SECTOR_BYTES) {
        if (read_file(at + SECTOR_BYTES - 1, &byte, 1, file)) continue;
        if (!erase_file(at, file)) {
            fclose(file);
            return false;
        }
    }
    return true;
}

#endif // MEMMAP_ENABLE
