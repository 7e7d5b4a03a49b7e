#pragma once
#include <stddef.h>
#include "esp_heap_caps.h"
typedef struct multi_heap_info *multi_heap_handle_t;
void multi_heap_get_info(multi_heap_handle_t heap, multi_heap_info_t *info);
size_t multi_heap_free_size(multi_heap_handle_t heap);
size_t multi_heap_minimum_free_size(multi_heap_handle_t heap);
