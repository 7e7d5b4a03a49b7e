// For Arduino, which searches for headers in this folder only.
#include "../include/memmap.h"
