// The little of the C library that probe, heap and examples need where there is none: QEMU, Xtensa, WebAssembly.
#ifndef STRING_H
#define STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t length);
void *memmove(void *to, const void *from, size_t length);
void *memset(void *to, int byte, size_t length);
int memcmp(const void *a, const void *b, size_t length);
void *memchr(const void *bytes, int byte, size_t length);
size_t strlen(const char *text);
size_t strnlen(const char *text, size_t limit);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t limit);
char *strncpy(char *restrict to, const char *restrict from, size_t limit);
char *strrchr(const char *text, int byte);
char *strdup(const char *text); // where the platform brings it
char *strchr(const char *text, int byte);

#endif
