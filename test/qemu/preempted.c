// A program that uses the heap, and a timer's interrupts that use it too and come at any instruction: in the middle of the probe, of the
// heap, of the drain. Each keeps a list of its own; at the end both are held against the table, and printed for whoever decodes the stream.
#include "bare_board.h"
#include "memmap.h"
#include "table.h"

#include <stdio.h>
#include <string.h>

enum { CALLS = 40000, BLOCKS = 120, CLINT_COMPARE_LOW = 0x02004000, CLINT_COMPARE_HIGH = 0x02004004, CLINT_TIME_LOW = 0x0200bff8 };

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define CSR(instruction, value) __asm__ volatile(".option push\n.option arch, +zicsr\n" instruction "\n.option pop" ::"r"(value) : "memory")

typedef struct {
    uint32_t random, calls, failed;
    struct {
        uint8_t *pointer;
        uint32_t size;
    } block[BLOCKS];
} worker_t;

static worker_t program = {.random = 1}, interrupt = {.random = 2};
static uint32_t wrong, inside; // blocks whose content was not what was written; interrupts that came inside a call of the program's
static volatile bool calling;

static uint32_t random_number(worker_t *worker)
{
    worker->random ^= worker->random << 13;
    worker->random ^= worker->random >> 17;
    worker->random ^= worker->random << 5;
    return worker->random;
}

// Its address is what a block holds: by it everybody sees whether it is still the own one.
static void fill(uint8_t *pointer, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++) pointer[i] = (uint8_t)(mm_address(pointer) >> 2);
}

static void check(const uint8_t *pointer, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++) wrong += pointer[i] != (uint8_t)(mm_address(pointer) >> 2);
}

static void call(worker_t *worker)
{
    uint32_t which = random_number(worker) % BLOCKS, kind = random_number(worker) % 4, size = 1 + random_number(worker) % 200;
    uint8_t *pointer = worker->block[which].pointer, *result;
    worker->calls++;
    if (pointer) check(pointer, worker->block[which].size);
    if (pointer && kind != 0) {
        worker->block[which].pointer = NULL;
        if (kind == 1) heap_caps_free(pointer);
        else TRACE_FREE(pointer);
        return;
    }
    if (pointer) result = TRACE_REALLOC(pointer, size, MALLOC_CAP_8BIT);
    else result = kind < 2 ? heap_caps_malloc(size, MALLOC_CAP_8BIT) : TRACE_CALLOC(1, size, MALLOC_CAP_8BIT);
    worker->failed += result == NULL;
    if (!result) return;
    fill(result, size);
    worker->block[which].pointer = result;
    worker->block[which].size = size;
}

// In 0.1 to 6.4 microseconds: a call takes about ten.
static void set_timer(void)
{
    REGISTER(CLINT_COMPARE_HIGH) = UINT32_MAX;
    REGISTER(CLINT_COMPARE_LOW) = REGISTER(CLINT_TIME_LOW) + 1 + random_number(&interrupt) % 64;
    REGISTER(CLINT_COMPARE_HIGH) = 0;
}

void bare_trap(uint32_t cause, uint32_t pc, uint32_t value);

static __attribute__((interrupt("machine"), aligned(4))) void on_trap(void)
{
    uint32_t cause, pc;
    __asm__ volatile(".option push\n.option arch, +zicsr\ncsrr %0, mcause\ncsrr %1, mepc\n.option pop" : "=r"(cause), "=r"(pc));
    if (!(cause & 0x80000000U)) bare_trap(cause, pc, 0);
    bare_in_interrupt = true;
    inside += calling;
    call(&interrupt);
    set_timer();
    bare_in_interrupt = false;
}

static void print(const worker_t *worker, const char *name)
{
    printf("%s %u calls %u failed\n", name, (unsigned)worker->calls, (unsigned)worker->failed);
    for (uint32_t i = 0; i < BLOCKS; i++) {
        uint32_t address = mm_address(worker->block[i].pointer);
        if (address == 0) continue;
        const mm_block_t *block = &mm_blocks[mm_table_look_up(address)];
        wrong += block->address != address || mm_block_size(block) != worker->block[i].size;
        printf("block 0x%x %u\n", (unsigned)address, (unsigned)worker->block[i].size);
    }
}

int main(void)
{
    static bare_task_t main_task = {"main"};
    bare_heap_start();
    bare_task = &main_task;
    memmap_options.print_failures = false;
    memmap_stream_start(NULL);
    CSR("csrw mtvec, %0", on_trap);
    set_timer();
    CSR("csrs mie, %0", 0x80);
    CSR("csrs mstatus, %0", 8);
    for (uint32_t i = 0; i < CALLS; i++) {
        calling = true;
        call(&program);
        calling = false;
        if (i % 16 == 0) memmap_drain();
        if (i % 64 == 0) memmap_check(8);
        if (i % 5000 == 0) memmap_mark("by the way");
    }
    CSR("csrc mie, %0", 0x80);
    memmap_statistics_t now;
    memmap_statistics(&now);
    print(&program, "program");
    print(&interrupt, "interrupt");
    printf("end %u wrong %u inside %u live %u bytes %u faults %u unknown\n", (unsigned)wrong, (unsigned)inside, (unsigned)now.live_blocks,
           (unsigned)now.live_bytes, (unsigned)now.faults, (unsigned)now.unknown_frees);
    memmap_request_snapshot();
    memmap_flush();
    memmap_mark("end");
    memmap_flush();
    for (;;) memmap_drain();
}
