// Text for people, built in a small buffer on the stack and handed to the log sink line by line: neither stdio nor allocation.
#include <stdarg.h>

#include "format.h"

#if MEMMAP_ENABLE

static memmap_log_sink_t sink;
static void *sink_context;
static bool without_lock;

void mm_text_without_lock(void) { without_lock = true; }

void memmap_set_log_sink(memmap_log_sink_t new_sink, void *context)
{
    memmap_port_lock();
    sink = new_sink;
    sink_context = context;
    memmap_port_unlock();
}

static void put_char(mm_text_t *text, char c)
{
    if (text->put < text->end) *text->put++ = c;
}

static void put_string(mm_text_t *text, const char *string)
{
    for (string = string ? string : "(null)"; *string; string++) put_char(text, *string);
}

static void put_number(mm_text_t *text, uint32_t value, uint32_t base, uint32_t width)
{
    char digits[10];
    uint32_t count = 0;
    do digits[count++] = "0123456789abcdef"[value % base];
    while ((value /= base) != 0 || count < width);
    while (count > 0) put_char(text, digits[--count]);
}

static void put_formatted(mm_text_t *text, const char *format, va_list arguments)
{
    for (; *format; format++) {
        if (*format != '%') {
            put_char(text, *format);
            continue;
        }
        uint32_t width = 0;
        for (format++; *format >= '0' && *format <= '9'; format++) width = (uint32_t)(*format - '0');
        if (*format == 's') {
            put_string(text, va_arg(arguments, const char *));
            continue;
        }
        uint32_t value;
        if (*format == 'p') {
            put_string(text, "0x");
            value = (uint32_t)(uintptr_t)va_arg(arguments, void *);
            width = 8;
        } else {
            value = va_arg(arguments, unsigned);
        }
        if (*format == 'd' && (int32_t)value < 0) {
            put_char(text, '-');
            value = -value;
        }
        put_number(text, value, *format == 'u' || *format == 'd' ? 10 : 16, width);
    }
}

void mm_text(mm_text_t *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_formatted(text, format, arguments);
    va_end(arguments);
}

void mm_line_begin(mm_line_t *line)
{
    line->text.put = line->bytes;
    line->text.end = line->bytes + 255; // a byte is left for the line feed
}

void mm_line_print(mm_line_t *line, memmap_log_kind_t kind)
{
    if (line->text.put == line->bytes || line->text.put[-1] != '\n') *line->text.put++ = '\n';
    size_t length = (size_t)(line->text.put - line->bytes);
    memmap_log_sink_t to = sink;
    if (without_lock) memmap_port_print_without_lock(line->bytes, length);
    else if (to) to(kind, line->bytes, length, sink_context);
    else memmap_port_print(line->bytes, length);
}

void mm_print(memmap_log_kind_t kind, const char *format, ...)
{
    mm_line_t line;
    va_list arguments;
    mm_line_begin(&line);
    va_start(arguments, format);
    put_formatted(&line.text, format, arguments);
    va_end(arguments);
    mm_line_print(&line, kind);
}

void mm_text_site(mm_text_t *text, uint32_t id)
{
    mm_site_t site;
    if (!mm_site_get(id, &site) || site.key == 0) {
        put_string(text, "an unknown place");
    } else if (site.kind == MM_SITE_CALLERS) {
        for (uint32_t i = 0; i < site.depth; i++) mm_text(text, i == 0 ? "%p" : ":%p", (void *)site.callers[i]);
    } else {
        mm_place_t place = mm_site_place(&site);
        mm_text(text, "%s:%u (%s)", place.file, (unsigned)place.line, place.function);
    }
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

void mm_text_caps(mm_text_t *text, uint32_t caps)
{
#define CAP_BIT(bit, name) bit,
#define CAP_NAME(bit, name) name "\0"
    static const uint8_t bits[] = {MEMMAP_CAPS_TABLE(CAP_BIT)};
    static const char names[] = MEMMAP_CAPS_TABLE(CAP_NAME);
#undef CAP_BIT
#undef CAP_NAME
    const char *name = names, *between = "";
    if (caps == 0) put_char(text, '0');
    for (size_t i = 0; i < sizeof bits; i++, name += strlen(name) + 1) {
        uint32_t bit = UINT32_C(1) << bits[i];
        if (!(caps & bit)) continue;
        mm_text(text, "%sMALLOC_CAP_%s", between, name);
        between = " | ";
        caps -= bit;
    }
    if (caps != 0) mm_text(text, "%s0x%x", between, (unsigned)caps);
}

static const char *const method_names[] = {
    [MEMMAP_METHOD_UNKNOWN] = "an allocation",
    [MEMMAP_METHOD_MALLOC] = "heap_caps_malloc",
    [MEMMAP_METHOD_CALLOC] = "heap_caps_calloc",
    [MEMMAP_METHOD_REALLOC] = "heap_caps_realloc",
    [MEMMAP_METHOD_ALIGNED_ALLOC] = "heap_caps_aligned_alloc",
    [MEMMAP_METHOD_FREE] = "heap_caps_free",
    [MEMMAP_METHOD_REGISTERED] = "register_allocation",
};

const char *mm_method_name(uint32_t method)
{
    return method_names[method < sizeof method_names / sizeof method_names[0] ? method : MEMMAP_METHOD_UNKNOWN];
}

void mm_print_capture(mm_line_t *line, uint32_t caps)
{
    mm_line_begin(line);
    mm_text(&line->text, "Capturing memory snapshot for region: ");
    mm_text_caps(&line->text, caps);
    mm_line_print(line, MEMMAP_LOG_FAILURE);
}

void mm_print_region(mm_line_t *line, uint32_t start, uint32_t end, uint32_t free, uint32_t largest_free)
{
    mm_line_begin(line);
    mm_text(&line->text, "  At 0x%08x len %u free %u largest_free_block %u", (unsigned)start, (unsigned)(end - start), (unsigned)free,
            (unsigned)largest_free);
    mm_line_print(line, MEMMAP_LOG_FAILURE);
}

char *memmap_caps_names(uint32_t caps, char *buffer, size_t size)
{
    if (size == 0) return buffer;
    mm_text_t text = {buffer, buffer + size - 1};
    mm_text_caps(&text, caps);
    *text.put = '\0';
    return buffer;
}

#endif // MEMMAP_ENABLE
