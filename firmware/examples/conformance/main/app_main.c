// The conformance program on a chip.
#include "conformance.h"

#include "memmap.h"

#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

// The probe sends what it has at least once a second.
static void settle(void) { vTaskDelay(pdMS_TO_TICKS(1200)); }

void app_main(void)
{
    memmap_stream_start(NULL);
    conformance_run(settle);
    for (;;) vTaskDelay(portMAX_DELAY);
}
