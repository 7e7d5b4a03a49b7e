// For Arduino, which searches for headers in this folder only.
#include "../port/memmap_port.h"
