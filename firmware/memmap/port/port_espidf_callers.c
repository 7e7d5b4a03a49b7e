// Return addresses of the running call on ESP-IDF: window by window on Xtensa, frame by frame on RISC-V where it is compiled with frame
// pointers, else only the address that the compiler knows.
#include "memmap_config.h"

#if MEMMAP_ENABLE

#include "esp_attr.h"
#include "memmap_port.h"

#if CONFIG_MEMMAP_IN_IRAM
#define HOT IRAM_ATTR
#else
#define HOT
#endif

#if CONFIG_IDF_TARGET_ARCH_XTENSA

#include "esp_debug_helpers.h"
#include "esp_memory_utils.h"

// The top two bits of a saved return address are the window increment, not part of the address.
static inline uintptr_t whole_address(uint32_t address)
{
    return address & 0x80000000u ? (address & 0x3fffffffu) | 0x40000000u : address;
}

size_t HOT memmap_port_callers(const void *immediate, uintptr_t *callers, size_t capacity)
{
    callers[0] = whole_address((uint32_t)(uintptr_t)immediate);
    if (capacity == 1) return 1;
    esp_backtrace_frame_t frame = {0};
    size_t count = 1;
    bool passed_immediate = false;
    esp_backtrace_get_start(&frame.pc, &frame.sp, &frame.next_pc);
    // The first frames are the probe's own: what counts begins behind the caller that is known already.
    for (size_t steps = 0; steps < capacity + 4 && count < capacity && frame.next_pc != 0; steps++) {
        uintptr_t address = whole_address(frame.next_pc);
        if (!esp_ptr_executable((void *)address)) break;
        if (passed_immediate) callers[count++] = address;
        else passed_immediate = address == callers[0];
        if (!esp_backtrace_get_next_frame(&frame)) break;
    }
    return count;
}

#elif CONFIG_ESP_SYSTEM_USE_FRAME_POINTER

#include "esp_memory_utils.h"
#include "frame_pointers.h"

static HOT bool readable(const void *frame) { return esp_ptr_in_dram(frame); }
static HOT bool executable(uintptr_t address) { return esp_ptr_executable((void *)address); }

size_t HOT memmap_port_callers(const void *immediate, uintptr_t *callers, size_t capacity)
{
    return frame_pointer_callers(__builtin_frame_address(0), immediate, callers, capacity, readable, executable);
}

#else

size_t HOT memmap_port_callers(const void *immediate, uintptr_t *callers, size_t capacity)
{
    (void)capacity;
    callers[0] = (uintptr_t)immediate;
    return 1;
}

#endif

#endif // MEMMAP_ENABLE
