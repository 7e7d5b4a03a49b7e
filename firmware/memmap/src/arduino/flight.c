// For Arduino, which compiles what is in this folder only.
#if defined(ARDUINO)
#include "../../transports/flight.c"
#endif
