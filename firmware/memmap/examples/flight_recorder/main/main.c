// The last events of a device in the field, in a ring in flash. After a crash or a reset, read them back and look:
//   esptool.py read_flash 0x110000 0x40000 flight.bin && memmap record flight.bin -o run.memmap && memmap report run.memmap
#include "esp_log.h"
#include "esp_system.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "memmap_transports.h"

static memmap_flight_t flight;

void app_main(void)
{
    memmap_storage_t storage;
    memmap_transport_t transport;
    if (!memmap_storage_partition("memmap", &storage) || !memmap_flight_transport(&flight, &storage, &transport)) {
        ESP_LOGE("main", "no partition \"memmap\": see partitions.csv");
        return;
    }
    memmap_stream_start(&transport);
    for (int i = 0; i < 600; i++) { // forgets 40 bytes a time, for a minute, then breaks down
        char *forgotten;
        TRACE_MALLOC_VAR(forgotten, 40, MALLOC_CAP_8BIT);
        if (forgotten) forgotten[0] = '\0';
        vTaskDelay(pdMS_TO_TICKS(100));
    }
    if (!memmap_flush()) ESP_LOGW("main", "the newest events are not in the ring"); // waits for the drain's task
    esp_restart();
}
