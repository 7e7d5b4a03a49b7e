// The measurement on a host, under callgrind: `cost MODE LIVE` runs one combination.
#include <stdio.h>
#include <stdlib.h>

#include "cost.h"
#include "heap_port_host.h"

void cost_add_region(const heap_region_t *region)
{
    if (!heap_port_host_add(region)) exit(2);
}

uint32_t cost_instructions(void) { return 0; }

void cost_result(uint32_t mode, uint32_t count, uint32_t per_pair, uint32_t wrong)
{
    (void)mode, (void)count, (void)per_pair;
    if (wrong) exit(3);
}

int main(int argc, char **argv)
{
    if (argc != 3) return 2;
    run_cost((uint32_t)atoi(argv[1]), (uint32_t)atoi(argv[2]));
    return 0;
}
