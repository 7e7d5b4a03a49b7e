// For Arduino, which compiles what is in this folder only.
#if defined(ARDUINO)
#include "../../transports/storage_partition.c"
#endif
