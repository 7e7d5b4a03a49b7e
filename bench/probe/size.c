// A program for measuring the probe's size: the functions to be kept are named to the linker, so that it needs to call nothing.
#include "heap_port.h"

void heap_port_lock(void) {}
void heap_port_unlock(void) {}

_Noreturn void heap_port_abort(const char *message, const void *address)
{
    (void)message, (void)address;
    for (;;) {
    }
}
