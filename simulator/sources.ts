// The C files that make up the simulated heap and the small C library, for everything that compiles them. Relative to the project's root.

/** The heap, without a heap_port_*.c. */
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
