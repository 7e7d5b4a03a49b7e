// Text for people, built in a small buffer on the stack and handed to the log sink line by line: neither stdio nor allocation.
#include <stdarg.h>

#include "internal.h"

#if MEMMAP_ENABLE

static memmap_log_sink_t sink;
static void *sink_context;

void memmap_set_log_sink(memmap_log_sink_t new_sink, void *context)
{
    memmap_port_lock();
    sink = new_sink;
    sink_context = context;
    memmap_port_unlock();
}

typedef struct {
    char *put, *end; // one byte is always left for what must end the text
} text_t;

static void put_char(text_t *text, char c)
{
    if (text->put < text->end) *text->put++ = c;
}

static void put_string(text_t *text, const char *string)
{
    for (string = string ? string : "(null)"; *string; string++) put_char(text, *string);
}

static void put_number(text_t *text, uint32_t value, uint32_t base, int width)
{
    char digits[10];
    int count = 0;
    do digits[count++] = "0123456789abcdef"[value % base];
    while ((value /= base) != 0);
    for (; width > count; width--) put_char(text, '0');
    while (count > 0) put_char(text, digits[--count]);
}

static void put_formatted(text_t *text, const char *format, va_list arguments)
{
    for (; *format; format++) {
        if (*format != '%') {
            put_char(text, *format);
            continue;
        }
        int width = 0;
        for (format++; *format >= '0' && *format <= '9'; format++) width = width * 10 + (*format - '0');
        switch (*format) {
            case 's': put_string(text, va_arg(arguments, const char *)); break;
            case 'u': put_number(text, va_arg(arguments, unsigned), 10, width); break;
            case 'x': put_number(text, va_arg(arguments, unsigned), 16, width); break;
            case 'p':
                put_string(text, "0x");
                put_number(text, (uint32_t)(uintptr_t)va_arg(arguments, void *), 16, 8);
                break;
            case 'd': {
                int value = va_arg(arguments, int);
                if (value < 0) put_char(text, '-');
                put_number(text, value < 0 ? -(uint32_t)value : (uint32_t)value, 10, width);
                break;
            }
            default: put_char(text, *format); break;
        }
    }
}

void mm_print(memmap_log_kind_t kind, const char *format, ...)
{
    char line[256];
    text_t text = {line, line + sizeof line - 1};
    va_list arguments;
    va_start(arguments, format);
    put_formatted(&text, format, arguments);
    va_end(arguments);
    if (text.put == line || text.put[-1] != '\n') *text.put++ = '\n';
    size_t length = (size_t)(text.put - line);
    memmap_log_sink_t to = sink;
    if (to) to(kind, line, length, sink_context);
    else memmap_port_print(line, length);
}

static char *end_text(text_t *text, char *buffer)
{
    *text->put = '\0';
    return buffer;
}

static void put(text_t *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_formatted(text, format, arguments);
    va_end(arguments);
}

char *mm_site_text(uint32_t id, char *buffer, size_t size)
{
    text_t text = {buffer, buffer + size - 1};
    mm_site_t site;
    if (!mm_site_get(id, &site) || site.key == 0) {
        put_string(&text, "an unknown place");
    } else if (site.kind == MM_SITE_CALLERS) {
        for (uint32_t i = 0; i < site.depth; i++) put(&text, i == 0 ? "%p" : ":%p", (void *)site.callers[i]);
    } else {
        mm_place_t place = mm_site_place(&site);
        put(&text, "%s:%u (%s)", place.file, (unsigned)place.line, place.function);
    }
    return end_text(&text, buffer);
}

mm_place_t mm_site_place(const mm_site_t *site)
{
    mm_place_t place = {"-", "-", NULL, 0};
    if (site->kind != MM_SITE_SOURCE || site->key == 0) return place;
    const memmap_source_t *source = (const memmap_source_t *)site->key;
    if (source->file) place.file = source->file;
    if (source->function) place.function = source->function;
    place.variable = source->variable;
    place.line = source->line;
    return place;
}

char *memmap_caps_names(uint32_t caps, char *buffer, size_t size)
{
    if (size == 0) return buffer;
    text_t text = {buffer, buffer + size - 1};
    uint32_t named = 0;
#define ENTRY(number, text) {number, text},
    static const struct {
        uint8_t bit;
        char name[15];
    } entries[] = {MEMMAP_CAPS_TABLE(ENTRY)};
#undef ENTRY
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        if (!(caps >> entries[i].bit & 1)) continue;
        put(&text, named ? " | MALLOC_CAP_%s" : "MALLOC_CAP_%s", entries[i].name);
        named |= UINT32_C(1) << entries[i].bit;
    }
    if (caps & ~named) put(&text, named ? " | 0x%x" : "0x%x", (unsigned)(caps & ~named));
    if (caps == 0) put_char(&text, '0');
    return end_text(&text, buffer);
}

#endif // MEMMAP_ENABLE
