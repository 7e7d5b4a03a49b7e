#pragma once
#include "freertos/FreeRTOS.h"
typedef struct tskTaskControlBlock *TaskHandle_t;
typedef void (*TaskFunction_t)(void *);
#define tskNO_AFFINITY 0x7fffffff
char *pcTaskGetName(TaskHandle_t task);
#define taskSCHEDULER_NOT_STARTED ((BaseType_t)1)
#define taskSCHEDULER_RUNNING ((BaseType_t)2)
BaseType_t xTaskGetSchedulerState(void);
void vTaskDelay(TickType_t ticks);
void taskYIELD(void);
void vTaskDelete(TaskHandle_t task);
BaseType_t xTaskCreatePinnedToCore(TaskFunction_t code, const char *name, uint32_t stack, void *argument, UBaseType_t priority,
                                   TaskHandle_t *task, BaseType_t core);
TaskHandle_t xTaskCreateStaticPinnedToCore(TaskFunction_t code, const char *name, uint32_t stack, void *argument,
                                           UBaseType_t priority, StackType_t *buffer, StaticTask_t *control, BaseType_t core);
