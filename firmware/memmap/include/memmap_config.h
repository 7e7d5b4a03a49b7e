// The probe's configuration: Kconfig's values on ESP-IDF, the same defaults elsewhere. Each may be set with -DCONFIG_MEMMAP_…=….
// What each costs stands in Kconfig.
#ifndef MEMMAP_CONFIG_H
#define MEMMAP_CONFIG_H

#if defined(ESP_PLATFORM)
#include "sdkconfig.h"
#elif !defined(CONFIG_MEMMAP_ENABLE)
#define CONFIG_MEMMAP_ENABLE 1
#endif

// Arduino and PlatformIO's libraries take no part in Kconfig, and what library.json defines reaches the library alone: so what program and
// library have to agree on stands here. Build flags of the project reach both. The transport is given to memmap_stream_start() there.
#if defined(ESP_PLATFORM) && !defined(CONFIG_MEMMAP_KCONFIG)
#ifndef CONFIG_MEMMAP_ENABLE
#define CONFIG_MEMMAP_ENABLE 1
#endif
#ifndef CONFIG_MEMMAP_IN_IRAM
#define CONFIG_MEMMAP_IN_IRAM 1
#endif
#ifndef CONFIG_MEMMAP_PRINT_REPORTS
#define CONFIG_MEMMAP_PRINT_REPORTS 1
#endif
#ifndef CONFIG_MEMMAP_DRAIN_PRIORITY
#define CONFIG_MEMMAP_DRAIN_PRIORITY 1
#endif
#ifndef CONFIG_MEMMAP_TCP
#define CONFIG_MEMMAP_TCP 1
#endif
#ifndef CONFIG_MEMMAP_FLIGHT_RECORDER
#define CONFIG_MEMMAP_FLIGHT_RECORDER 1
#endif
#if CONFIG_HEAP_USE_HOOKS && !CONFIG_MEMMAP_INTERPOSE
#define CONFIG_MEMMAP_HOOKS 1
#endif
#endif

// Kconfig leaves a bool that is "n" undefined.
#if defined(CONFIG_MEMMAP_ENABLE) && CONFIG_MEMMAP_ENABLE
#define MEMMAP_ENABLE 1
#else
#define MEMMAP_ENABLE 0
#endif

// The newest events and the reports outlive a panic.
#if defined(CONFIG_MEMMAP_SURVIVE) && CONFIG_MEMMAP_SURVIVE
#define MEMMAP_SURVIVE 1
#ifndef CONFIG_MEMMAP_SURVIVE_BYTES
#define CONFIG_MEMMAP_SURVIVE_BYTES 4096
#endif
#else
#define MEMMAP_SURVIVE 0
#endif
#if MEMMAP_SURVIVE && defined(ESP_PLATFORM) && !defined(CONFIG_MEMMAP_KCONFIG)
#error "memmap: CONFIG_MEMMAP_SURVIVE needs ESP-IDF's own build, which puts the probe in front of the panic handler by a linker flag"
#endif
#if MEMMAP_SURVIVE && (defined(CONFIG_ESP_SYSTEM_PANIC_PRINT_HALT) || defined(CONFIG_ESP_SYSTEM_PANIC_GDBSTUB))
#error "memmap: CONFIG_MEMMAP_SURVIVE keeps events over the reset after a panic, and this configuration does not reset: set Component config > \
ESP System Settings > Panic handler behaviour to Print registers and reboot, or Silent reboot"
#endif

// The classic API with the original's types, for code that declares its functions itself, takes their addresses or keeps what
// MemoryTraceInfo points to in a `char *`.
#if defined(CONFIG_MEMMAP_CLASSIC_SIGNATURES) && CONFIG_MEMMAP_CLASSIC_SIGNATURES
#define MEMMAP_CLASSIC_SIGNATURES 1
#else
#define MEMMAP_CLASSIC_SIGNATURES 0
#endif

// Faults and failed allocations as text on the console.
#if !defined(ESP_PLATFORM) && !defined(CONFIG_MEMMAP_PRINT_REPORTS)
#define CONFIG_MEMMAP_PRINT_REPORTS 1
#endif

// Link-time interposition: the program is linked with -Wl,--wrap for the five heap symbols (see interpose.c).
#if defined(CONFIG_MEMMAP_INTERPOSE) && CONFIG_MEMMAP_INTERPOSE
#define MEMMAP_INTERPOSE 1
#else
#define MEMMAP_INTERPOSE 0
#endif

// The functions in front of those are interposed too, so that sites are the program's own (see callers.c).
#if MEMMAP_INTERPOSE && defined(CONFIG_MEMMAP_DIRECT_CALLERS) && CONFIG_MEMMAP_DIRECT_CALLERS
#define MEMMAP_DIRECT_CALLERS 1
#else
#define MEMMAP_DIRECT_CALLERS 0
#endif

// Hook mode: ESP-IDF reports what its heap does (see hooks.c for the limits).
#if defined(CONFIG_MEMMAP_HOOKS) && CONFIG_MEMMAP_HOOKS
#define MEMMAP_HOOKS 1
#else
#define MEMMAP_HOOKS 0
#endif
#if MEMMAP_HOOKS && MEMMAP_INTERPOSE
#error "memmap: choose one of CONFIG_MEMMAP_INTERPOSE and CONFIG_MEMMAP_HOOKS: with both, every allocation would be seen twice"
#endif
#if MEMMAP_INTERPOSE && defined(CONFIG_HEAP_TRACING)
#error "memmap: ESP-IDF's heap tracing wraps the same functions. In menuconfig set Component config > Heap memory debugging > \
Heap tracing to Disabled, or use CONFIG_MEMMAP_HOOKS"
#endif
#if MEMMAP_HOOKS && defined(ESP_PLATFORM) && !defined(CONFIG_HEAP_USE_HOOKS)
#error "memmap: CONFIG_MEMMAP_HOOKS needs CONFIG_HEAP_USE_HOOKS (Component config > Heap memory debugging)"
#endif

// Blocks that the table holds; a slot costs 13 or 14 bytes (2 more with very many slots, sites and tasks). 16 to 32,767.
#ifndef CONFIG_MEMMAP_TABLE_CAPACITY
#define CONFIG_MEMMAP_TABLE_CAPACITY 2048
#endif
// The table is taken from the heap once, before tracking starts, or from PSRAM: so much of what is free there then, and at most the slots
// above. See memmap_take_table().
#if defined(CONFIG_MEMMAP_TABLE_FROM_PSRAM) && CONFIG_MEMMAP_TABLE_FROM_PSRAM
#define MEMMAP_TABLE_TAKEN 1
#define MEMMAP_TABLE_CAPS (MALLOC_CAP_SPIRAM | MALLOC_CAP_8BIT)
#elif defined(CONFIG_MEMMAP_TABLE_FROM_HEAP) && CONFIG_MEMMAP_TABLE_FROM_HEAP
#define MEMMAP_TABLE_TAKEN 1
#define MEMMAP_TABLE_CAPS (MALLOC_CAP_INTERNAL | MALLOC_CAP_8BIT)
#else
#define MEMMAP_TABLE_TAKEN 0
#endif
#if defined(CONFIG_MEMMAP_TABLE_FROM_PSRAM) && CONFIG_MEMMAP_TABLE_FROM_PSRAM && defined(CONFIG_MEMMAP_IN_IRAM) && CONFIG_MEMMAP_IN_IRAM
#error "memmap: CONFIG_MEMMAP_TABLE_FROM_PSRAM: PSRAM cannot be read while the flash cache is off, when CONFIG_MEMMAP_IN_IRAM lets memory be \
allocated. Set CONFIG_MEMMAP_IN_IRAM=n (then nothing may allocate there; CONFIG_HEAP_PLACE_FUNCTION_INTO_FLASH sees to that), or use CONFIG_MEMMAP_TABLE_FROM_HEAP"
#endif
#ifndef CONFIG_MEMMAP_TABLE_SHARE
#define CONFIG_MEMMAP_TABLE_SHARE 10
#endif
// Call sites. 8 to 16,383.
#ifndef CONFIG_MEMMAP_SITE_CAPACITY
#define CONFIG_MEMMAP_SITE_CAPACITY 256
#endif
// Sites given as file, line and function by hand (traceable_* and register_allocation), not by the macros' descriptors.
#ifndef CONFIG_MEMMAP_NAMED_SITE_CAPACITY
#define CONFIG_MEMMAP_NAMED_SITE_CAPACITY 64
#endif
// Return addresses of a site found by interposition. 1 to 32.
#ifndef CONFIG_MEMMAP_STACK_DEPTH
#define CONFIG_MEMMAP_STACK_DEPTH 1
#endif
// Tasks told apart. 4 to 120.
#ifndef CONFIG_MEMMAP_TASK_CAPACITY
#define CONFIG_MEMMAP_TASK_CAPACITY 32
#endif
// Frame buffers between allocations and the drain, and their size in bytes, checksum included. 256 to 512 each, 2 to 255 of them.
#ifndef CONFIG_MEMMAP_FRAME_COUNT
#define CONFIG_MEMMAP_FRAME_COUNT 8
#endif
#ifndef CONFIG_MEMMAP_FRAME_BYTES
#define CONFIG_MEMMAP_FRAME_BYTES 480
#endif
// A tick of the stream's clock is 2^n microseconds. 0 to 10.
#ifndef CONFIG_MEMMAP_TICK_SHIFT
#define CONFIG_MEMMAP_TICK_SHIFT 3
#endif
// Fill behind each block, in bytes, a multiple of 4 up to 64, and 16 more where nothing is interposed; 0 leaves red zones out.
#ifndef CONFIG_MEMMAP_RED_ZONE_BYTES
#define CONFIG_MEMMAP_RED_ZONE_BYTES 8
#endif
// Freed blocks remembered with both their sites: 23 bytes each. 2 to 32,767.
#ifndef CONFIG_MEMMAP_FREED_HISTORY
#define CONFIG_MEMMAP_FREED_HISTORY 64
#endif
// Freed bytes kept back from the heap to see writes after free; 0 leaves the quarantine out.
#ifndef CONFIG_MEMMAP_QUARANTINE_BYTES
#define CONFIG_MEMMAP_QUARANTINE_BYTES 4096
#endif
// One allocation in so many is tracked. 1: all.
#ifndef CONFIG_MEMMAP_SAMPLE_INTERVAL
#define CONFIG_MEMMAP_SAMPLE_INTERVAL 1
#endif
// One block every so many bytes is tracked. 0: not by bytes.
#ifndef CONFIG_MEMMAP_SAMPLE_BYTES
#define CONFIG_MEMMAP_SAMPLE_BYTES 0
#endif
// Milliseconds between looks at some blocks' red zones; 0: none. And how many blocks each time.
#ifndef CONFIG_MEMMAP_CHECK_PERIOD_MS
#define CONFIG_MEMMAP_CHECK_PERIOD_MS 0
#endif
#ifndef CONFIG_MEMMAP_CHECK_BLOCKS
#define CONFIG_MEMMAP_CHECK_BLOCKS 16
#endif
// Fault and failure reports kept on the chip, each.
#ifndef CONFIG_MEMMAP_REPORT_CAPACITY
#define CONFIG_MEMMAP_REPORT_CAPACITY 6
#endif
// Stack of the task that sends (ESP-IDF).
#define MEMMAP_DRAIN_STACK_BYTES 3584
// Seconds between heartbeats, between states of the regions, and between snapshots; 0: only when asked for.
#ifndef CONFIG_MEMMAP_HEARTBEAT_SECONDS
#define CONFIG_MEMMAP_HEARTBEAT_SECONDS 1
#endif
#ifndef CONFIG_MEMMAP_REGIONS_SECONDS
#define CONFIG_MEMMAP_REGIONS_SECONDS 10
#endif
#ifndef CONFIG_MEMMAP_SNAPSHOT_SECONDS
#define CONFIG_MEMMAP_SNAPSHOT_SECONDS 60
#endif
// Events after which a snapshot is due even before its time; 0: never.
#ifndef CONFIG_MEMMAP_SNAPSHOT_EVENTS
#define CONFIG_MEMMAP_SNAPSHOT_EVENTS 20000
#endif

#endif // MEMMAP_CONFIG_H
