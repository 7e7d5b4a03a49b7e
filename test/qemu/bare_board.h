// The few devices of QEMU's machine "virt" that the programs here use.
#ifndef BARE_BOARD_H
#define BARE_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef BARE_APP_NAME
#define BARE_APP_NAME "qemu"
#endif

// What stands in for a task control block: cooperative programs set bare_task themselves.
typedef struct {
    const char *name;
} bare_task_t;

extern bare_task_t *bare_task;  // NULL: before the scheduler
extern bool bare_in_interrupt;

uint64_t bare_time_us(void);
uint32_t bare_random(void);  // differs from start to start
void bare_uart_write(const void *bytes, size_t length);
size_t bare_uart_read(void *bytes, size_t capacity);  // what has arrived
bool bare_is_stack(const void *pointer);
bool bare_is_code(uintptr_t address);
void bare_power_off(int status) __attribute__((noreturn));

// Adds the heap: all RAM behind the program, as one region with the caps of a chip's internal RAM.
void bare_heap_start(void);

#endif
