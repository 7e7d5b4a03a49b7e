// Stand-in: the probe needs no mutex, so this one never waits.
#ifndef MEMMAP_STANDIN_SEMPHR_H
#define MEMMAP_STANDIN_SEMPHR_H

#include "freertos/FreeRTOS.h"

typedef void *SemaphoreHandle_t;

static inline SemaphoreHandle_t xSemaphoreCreateMutex(void)
{
    static char mutex;
    return &mutex;
}
static inline BaseType_t xSemaphoreTake(SemaphoreHandle_t mutex, TickType_t wait)
{
    (void)wait;
    return mutex ? pdTRUE : pdFALSE;
}
static inline BaseType_t xSemaphoreGive(SemaphoreHandle_t mutex) { return mutex ? pdTRUE : pdFALSE; }

#endif
