// For Arduino, which compiles what is in this folder only.
#if defined(ARDUINO)
#include "../../port/port_espidf_callers.c"
#endif
