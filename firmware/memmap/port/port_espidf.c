// The probe on ESP-IDF 5.3 and later, for all its chips. The transports are in port_espidf_transport.c.
#include "sdkconfig.h"

#if CONFIG_MEMMAP_ENABLE

// heap_private.h needs the type of the heap's lock, which the heap component selects for itself.
#ifndef MULTI_HEAP_FREERTOS
#define MULTI_HEAP_FREERTOS
#endif

#include <stdio.h>
#include <string.h>

#include "esp_app_desc.h"
#include "esp_attr.h"
#include "esp_cpu.h"
#include "esp_heap_caps.h"
#include "esp_idf_version.h"
#include "esp_memory_utils.h"
#include "esp_private/cache_utils.h"
#include "esp_random.h"
#include "esp_rom_sys.h"
#include "esp_system.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#if __has_include("heap_private.h")
#include "heap_private.h" // private to the heap component: CMakeLists.txt finds it, other build systems may not
#define KNOWS_HEAPS 1
#else
#define HEAP_LAST_BLOCK_REACH UINT32_MAX // its bounds are those of all memory
#endif
#include "heap_words.h"
#include "memmap_port.h"
#include "memmap_real.h"
#include "multi_heap.h"
#include "soc/soc.h"

#if CONFIG_MEMMAP_IN_IRAM
#define HOT IRAM_ATTR
#else
#define HOT
#endif

static portMUX_TYPE lock = portMUX_INITIALIZER_UNLOCKED;

void HOT memmap_port_lock(void) { portENTER_CRITICAL_SAFE(&lock); }
void HOT memmap_port_unlock(void) { portEXIT_CRITICAL_SAFE(&lock); }

uint64_t HOT memmap_port_time_us(void) { return (uint64_t)esp_timer_get_time(); }

// FreeRTOS's own answer may lie in flash (its default since 6.0), and heap calls come with the flash cache off.
extern void *volatile pxCurrentTCBs[];

memmap_context_t HOT memmap_port_context(void)
{
    uint32_t core = (uint32_t)esp_cpu_get_core_id();
    return (memmap_context_t){.task = xPortInIsrContext() ? MEMMAP_IN_INTERRUPT : (uintptr_t)pxCurrentTCBs[core], .core = core};
}

bool HOT memmap_port_flash_ready(void) { return spi_flash_cache_enabled(); }

bool HOT memmap_port_task_name(uintptr_t task, char *name, size_t size)
{
    if (!memmap_port_flash_ready()) return false;
    const char *from = pcTaskGetName((TaskHandle_t)task);
    size_t length = 0;
    for (; length + 1 < size && from[length]; length++) name[length] = from[length];
    name[length] = '\0';
    return true;
}

// --- Panic -----------------------------------------------------------------------------------------------------------------------

#if CONFIG_MEMMAP_PANIC_HANDLER
#include "esp_private/panic_internal.h"

void __real_esp_panic_handler(panic_info_t *info);
void __wrap_esp_panic_handler(panic_info_t *info);

void __wrap_esp_panic_handler(panic_info_t *info)
{
    // Whoever held the lock was stopped on the other core, or is what has panicked.
    lock = (portMUX_TYPE)portMUX_INITIALIZER_UNLOCKED;
    memmap_panic(info->exception == PANIC_EXCEPTION_ABORT && g_panic_abort_details ? g_panic_abort_details : info->reason);
    __real_esp_panic_handler(info);
}
#endif

#if CONFIG_MEMMAP_SURVIVE
#include "esp_private/startup_internal.h"
#include "kept.h"

// Before the heap is made (priority 100).
ESP_SYSTEM_INIT_FN(memmap_look_at_kept, CORE, BIT(0), 90)
{
    mm_kept_boot();
    return ESP_OK;
}
void memmap_port_boot_included(void);
void memmap_port_boot_included(void) {} // named to the linker, so that it takes this file
#endif

// --- The heap --------------------------------------------------------------------------------------------------------------------

void *HOT memmap_port_malloc(size_t size, uint32_t caps) { return MEMMAP_REAL(heap_caps_malloc_base)(size, caps); }

void *HOT memmap_port_calloc(size_t count, size_t size, uint32_t caps)
{
    return MEMMAP_REAL(heap_caps_calloc_base)(count, size, caps);
}

void *HOT memmap_port_realloc(void *pointer, size_t size, uint32_t caps)
{
    return MEMMAP_REAL(heap_caps_realloc_base)(pointer, size, caps);
}

void *HOT memmap_port_aligned_alloc(size_t alignment, size_t size, uint32_t caps)
{
    return MEMMAP_REAL(heap_caps_aligned_alloc_base)(alignment, size, caps);
}

void HOT memmap_port_free(void *pointer) { MEMMAP_REAL(heap_caps_free)(pointer); }

// Memory that the heap knows by another address is in no region, nor within these bounds: executable memory on aliased D/IRAM, before
// which stands that address and not a size.
void memmap_port_look(const void *pointer, memmap_look_t *look)
{
    look->state = MEMMAP_BLOCK_UNKNOWN;
#if CONFIG_COMPILER_KASAN
    (void)pointer; // its red zones stand between the heap's words and the pointer
#elif KNOWS_HEAPS
    static heap_t *volatile last; // most are where the one before was; one word, so that both cores may write it
    heap_t *heap = last;
    if (heap == NULL || (intptr_t)pointer < heap->start || (intptr_t)pointer >= heap->end) {
        SLIST_FOREACH(heap, &registered_heaps, next) {
            if (heap->heap != NULL && (intptr_t)pointer >= heap->start && (intptr_t)pointer < heap->end) break;
        }
        if (heap == NULL) return;
        last = heap;
    }
    heap_look(pointer, (uint32_t)heap->start, (uint32_t)heap->end, look);
#else
    if (!esp_ptr_in_dram(pointer)) return;
    heap_look(pointer, SOC_DRAM_LOW, SOC_DRAM_HIGH, look); // all of one bus: what lies in it can be read
    look->region = 0;
#endif
}

typedef struct {
    const char *block;
    bool within, used;
} search_t;

static bool look_for(walker_heap_into_t heap, walker_block_info_t block, void *argument)
{
    search_t *search = argument;
    intptr_t address = (intptr_t)search->block;
    if (address < heap.start || address >= heap.end) return false;
    search->within = true;
    if (block.ptr == search->block) search->used = block.used;
    return block.ptr != search->block;
}

memmap_block_state_t memmap_port_block_state(const void *pointer)
{
    // The walk shows the heap's blocks, which begin before the pointers handed out.
    search_t search = {.block = (const char *)pointer - MEMMAP_HEAP_BYTES_BEFORE};
    heap_caps_walk_all(look_for, &search);
    if (!search.within) return MEMMAP_BLOCK_UNKNOWN; // by the other bus perhaps, as executable memory of the ESP32 is
    return search.used ? MEMMAP_BLOCK_USED : MEMMAP_BLOCK_NOT_USED;
}

void HOT memmap_port_allocation_failed(void)
{
#if CONFIG_HEAP_ABORT_WHEN_ALLOCATION_FAILS
    esp_system_abort("Memory allocation failed");
#endif
}

void memmap_port_abort(void) { esp_system_abort("memmap: fault"); }

#if KNOWS_HEAPS
bool memmap_port_region(size_t index, bool walk, memmap_region_t *region)
{
    heap_t *heap;
    SLIST_FOREACH(heap, &registered_heaps, next) {
        if (heap->heap == NULL) continue; // not in use yet
        if (index-- != 0) continue;
        multi_heap_info_t info = {0};
        if (walk) multi_heap_get_info(heap->heap, &info);
        *region = (memmap_region_t){
            .start = (uint32_t)heap->start,
            .end = (uint32_t)heap->end,
            .caps = get_all_caps(heap),
            .free = (uint32_t)multi_heap_free_size(heap->heap),
            .largest_free = (uint32_t)info.largest_free_block,
            .lowest_free = (uint32_t)multi_heap_minimum_free_size(heap->heap),
            .name = "",
        };
        return true;
    }
    return false;
}
#else
typedef struct {
    size_t index;
    intptr_t start;
    memmap_region_t *region;
} walk_t;

// Sums up the blocks of region number `index`; the callback sees one region after the other.
static bool sum_up(walker_heap_into_t heap, walker_block_info_t block, void *argument)
{
    walk_t *walk = argument;
    if (heap.start != walk->start) {
        if (walk->region->start != 0) return false;
        walk->start = heap.start;
        if (walk->index-- != 0) return false;
        walk->region->start = (uint32_t)heap.start;
        walk->region->end = (uint32_t)heap.end;
    }
    if (walk->region->start != (uint32_t)heap.start) return false;
    if (!block.used) {
        walk->region->free += (uint32_t)block.size;
        if (block.size > walk->region->largest_free) walk->region->largest_free = (uint32_t)block.size;
    }
    return true;
}

bool memmap_port_region(size_t index, bool walk_allowed, memmap_region_t *region)
{
    (void)walk_allowed;
    *region = (memmap_region_t){.name = ""};
    if (xPortInIsrContext()) return false;
    walk_t walk = {.index = index, .region = region};
    heap_caps_walk_all(sum_up, &walk);
    // What is certain without the heap's own table: where the memory lies.
    region->caps = esp_ptr_external_ram((void *)region->start) ? MALLOC_CAP_SPIRAM | MALLOC_CAP_8BIT | MALLOC_CAP_DEFAULT
                   : esp_ptr_byte_accessible((void *)region->start)
                       ? MALLOC_CAP_INTERNAL | MALLOC_CAP_8BIT | MALLOC_CAP_DMA | MALLOC_CAP_DEFAULT
                       : MALLOC_CAP_INTERNAL | MALLOC_CAP_32BIT | MALLOC_CAP_EXEC;
    region->lowest_free = region->free;
    return region->start != 0;
}
#endif

// --- Identity, console, drain ------------------------------------------------------------------------------------------------------

void memmap_port_identity(memmap_identity_t *identity)
{
    const esp_app_desc_t *app = esp_app_get_description();
    *identity = (memmap_identity_t){
        .boot_id = esp_random() | 1,
        .chip = CONFIG_IDF_TARGET,
        .idf_version = esp_get_idf_version(),
        .app_name = app->project_name,
        .app_version = app->version,
        .elf_sha256 = app->app_elf_sha256,
        .reset_reason = (uint32_t)esp_reset_reason(),
        .cores = portNUM_PROCESSORS,
    };
}

void memmap_port_print(const char *text, size_t length) { fwrite(text, 1, length, stdout); }

void memmap_port_print_without_lock(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) esp_rom_printf("%c", text[i]);
}

bool memmap_port_may_wait(void)
{
    if (xTaskGetSchedulerState() == taskSCHEDULER_NOT_STARTED) return !xPortInIsrContext(); // stdout takes no lock then
    return !xPortInIsrContext() && xPortCanYield() && xTaskGetSchedulerState() == taskSCHEDULER_RUNNING;
}

bool memmap_port_wait(uint32_t milliseconds)
{
    if (!memmap_port_may_wait() || xTaskGetSchedulerState() != taskSCHEDULER_RUNNING) return false;
    TickType_t ticks = pdMS_TO_TICKS(milliseconds);
    vTaskDelay(ticks ? ticks : 1);
    return true;
}

static bool (*drain_step)(void);
static TickType_t drain_period;

static void drain_task(void *argument)
{
    (void)argument;
    for (;;) {
        // Other tasks of this priority get their turn while there is much to send.
        if (drain_step()) taskYIELD();
        else vTaskDelay(drain_period);
    }
}

bool memmap_port_start_drain(bool (*step)(void), uint32_t period_ms)
{
    static StaticTask_t control;
    static StackType_t stack[MEMMAP_DRAIN_STACK_BYTES / sizeof(StackType_t)];
    drain_step = step;
    drain_period = pdMS_TO_TICKS(period_ms) ? pdMS_TO_TICKS(period_ms) : 1;
    return xTaskCreateStaticPinnedToCore(drain_task, "memmap", sizeof stack / sizeof stack[0], NULL,
                                         CONFIG_MEMMAP_DRAIN_PRIORITY, stack, &control, tskNO_AFFINITY) != NULL;
}

#endif // CONFIG_MEMMAP_ENABLE
