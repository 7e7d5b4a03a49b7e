// Formatted output where there is no C library. printf goes to the platform's console (libc_write).
#ifndef STDIO_H
#define STDIO_H

#include <stdarg.h>
#include <stddef.h>

// Supplied by the platform: writes text to its console.
void libc_write(const char *text, size_t length);

// Conversions: d i u x X p c s %, with '-', '0', width, precision (of s), and the lengths hh h l ll z. Returns the length of the whole text.
int vsnprintf(char *to, size_t size, const char *format, va_list arguments);
int snprintf(char *to, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
// At most 255 characters a call.
int printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
