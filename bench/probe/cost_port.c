// The probe's port for measurements: the cheapest that a chip could have (one task, a clock in a register, interrupts off as the lock).
#include "cost.h"
#include "esp_heap_caps.h"
#include "memmap_config.h"
#include "memmap_port.h"

static volatile uint32_t interrupts;
static uint32_t clock_us;

void memmap_port_lock(void) { interrupts = 1; }
void memmap_port_unlock(void) { interrupts = 0; }
uint64_t memmap_port_time_us(void) { return clock_us += 13; }
uintptr_t cost_task = COST_TASK;
memmap_context_t memmap_port_context(void) { return (memmap_context_t){.task = cost_task, .core = 0}; }

bool memmap_port_task_name(uintptr_t task, char *name, size_t size)
{
    (void)task, (void)size;
    name[0] = 'm';
    name[1] = '\0';
    return true;
}

#if MEMMAP_INTERPOSE // port_espidf_callers.c walks the stack, as on a chip; these say what an address is there
bool esp_ptr_executable(const void *address);
bool esp_ptr_in_dram(const void *address);
bool esp_ptr_executable(const void *address) { return (uintptr_t)address - 0x80000000u < 0x100000u; }
bool esp_ptr_in_dram(const void *address) { return (uintptr_t)address - 0x80000000u < 0x2000000u; }
#else
size_t memmap_port_callers(const void *immediate, uintptr_t *callers, size_t capacity)
{
    (void)capacity;
    callers[0] = (uintptr_t)immediate;
    return 1;
}
#endif

void memmap_port_abort(void)
{
    for (;;) {
    }
}

void memmap_port_identity(memmap_identity_t *identity) { *identity = (memmap_identity_t){.boot_id = 1, .cores = 1}; }

bool memmap_port_may_wait(void) { return true; }

bool memmap_port_wait(uint32_t milliseconds)
{
    (void)milliseconds;
    return false;
}

void memmap_port_print_without_lock(const char *text, size_t length) { (void)text, (void)length; }
void memmap_port_print(const char *text, size_t length) { (void)text, (void)length; }

bool memmap_port_write(const uint8_t *bytes, size_t length)
{
    (void)bytes, (void)length;
    return true;
}

size_t memmap_port_read(uint8_t *bytes, size_t capacity)
{
    (void)bytes, (void)capacity;
    return 0;
}

bool memmap_port_start_drain(bool (*step)(void), uint32_t period_ms)
{
    (void)step, (void)period_ms;
    return false;
}
