// Enters the `memmap` command into esp_console.
#include "memmap_config.h"

#if MEMMAP_ENABLE

#include "esp_console.h"
#include "memmap.h"

bool memmap_register_console(void)
{
    const esp_console_cmd_t command = {
        .command = "memmap",
        .help = "Live blocks, leaks, checks, marks and the stream",
        .hint = "list|top|leaks|mark|check|info|stream",
        .func = memmap_console,
    };
    return esp_console_cmd_register(&command) == ESP_OK;
}

#endif // MEMMAP_ENABLE
