#ifndef ESP_ATTR_H
#define ESP_ATTR_H
#define BIT(nr) (1UL << (nr)) // esp_bit_defs.h comes with nearly everything: a name that the probe may not take
#define MEMMAP_STUB_TEXT(x) #x
#define MEMMAP_STUB_SECTION(name, number) __attribute__((section(name "." MEMMAP_STUB_TEXT(number))))
#define IRAM_ATTR MEMMAP_STUB_SECTION(".iram1", __COUNTER__)
#define DRAM_ATTR MEMMAP_STUB_SECTION(".dram1", __COUNTER__)
#define COREDUMP_DRAM_ATTR MEMMAP_STUB_SECTION(".dram2.coredump", __COUNTER__)
#endif
#define __NOINIT_ATTR __attribute__((section(".noinit")))
