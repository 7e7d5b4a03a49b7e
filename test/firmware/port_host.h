// What tests on the host set and see of the platform.
#ifndef MEMMAP_PORT_HOST_H
#define MEMMAP_PORT_HOST_H

#include "memmap_port.h"

#ifdef __cplusplus
extern "C" {
#endif

// The calling thread's identity; each thread starts as task 0 on core 0.
void memmap_port_host_set_context(uintptr_t task, uint8_t core, bool in_interrupt);
void memmap_port_host_critical(bool now); // the calling thread holds a spinlock of the application's: interrupts are off
void memmap_port_host_set_task_name(uintptr_t task, const char *name);
// Time stands still until it is set; `real` lets the system's clock run.
void memmap_port_host_set_time(uint64_t microseconds);
void memmap_port_host_real_time(void);
void memmap_port_host_set_boot_id(uint32_t id);
// Where the default transport writes; NULL refuses everything.
typedef void (*memmap_port_host_output_t)(const uint8_t *bytes, size_t length);
void memmap_port_host_set_output(memmap_port_host_output_t output);
// The drain gets a thread of its own, as on a chip, with this task's handle. Otherwise tests call memmap_drain().
#define MEMMAP_PORT_HOST_DRAIN ((uintptr_t)0x3ffbf000)
void memmap_port_host_drain_in_thread(void);
void memmap_port_host_end_drain(void);
void memmap_port_host_set_input(const uint8_t *bytes, size_t length);

#ifdef __cplusplus
}
#endif

#endif
