// The probe's port to the simulator: one WebAssembly module on the simulated heap. What only the simulated board can know (time,
// the running task, where bytes go) comes through the imports of the module "board"; see simulator/module.ts. The heap's half is in
// port_simulated_heap.c.
#include "memmap_port.h"

#include "heap_port.h"
#include "simulator_board.h"

#include <stdio.h>
#include <string.h>

#define IMPORT(name) __attribute__((import_module("board"), import_name(name)))

IMPORT("write") bool import_write(const uint8_t *bytes, size_t length);
IMPORT("read") size_t import_read(uint8_t *bytes, size_t capacity);
IMPORT("print") void import_print(const char *text, size_t length);
IMPORT("panic") __attribute__((noreturn)) void import_panic(const char *message, const void *address);

simulator_board_t simulator_board;

// One thread: nothing can come in between.
void memmap_port_lock(void) {}
void memmap_port_unlock(void) {}

uint64_t memmap_port_time_us(void) { return simulator_board.time_us; }

memmap_context_t memmap_port_context(void)
{
    return (memmap_context_t){
        .task = simulator_board.in_interrupt ? MEMMAP_IN_INTERRUPT : simulator_board.task,
        .core = simulator_board.core,
    };
}

bool memmap_port_task_name(uintptr_t task, char *name, size_t size)
{
    strncpy(name, (const char *)task + SIMULATOR_TASK_NAME_OFFSET, size - 1);
    name[size - 1] = 0;
    return true;
}

// WebAssembly cannot see its own return addresses: the scenario says what they would be on the chip.
size_t memmap_port_callers(const void *immediate, uintptr_t *callers, size_t capacity)
{
    (void)immediate;
    size_t count = simulator_board.caller_count;
    if (count > capacity) count = capacity;
    for (size_t i = 0; i < count; i++) callers[i] = simulator_board.callers[i];
    if (count == 0) callers[count++] = SIMULATOR_UNKNOWN_CALLER;
    return count;
}

void memmap_port_abort(void) { import_panic("memmap: stopped at the first fault", NULL); }

void memmap_port_identity(memmap_identity_t *identity)
{
    *identity = (memmap_identity_t){
        .boot_id = simulator_board.boot_id,
        .chip = simulator_board.chip,
        .idf_version = simulator_board.idf_version,
        .app_name = simulator_board.app_name,
        .app_version = simulator_board.app_version,
        .reset_reason = simulator_board.reset_reason,
        .cores = simulator_board.cores,
    };
}

bool memmap_port_may_wait(void) { return !simulator_board.in_interrupt; }

void memmap_port_print_without_lock(const char *text, size_t length) { import_print(text, length); }
void memmap_port_print(const char *text, size_t length) { import_print(text, length); }
bool memmap_port_write(const uint8_t *bytes, size_t length) { return import_write(bytes, length); }
size_t memmap_port_read(uint8_t *bytes, size_t capacity) { return import_read(bytes, capacity); }

// One thread: who waits would wait for ever.
bool memmap_port_wait(uint32_t milliseconds)
{
    (void)milliseconds;
    return false;
}

bool memmap_port_start_drain(bool (*step)(void), uint32_t period_ms)
{
    simulator_board.drain_step = step;
    simulator_board.drain_period_ms = period_ms;
    return true;
}

// --- What heap and C library need ---

void heap_port_lock(void) {}
void heap_port_unlock(void) {}
void heap_port_abort(const char *message, const void *address) { import_panic(message, address); }
void libc_write(const char *text, size_t length) { import_print(text, length); }
