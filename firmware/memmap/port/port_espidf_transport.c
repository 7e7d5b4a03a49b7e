// The default transport on ESP-IDF, as configured: the console's UART, a UART of its own, or USB-Serial-JTAG. Drivers are installed by
// the first write, in the drain's task.
#include "memmap_config.h"

#if MEMMAP_ENABLE

#include "freertos/FreeRTOS.h"
#include "memmap_port.h"

#if CONFIG_MEMMAP_TRANSPORT_CONSOLE_UART || CONFIG_MEMMAP_TRANSPORT_UART

#include "driver/uart.h"
#if CONFIG_MEMMAP_TRANSPORT_CONSOLE_UART
#include "driver/uart_vfs.h"
#define PORT CONFIG_ESP_CONSOLE_UART_NUM
#else
#define PORT CONFIG_MEMMAP_UART_NUMBER
#endif

enum { RECEIVE_BYTES = 256, SEND_BYTES = 2048 };

static bool ready(void)
{
    static bool done;
    if (done) return true;
#if CONFIG_MEMMAP_TRANSPORT_UART
    const uart_config_t line = {.baud_rate = CONFIG_MEMMAP_UART_BAUD,
                                .data_bits = UART_DATA_8_BITS,
                                .parity = UART_PARITY_DISABLE,
                                .stop_bits = UART_STOP_BITS_1,
                                .source_clk = UART_SCLK_DEFAULT};
    if (uart_param_config(PORT, &line) != ESP_OK ||
        uart_set_pin(PORT, CONFIG_MEMMAP_UART_TX_PIN, CONFIG_MEMMAP_UART_RX_PIN, UART_PIN_NO_CHANGE, UART_PIN_NO_CHANGE) !=
            ESP_OK)
        return false;
#endif
    if (!uart_is_driver_installed(PORT) && uart_driver_install(PORT, RECEIVE_BYTES, SEND_BYTES, 0, NULL, 0) != ESP_OK)
        return false;
#if CONFIG_MEMMAP_TRANSPORT_CONSOLE_UART
    // Log text must go through the driver too: then a frame is one write that no text can split.
    uart_vfs_dev_use_driver(PORT);
#endif
    return done = true;
}

bool memmap_port_write(const uint8_t *bytes, size_t length)
{
    // Waits while the driver's buffer is full; only the drain's task ever stands here.
    return ready() && uart_write_bytes(PORT, bytes, length) == (int)length;
}

size_t memmap_port_read(uint8_t *bytes, size_t capacity)
{
#if CONFIG_MEMMAP_TRANSPORT_CONSOLE_UART && !CONFIG_MEMMAP_CONSOLE_COMMANDS_FROM_HOST
    (void)bytes, (void)capacity;
    return 0; // the application reads the console itself
#else
    if (!ready()) return 0;
    int length = uart_read_bytes(PORT, bytes, capacity, 0);
    return length > 0 ? (size_t)length : 0;
#endif
}

#elif CONFIG_MEMMAP_TRANSPORT_USB_SERIAL_JTAG

#include "driver/usb_serial_jtag.h"
#include "driver/usb_serial_jtag_vfs.h"
#include "esp_idf_version.h"

// Before 5.3.4 nobody says; an attempt costs a line of ESP-IDF's log where the application has installed it.
static bool is_installed(void)
{
#if ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(5, 3, 4)
    return usb_serial_jtag_is_driver_installed();
#else
    return false;
#endif
}

static bool ready(void)
{
    static bool done;
    if (done) return true;
    usb_serial_jtag_driver_config_t buffers = {.tx_buffer_size = 2048, .rx_buffer_size = 256};
    if (!is_installed()) {
        esp_err_t result = usb_serial_jtag_driver_install(&buffers);
        if (result != ESP_OK && result != ESP_ERR_INVALID_STATE) return false; // the latter: the application was first
    }
    usb_serial_jtag_vfs_use_driver(); // log text takes the same way, or it would be cut by frames
    return done = true;
}

bool memmap_port_write(const uint8_t *bytes, size_t length)
{
    // All or nothing. Without a reader the buffer stays full: refused, counted, tried again. The driver ends a transfer whose last
    // packet is full (64 bytes) with an empty one, so that the host does not wait for more.
    return ready() && usb_serial_jtag_write_bytes(bytes, length, pdMS_TO_TICKS(20)) == (int)length;
}

size_t memmap_port_read(uint8_t *bytes, size_t capacity)
{
    if (!ready()) return 0;
    int length = usb_serial_jtag_read_bytes(bytes, capacity, 0);
    return length > 0 ? (size_t)length : 0;
}

#else // the application brings its own, to memmap_stream_start()

bool memmap_port_write(const uint8_t *bytes, size_t length)
{
    (void)bytes, (void)length;
    return false;
}

size_t memmap_port_read(uint8_t *bytes, size_t capacity)
{
    (void)bytes, (void)capacity;
    return 0;
}

#endif

#endif // MEMMAP_ENABLE
