#pragma once
#include "sdkconfig.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
typedef int BaseType_t;
typedef unsigned UBaseType_t;
typedef uint32_t TickType_t;
typedef uint8_t StackType_t;
typedef struct {
    uint32_t owner, count;
} portMUX_TYPE;
typedef struct {
    uint32_t words[90];
} StaticTask_t;
#define pdFALSE 0
#define pdTRUE 1
#define pdPASS 1
#define portMAX_DELAY 0xffffffffu
#define portMUX_INITIALIZER_UNLOCKED {0xb33fffffu, 0}
#define portNUM_PROCESSORS CONFIG_FREERTOS_NUMBER_OF_CORES
#define pdMS_TO_TICKS(ms) ((TickType_t)(ms) / 10)
void memmap_stub_critical(portMUX_TYPE *mux);
#define portENTER_CRITICAL_SAFE(mux) memmap_stub_critical(mux)
#define portEXIT_CRITICAL_SAFE(mux) memmap_stub_critical(mux)
bool xPortInIsrContext(void);
bool xPortCanYield(void);
