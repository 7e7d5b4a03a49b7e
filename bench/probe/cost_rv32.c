// The measurement on QEMU's RISC-V machine "virt": results go to its UART, then it is powered off.
#include "cost.h"
#include "heap_port.h"

static volatile uint8_t *const uart = (volatile uint8_t *)0x10000000;

void heap_port_lock(void) {}
void heap_port_unlock(void) {}

_Noreturn void heap_port_abort(const char *message, const void *address)
{
    (void)address;
    while (*message) *uart = (uint8_t)*message++;
    *(volatile uint32_t *)0x100000 = 0x3333; // power off, failed
    for (;;) {
    }
}

void cost_add_region(const heap_region_t *region)
{
    if (!heap_regions_add(region)) heap_port_abort("no region\n", 0);
}

uint32_t cost_instructions(void)
{
    uint32_t count;
    __asm__ volatile(".option push\n.option arch, +zicsr\ncsrr %0, minstret\n.option pop" : "=r"(count));
    return count;
}

static void put_number(uint32_t value)
{
    char digits[10];
    int count = 0;
    do digits[count++] = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    while (count > 0) *uart = (uint8_t)digits[--count];
}

void cost_result(uint32_t mode, uint32_t count, uint32_t per_pair, uint32_t wrong)
{
    put_number(mode);
    *uart = ' ';
    put_number(count);
    *uart = ' ';
    put_number(per_pair);
    *uart = ' ';
    put_number(wrong);
    *uart = '\n';
}

void cost_main(void);
void cost_main(void)
{
    static const uint32_t counts[] = {COST_COUNTS};
    for (uint32_t mode = 0; mode < MODES; mode++)
        for (uint32_t i = 0; i < sizeof counts / sizeof counts[0]; i++) run_cost(mode, counts[i]);
    *(volatile uint32_t *)0x100000 = 0x5555; // power off
    for (;;) {
    }
}

// QEMU jumps here in machine mode; RAM is zero.
__attribute__((naked, section(".start"))) void _start(void);
__attribute__((naked, section(".start"))) void _start(void)
{
    __asm__ volatile("la sp, stack_top\n  call cost_main\n");
}
