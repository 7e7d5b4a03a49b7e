// A flash partition as storage of the flight recorder. Erasing a sector takes some 50 ms with the flash cache off; the drain's task
// waits for that, and whatever runs from flash with it.
#include "memmap_transports.h"

#if MEMMAP_ENABLE && CONFIG_MEMMAP_FLIGHT_RECORDER

#include "esp_partition.h"

static bool read_flash(uint32_t offset, void *bytes, size_t length, void *context)
{
    return esp_partition_read(context, offset, bytes, length) == ESP_OK;
}

static bool write_flash(uint32_t offset, const void *bytes, size_t length, void *context)
{
    return esp_partition_write(context, offset, bytes, length) == ESP_OK;
}

static bool erase_flash(uint32_t offset, void *context)
{
    const esp_partition_t *partition = context;
    return esp_partition_erase_range(partition, offset, partition->erase_size) == ESP_OK;
}

bool memmap_storage_partition(const char *name, memmap_storage_t *storage)
{
    const esp_partition_t *partition = esp_partition_find_first(ESP_PARTITION_TYPE_ANY, ESP_PARTITION_SUBTYPE_ANY, name);
    // Encrypted flash is written in blocks of 16 bytes; frames are not.
    if (!partition || partition->encrypted) return false;
    *storage = (memmap_storage_t){partition->size, partition->erase_size, read_flash, erase_flash, write_flash,
                                  (void *)(uintptr_t)partition};
    return true;
}

#endif
