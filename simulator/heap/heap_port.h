// What the heap needs from the place where it runs. Each platform defines these once: heap_port_host.c for tests on the host,
// the simulator's board and the bare-metal firmware for theirs.
#ifndef HEAP_PORT_H
#define HEAP_PORT_H

// Around each change of a region. Never nested.
void heap_port_lock(void);
void heap_port_unlock(void);

// The heap has found itself corrupt, or was given a pointer that cannot be one of its blocks; ESP-IDF stops with an assertion
// there. `address` is the block or the pointer. Does not return.
__attribute__((noreturn)) void heap_port_abort(const char *message, const void *address);

#endif
