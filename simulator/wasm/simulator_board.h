// The state of the simulated board that C reads and TypeScript writes (simulator/module.ts knows the offsets).
#ifndef SIMULATOR_BOARD_H
#define SIMULATOR_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SIMULATOR_CALLERS_MAXIMUM = 32,
    SIMULATOR_UNKNOWN_CALLER = 0x400d0018,  // where the scenario does not say: an address in flash
    SIMULATOR_TASK_NAME_OFFSET = 52  // of the name in a task control block, as in FreeRTOS's TCB_t on the ESP32
};

typedef struct {
    uint64_t time_us;
    uint32_t task;  // address of the running task's control block; 0 before the scheduler
    uint32_t core;
    uint32_t in_interrupt;
    uint32_t caller_count;
    uint32_t callers[SIMULATOR_CALLERS_MAXIMUM];  // innermost first
    uint32_t boot_id;
    uint32_t reset_reason;
    uint32_t cores;
    const char *chip;
    const char *idf_version;
    const char *app_name;
    const char *app_version;
    bool (*drain_step)(void);
    uint32_t drain_period_ms;
    uint32_t drain_task;  // address of the control block of the task that runs drain_step
} simulator_board_t;

extern simulator_board_t simulator_board;

#endif
