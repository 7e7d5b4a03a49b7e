#pragma once
static inline int esp_cpu_get_core_id(void) { return 0; }
