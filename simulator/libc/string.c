// See include/string.h. Compiled with -fno-builtin: or the compiler would turn these loops into calls of themselves.
#include <string.h>

#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t length)
{
    unsigned char *t = to;
    const unsigned char *f = from;
    if ((((uintptr_t)t | (uintptr_t)f) & 3U) == 0) {
        for (; length >= 4; length -= 4, t += 4, f += 4) *(uint32_t *)(void *)t = *(const uint32_t *)(const void *)f;
    }
    while (length-- > 0) *t++ = *f++;
    return to;
}

void *memmove(void *to, const void *from, size_t length)
{
    unsigned char *t = to;
    const unsigned char *f = from;
    if (t <= f || t >= f + length) return memcpy(to, from, length);
    while (length-- > 0) t[length] = f[length];
    return to;
}

void *memset(void *to, int byte, size_t length)
{
    unsigned char *t = to;
    const unsigned char value = (unsigned char)byte;
    for (; length > 0 && ((uintptr_t)t & 3U) != 0; length--) *t++ = value;
    for (; length >= 4; length -= 4, t += 4) *(uint32_t *)(void *)t = value * 0x01010101U;
    while (length-- > 0) *t++ = value;
    return to;
}

int memcmp(const void *a, const void *b, size_t length)
{
    const unsigned char *x = a, *y = b;
    for (; length > 0; length--, x++, y++) {
        if (*x != *y) return *x - *y;
    }
    return 0;
}

void *memchr(const void *bytes, int byte, size_t length)
{
    const unsigned char *at = bytes;
    for (; length > 0; length--, at++) {
        if (*at == (unsigned char)byte) return (void *)(uintptr_t)at;
    }
    return NULL;
}

size_t strlen(const char *text)
{
    size_t length = 0;
    while (text[length] != 0) length++;
    return length;
}

size_t strnlen(const char *text, size_t limit)
{
    size_t length = 0;
    while (length < limit && text[length] != 0) length++;
    return length;
}

int strcmp(const char *a, const char *b) { return strncmp(a, b, SIZE_MAX); }

int strncmp(const char *a, const char *b, size_t limit)
{
    for (; limit > 0; limit--, a++, b++) {
        if (*a != *b) return (unsigned char)*a - (unsigned char)*b;
        if (*a == 0) return 0;
    }
    return 0;
}

char *strncpy(char *restrict to, const char *restrict from, size_t limit)
{
    const size_t length = strnlen(from, limit);
    memcpy(to, from, length);
    memset(to + length, 0, limit - length);
    return to;
}

char *strchr(const char *text, int byte)
{
    for (;; text++) {
        if (*text == (char)byte) return (char *)(uintptr_t)text;
        if (*text == 0) return NULL;
    }
}

char *strrchr(const char *text, int byte)
{
    char *last = NULL;
    for (;; text++) {
        if (*text == (char)byte) last = (char *)(uintptr_t)text;
        if (*text == 0) return last;
    }
}
