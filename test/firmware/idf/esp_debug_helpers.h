#pragma once
#include <stdbool.h>
#include <stdint.h>
typedef struct {
    uint32_t pc, sp, next_pc;
    const void *exc_frame;
} esp_backtrace_frame_t;
void esp_backtrace_get_start(uint32_t *pc, uint32_t *sp, uint32_t *next_pc);
bool esp_backtrace_get_next_frame(esp_backtrace_frame_t *frame);
