#pragma once
#include <stdbool.h>
typedef enum { PANIC_EXCEPTION_DEBUG, PANIC_EXCEPTION_IWDT, PANIC_EXCEPTION_TWDT, PANIC_EXCEPTION_ABORT, PANIC_EXCEPTION_FAULT } panic_exception_t;
typedef struct {
    int core;
    panic_exception_t exception;
    const char *reason;
} panic_info_t;
extern char *g_panic_abort_details;
