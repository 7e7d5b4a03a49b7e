// Stand-in for builds without FreeRTOS (host, QEMU, simulator): just enough that programs written for the classic API compile.
#ifndef MEMMAP_STANDIN_FREERTOS_H
#define MEMMAP_STANDIN_FREERTOS_H

#include <stddef.h>
#include <stdint.h>

typedef int BaseType_t;
typedef uint32_t TickType_t;

#define pdFALSE ((BaseType_t)0)
#define pdTRUE ((BaseType_t)1)
#define portMAX_DELAY ((TickType_t)0xffffffffu)

#endif
