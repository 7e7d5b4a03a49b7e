// See include/stdio.h.
#include <stdio.h>

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    char *to;
    size_t size;
    size_t length;  // of the whole text, also of what does not fit
} output_t;

typedef struct {
    bool left, zeros;
    int width, precision;  // precision -1: none
    int bytes;             // of an integer argument
} conversion_t;

static void put(output_t *output, char character)
{
    if (output->length + 1 < output->size) output->to[output->length] = character;
    output->length++;
}

static void put_padded(output_t *output, const conversion_t *conversion, const char *text, size_t length)
{
    const size_t width = conversion->width > 0 ? (size_t)conversion->width : 0;
    const size_t padding = width > length ? width - length : 0;
    size_t sign = 0;
    if (conversion->zeros && !conversion->left && length > 0 && text[0] == '-') {
        put(output, '-');
        sign = 1;
    }
    if (!conversion->left) {
        for (size_t i = 0; i < padding; i++) put(output, conversion->zeros ? '0' : ' ');
    }
    for (size_t i = sign; i < length; i++) put(output, text[i]);
    if (conversion->left) {
        for (size_t i = 0; i < padding; i++) put(output, ' ');
    }
}

static void put_number(output_t *output, const conversion_t *conversion, uint64_t value, unsigned base, bool upper, const char *prefix)
{
    char digits[24];
    size_t at = sizeof digits;
    do {
        const unsigned digit = (unsigned)(value % base);
        digits[--at] = (char)(digit < 10 ? '0' + digit : (upper ? 'A' : 'a') + digit - 10);
        value /= base;
    } while (value != 0);
    for (size_t i = strlen(prefix); i > 0; i--) digits[--at] = prefix[i - 1];
    put_padded(output, conversion, digits + at, sizeof digits - at);
}

static const char *read_conversion(const char *format, conversion_t *conversion, va_list *arguments)
{
    *conversion = (conversion_t){.precision = -1, .bytes = sizeof(int)};
    for (;; format++) {
        if (*format == '-') conversion->left = true;
        else if (*format == '0') conversion->zeros = true;
        else if (*format != '#' && *format != '+' && *format != ' ') break;
    }
    if (*format == '*') {
        conversion->width = va_arg(*arguments, int);
        format++;
    }
    for (; *format >= '0' && *format <= '9'; format++) conversion->width = conversion->width * 10 + (*format - '0');
    if (*format == '.') {
        conversion->precision = 0;
        if (*++format == '*') {
            conversion->precision = va_arg(*arguments, int);
            format++;
        }
        for (; *format >= '0' && *format <= '9'; format++) conversion->precision = conversion->precision * 10 + (*format - '0');
    }
    for (;; format++) {
        if (*format == 'l') conversion->bytes = format[1] == 'l' ? (int)sizeof(long long) : (int)sizeof(long);
        else if (*format == 'z') conversion->bytes = (int)sizeof(size_t);
        else if (*format != 'h') return format;
        if (*format == 'l' && format[1] == 'l') format++;
    }
}

int vsnprintf(char *to, size_t size, const char *format, va_list list)
{
    output_t output = {to, size, 0};
    va_list arguments;
    va_copy(arguments, list);
    for (; *format != 0; format++) {
        if (*format != '%') {
            put(&output, *format);
            continue;
        }
        conversion_t conversion;
        format = read_conversion(format + 1, &conversion, &arguments);
        if (*format == 0) break;
        switch (*format) {
            case 'd':
            case 'i': {
                const int64_t value = conversion.bytes == 8 ? va_arg(arguments, int64_t) : va_arg(arguments, int);
                put_number(&output, &conversion, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10, false, value < 0 ? "-" : "");
                break;
            }
            case 'u':
            case 'x':
            case 'X': {
                const uint64_t value = conversion.bytes == 8 ? va_arg(arguments, uint64_t) : va_arg(arguments, unsigned);
                put_number(&output, &conversion, value, *format == 'u' ? 10 : 16, *format == 'X', "");
                break;
            }
            case 'p': put_number(&output, &conversion, (uintptr_t)va_arg(arguments, void *), 16, false, "0x"); break;
            case 'c': {
                const char character = (char)va_arg(arguments, int);
                put_padded(&output, &conversion, &character, 1);
                break;
            }
            case 's': {
                const char *text = va_arg(arguments, const char *);
                if (text == NULL) text = "(null)";
                const size_t limit = conversion.precision < 0 ? SIZE_MAX : (size_t)conversion.precision;
                put_padded(&output, &conversion, text, strnlen(text, limit));
                break;
            }
            default: put(&output, *format);
        }
    }
    va_end(arguments);
    if (size > 0) to[output.length < size ? output.length : size - 1] = 0;
    return (int)output.length;
}

int snprintf(char *to, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(to, size, format, arguments);
    va_end(arguments);
    return length;
}

int printf(const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    libc_write(text, (size_t)length < sizeof text ? (size_t)length : sizeof text - 1);
    return length;
}
