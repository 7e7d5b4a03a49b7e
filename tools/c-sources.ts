// The C files of the probe, of the simulated heap and of the small C library, for everything that compiles them. Paths are relative to the
// project's root.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./build-c.ts";

/** The heap, without a heap_port_*.c; include simulator/heap. */
export const HEAP_SOURCES = [
  "simulator/heap/tlsf.c",
  "simulator/heap/heap_regions.c",
  "simulator/heap/heap_caps_base.c",
  "simulator/heap/heap_caps.c",
  "simulator/heap/heap_caps_info.c",
] as const;

/** The heap in a process of this machine: heap_port_host_add() sets up regions. */
export const HEAP_HOST_SOURCES = [...HEAP_SOURCES, "simulator/heap/heap_port_host.c"] as const;

/** What a C library would bring; include simulator/libc/include and compile with -fno-builtin. */
export const LIBC_SOURCES = [
  "simulator/libc/string.c",
  "simulator/libc/stdio.c",
  "simulator/heap/libc_heap.c",
] as const;

/** Include folders of the probe where there is no ESP-IDF. */
export const PROBE_INCLUDES = [
  "firmware/memmap/include",
  "firmware/memmap/port",
  "firmware/memmap/port/standin",
  "firmware/memmap/src",
] as const;

/** The probe, without a port. */
export function probeSources(): string[] {
  const folder = "firmware/memmap/src";
  return readdirSync(join(projectRoot, folder))
    .filter((name) => name.endsWith(".c"))
    .sort()
    .map((name) => `${folder}/${name}`);
}

/** What makes the linker send the heap's five entries, the callback for failures and the size of a block through the probe; goes with CONFIG_MEMMAP_INTERPOSE=1. */
export const INTERPOSE_FLAGS: readonly string[] = [
  "heap_caps_malloc_base",
  "heap_caps_calloc_base",
  "heap_caps_realloc_base",
  "heap_caps_aligned_alloc_base",
  "heap_caps_free",
  "heap_caps_register_failed_alloc_callback",
  "heap_caps_get_allocated_size",
].map((symbol) => `-Wl,--wrap=${symbol}`);

/** What is interposed in front of those with CONFIG_MEMMAP_DIRECT_CALLERS=1. */
export const DIRECT_CALLER_FLAGS: readonly string[] = [
  ...["malloc", "calloc", "realloc", "memalign", "aligned_alloc", "posix_memalign", "free"],
  ...["_malloc_r", "_calloc_r", "_realloc_r", "_free_r", "strdup", "strndup", "pvPortMalloc", "vPortFree"],
  ...[
    "heap_caps_malloc",
    "heap_caps_calloc",
    "heap_caps_realloc",
    "heap_caps_aligned_alloc",
    "heap_caps_aligned_calloc",
    "heap_caps_malloc_prefer",
    "heap_caps_calloc_prefer",
    "heap_caps_realloc_prefer",
  ],
  ...["_Znwj", "_Znaj", "_ZnwjRKSt9nothrow_t", "_ZnajRKSt9nothrow_t", "_ZdlPv", "_ZdaPv", "_ZdlPvj", "_ZdaPvj"],
].map((symbol) => `-Wl,--wrap=${symbol}`);
