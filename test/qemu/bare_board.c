// See bare_board.h. Addresses and registers: QEMU's hw/riscv/virt.c (UART 16550A, CLINT, Goldfish clock, test device).
#include "bare_board.h"

#include "heap_port.h"
#include "heap_regions.h"

#include <stdio.h>
#include <string.h>

#define REGISTER8(address) (*(volatile uint8_t *)(uintptr_t)(address))
#define REGISTER32(address) (*(volatile uint32_t *)(uintptr_t)(address))

enum { UART_DATA = 0x10000000, UART_STATUS = 0x10000005, UART_RECEIVED = 1, UART_ROOM = 0x20 };
enum { CLOCK_LOW = 0x101000, CLINT_TIME_LOW = 0x0200bff8, CLINT_TIME_HIGH = 0x0200bffc, TEST_DEVICE = 0x100000 };
enum { CLINT_TICKS_PER_MICROSECOND = 10 };

extern uint8_t heap_start[], heap_end[], stack_start[], stack_end[], code_end[];  // from the linker script

bare_task_t *bare_task;
bool bare_in_interrupt;

uint64_t bare_time_us(void)
{
    uint32_t high, low;
    do {
        high = REGISTER32(CLINT_TIME_HIGH);
        low = REGISTER32(CLINT_TIME_LOW);
    } while (high != REGISTER32(CLINT_TIME_HIGH));
    return ((uint64_t)high << 32 | low) / CLINT_TICKS_PER_MICROSECOND;
}

uint32_t bare_random(void) { return REGISTER32(CLOCK_LOW) * UINT32_C(0x9e3779b1); }

void bare_uart_write(const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    while (length-- > 0) {
        while ((REGISTER8(UART_STATUS) & UART_ROOM) == 0) {
        }
        REGISTER8(UART_DATA) = *at++;
    }
}

size_t bare_uart_read(void *bytes, size_t capacity)
{
    size_t length = 0;
    while (length < capacity && (REGISTER8(UART_STATUS) & UART_RECEIVED) != 0) ((uint8_t *)bytes)[length++] = REGISTER8(UART_DATA);
    return length;
}

bool bare_is_stack(const void *pointer) { return (const uint8_t *)pointer >= stack_start && (const uint8_t *)pointer < stack_end; }
bool bare_is_code(uintptr_t address) { return address >= 0x80000000U && address < (uintptr_t)code_end; }

void bare_power_off(int status)
{
    REGISTER32(TEST_DEVICE) = status == 0 ? 0x5555U : (uint32_t)status << 16 | 0x3333U;
    for (;;) {
    }
}

void bare_heap_start(void)
{
    const heap_region_t region = {
        .caps = {0x580e, 0, 0},  // as the ESP32-C3's DRAM
        .start = (uint32_t)(uintptr_t)heap_start,
        .end = (uint32_t)(uintptr_t)heap_end,
        .name = "RAM",
    };
    heap_regions_add(&region);
}

void libc_write(const char *text, size_t length) { bare_uart_write(text, length); }

// Machine interrupts off, as a chip's spinlock has them.
static uint32_t interrupts_before;
void heap_port_lock(void)
{
    uint32_t before;
    __asm__ volatile(".option push\n.option arch, +zicsr\ncsrrci %0, mstatus, 8\n.option pop" : "=r"(before)::"memory");
    interrupts_before = before & 8U;
}
void heap_port_unlock(void)
{
    __asm__ volatile(".option push\n.option arch, +zicsr\ncsrs mstatus, %0\n.option pop" ::"r"(interrupts_before) : "memory");
}

void heap_port_abort(const char *message, const void *address)
{
    printf("assert failed: %s at %p\n", message, address);
    bare_power_off(1);
}

// From start.S, where nothing else can be done.
void bare_trap(uint32_t cause, uint32_t pc, uint32_t value);
void bare_trap(uint32_t cause, uint32_t pc, uint32_t value)
{
    printf("trap: cause 0x%x at 0x%x, value 0x%x\n", (unsigned)cause, (unsigned)pc, (unsigned)value);
    bare_power_off(2);
}
