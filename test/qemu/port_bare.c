// The probe's port to bare metal: QEMU's RISC-V machine "virt", one core, no operating system. Frames and text share its UART.
// The heap's half is in port_simulated_heap.c.
#include "frame_pointers.h"
#include "memmap_port.h"

#include "bare_board.h"

// Machine interrupts off, on again if they were on: the critical sections are never nested.
static uint32_t interrupts_before;

static inline uint32_t interrupts_off(void)
{
    uint32_t before;
    __asm__ volatile(".option push\n.option arch, +zicsr\ncsrrci %0, mstatus, 8\n.option pop" : "=r"(before)::"memory");
    return before;
}

static inline void interrupts_restore(uint32_t before)
{
    __asm__ volatile(".option push\n.option arch, +zicsr\ncsrs mstatus, %0\n.option pop" ::"r"(before & 8U) : "memory");
}

void memmap_port_lock(void) { interrupts_before = interrupts_off(); }
void memmap_port_unlock(void) { interrupts_restore(interrupts_before); }

uint64_t memmap_port_time_us(void) { return bare_time_us(); }

memmap_context_t memmap_port_context(void)
{
    return (memmap_context_t){.task = bare_in_interrupt ? MEMMAP_IN_INTERRUPT : (uintptr_t)bare_task, .core = 0};
}

bool memmap_port_task_name(uintptr_t task, char *name, size_t size)
{
    const char *from = ((const bare_task_t *)task)->name;
    size_t length = 0;
    for (; length + 1 < size && from[length] != 0; length++) name[length] = from[length];
    name[length] = 0;
    return true;
}

#if BARE_FRAME_POINTERS // compiled with -fno-omit-frame-pointer
static bool readable(const void *frame) { return bare_is_stack(frame); }
static bool executable(uintptr_t address) { return bare_is_code(address); }

size_t memmap_port_callers(const void *immediate, uintptr_t *callers, size_t capacity)
{
    return frame_pointer_callers(__builtin_frame_address(0), immediate, callers, capacity, readable, executable);
}
#else
size_t memmap_port_callers(const void *immediate, uintptr_t *callers, size_t capacity)
{
    (void)capacity;
    callers[0] = (uintptr_t)immediate;
    return 1;
}
#endif

void memmap_port_abort(void) { bare_power_off(1); }

void memmap_port_identity(memmap_identity_t *identity)
{
    static uint32_t boot_id;
    if (boot_id == 0) boot_id = bare_random() | 1U;
    *identity = (memmap_identity_t){
        .boot_id = boot_id,
        .chip = "QEMU virt RV32",
        .app_name = BARE_APP_NAME,
        .cores = 1,
    };
}

bool memmap_port_may_wait(void) { return !bare_in_interrupt; }

void memmap_port_print_without_lock(const char *text, size_t length) { bare_uart_write(text, length); }
void memmap_port_print(const char *text, size_t length) { bare_uart_write(text, length); }

bool memmap_port_write(const uint8_t *bytes, size_t length)
{
    bare_uart_write(bytes, length);
    return true;
}

size_t memmap_port_read(uint8_t *bytes, size_t capacity) { return bare_uart_read(bytes, capacity); }

// No tasks: the main loop calls memmap_drain(), and nobody else can be waited for.
bool memmap_port_wait(uint32_t milliseconds)
{
    (void)milliseconds;
    return false;
}

bool memmap_port_start_drain(bool (*step)(void), uint32_t period_ms)
{
    (void)step;
    (void)period_ms;
    return false;
}
