// Replays a recording of allocator calls against the heap and compares every address, relative to the first one.
// Standard input: CSV lines `op,address,size,…,old_address`; arguments: bytes of the region.
// Prints the number of calls that gave the recorded address and of calls that did not.
#include "../esp_heap_caps.h"
#include "../heap_port_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    const uint32_t bytes = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 0) : 0x40000;
    const heap_region_t region = {.caps = {MALLOC_CAP_DEFAULT}, .start = 0x3FFB0000, .end = 0x3FFB0000 + bytes};
    if (!heap_port_host_add(&region)) return 2;
    char line[256];
    uint32_t shift = 0;
    unsigned same = 0, different = 0;
    while (fgets(line, sizeof line, stdin) != NULL) {
        char op[16];
        unsigned address, size, site, task, time, old;
        if (sscanf(line, "%15[^,],%u,%u,%u,%u,%u,%u", op, &address, &size, &site, &task, &time, &old) != 7) continue;
        void *result = NULL;
        if (strcmp(op, "free") == 0) {
            heap_caps_free((void *)(uintptr_t)(address + shift));
            continue;
        }
        if (strcmp(op, "realloc") == 0) result = heap_caps_realloc((void *)(uintptr_t)(old + shift), size, MALLOC_CAP_DEFAULT);
        else result = heap_caps_malloc(size, MALLOC_CAP_DEFAULT);
        const uint32_t got = (uint32_t)(uintptr_t)result;
        if (shift == 0) shift = got - address;
        if (got == address + shift) {
            same++;
        } else {
            if (different++ == 0) printf("first difference after %u calls: %s of %u at %#x, recorded %#x\n", same, op, size, got - shift, address);
            break;  // from here on a recorded free names a block that we do not have
        }
    }
    printf("%u same, %u different\n", same, different);
    return different == 0 ? 0 : 1;
}
