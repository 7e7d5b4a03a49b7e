#pragma once
#include <stdbool.h>
#include <stddef.h>
#include "esp_heap_caps.h"
#ifndef ESP_ERR_INVALID_STATE
#define ESP_ERR_INVALID_STATE 0x103
#endif
typedef struct {
    uint32_t tx_buffer_size, rx_buffer_size;
} usb_serial_jtag_driver_config_t;
#include "esp_idf_version.h"
#if ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(5, 3, 4)
bool usb_serial_jtag_is_driver_installed(void);
#endif
esp_err_t usb_serial_jtag_driver_install(usb_serial_jtag_driver_config_t *config);
int usb_serial_jtag_write_bytes(const void *bytes, size_t size, uint32_t ticks);
int usb_serial_jtag_read_bytes(void *bytes, uint32_t size, uint32_t ticks);
