// The program of the classic API, exactly as its users wrote it; what its comments say is checked by classic.c.
#include "memmap.h"
void app_main(void);
void app_main(void)
{
    memorySemaphore = xSemaphoreCreateMutex();          // still works; no longer needed
    debug_track_allocation = true;
    char *buffer = TRACE_MALLOC(256, MALLOC_CAP_8BIT);
    if (!buffer) { printf("Failed to allocate buffer!\n"); return; }
    snprintf(buffer, 256, "Hello from memory tracking!");
    list_allocations();                                 // one line: address, caps, size, file, line, function, variable
    free_unregister_allocation((void **)&buffer);       // zeroed, unregistered, freed, buffer == NULL
    list_allocations();                                 // nothing
}
