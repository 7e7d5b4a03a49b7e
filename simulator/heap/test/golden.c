// Replays calls that were made of ESP-IDF's own heap (its TLSF and multi_heap, built for 32 bits), and compares what came of each: where the
// block lies, how much the heap gave it, what is left. Regions of all three of its kinds, just below and above the sizes at which they change;
// sizes that are rounded up, aligned blocks with their gaps, resizing in place and not, splits and merges. Standard input: golden.txt.
#include "../heap_port_host.h"

#include <stdio.h>

enum { SLOTS = 60 };

static void *blocks[SLOTS];
static heap_region_t region;

static void *call(const heap_region_t *heap, char op, unsigned slot, unsigned size, unsigned alignment)
{
    switch (op) {
        case 'm': return heap_region_malloc(heap, TLSF_ALIGNMENT, size);
        case 'a': return heap_region_malloc(heap, alignment, size);
        case 'r': return heap_region_realloc(heap, blocks[slot], size);
        default: heap_region_free(heap, blocks[slot]); return NULL;
    }
}

int main(void)
{
    char line[256], expected[256], got[256];
    unsigned calls = 0;
    region = (heap_region_t){.caps = {1}, .start = 0x40000000, .name = "golden"};
    while (fgets(line, sizeof line, stdin) != NULL) {
        unsigned bytes, free_bytes, largest, lowest, slot, size, alignment = 0;
        const heap_region_t *heap = heap_regions_get(0);
        char op;
        int length = 0;
        if (line[0] == '#') continue;
        if (sscanf(line, "region %u free %u largest %u", &bytes, &free_bytes, &largest) == 3) {
            heap_regions_reset();
            for (slot = 0; slot < SLOTS; slot++) blocks[slot] = NULL;
            region.end = region.start + bytes;
            if (!heap_port_host_add(&region)) return 2;
            snprintf(got, sizeof got, "region %u free %zu largest %zu\n", bytes, heap_region_free_bytes(&region), heap_region_largest_free(&region));
            snprintf(expected, sizeof expected, "%s", line);
        } else if (sscanf(line, "end largest %u lowest %u", &largest, &lowest) == 2) {
            snprintf(got, sizeof got, "end largest %zu lowest %zu\n", heap_region_largest_free(heap), heap_region_minimum_free_bytes(heap));
            snprintf(expected, sizeof expected, "%s", line);
            region.start += 0x1000000;
        } else {
            sscanf(line, "%c %u%n", &op, &slot, &length);
            if (op != 'f') sscanf(line, "%c %u %u%n", &op, &slot, &size, &length);
            if (op == 'a') sscanf(line, "%c %u %u %u%n", &op, &slot, &size, &alignment, &length);
            void *result = call(heap, op, slot, op == 'f' ? 0 : size, alignment);
            if (result == NULL) {
                snprintf(got, sizeof got, op == 'r' ? " -\n" : " - %zu\n", heap_region_free_bytes(heap));
            } else {
                snprintf(got, sizeof got, " %u %zu %zu\n", (unsigned)(tlsf_address(result) - region.start), tlsf_block_size(result),
                         heap_region_free_bytes(heap));
            }
            if (result != NULL || op == 'f') blocks[slot] = result;
            snprintf(expected, sizeof expected, "%s", line + length);
            calls++;
        }
        for (size_t i = 0; i < sizeof got && (got[i] != 0 || expected[i] != 0); i++) {
            if (got[i] == expected[i]) continue;
            printf("call %u: %sgives %s", calls, line, got);
            return 1;
        }
    }
    printf("%u calls agree\n", calls);
    return 0;
}
