#pragma once
#include "esp_heap_caps.h"
#define ESP_SYSTEM_INIT_FN(f, stage, cores, priority)                                                                      \
    static esp_err_t memmap_stub_init_##f(void);                                                                           \
    __attribute__((used, section(".esp_system_init_fn." #priority))) static esp_err_t (*const memmap_stub_entry_##f)(void) = \
        memmap_stub_init_##f;                                                                                              \
    static esp_err_t memmap_stub_init_##f(void)
