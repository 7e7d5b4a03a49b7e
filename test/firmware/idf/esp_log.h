#pragma once
void memmap_stub_log(const char *tag, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define ESP_LOGE(tag, format, ...) memmap_stub_log(tag, format, ##__VA_ARGS__)
#define ESP_LOGI(tag, format, ...) memmap_stub_log(tag, format, ##__VA_ARGS__)
#define ESP_LOGW(tag, format, ...) memmap_stub_log(tag, format, ##__VA_ARGS__)
