// Text for people: lines in a small buffer on the stack (see format.c).
#ifndef MEMMAP_FORMAT_H
#define MEMMAP_FORMAT_H

#include "sites.h"

// A text that grows in somebody's buffer, and what does not fit is left out; a line of at most 255 bytes, its line feed included.
typedef struct {
    char *put, *end;
} mm_text_t;
typedef struct {
    mm_text_t text;
    char bytes[256 + 4]; // should two tasks build the same line, each goes past its end by one at most
} mm_line_t;
// Knows %s %d %u %x %p, and one digit of width for numbers, which are filled up with zeros.
void mm_text(mm_text_t *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void mm_text_site(mm_text_t *text, uint32_t id); // "file.c:12 (function)" or "0x40081234"
void mm_text_caps(mm_text_t *text, uint32_t caps);
void mm_line_begin(mm_line_t *line);
void mm_line_print(mm_line_t *line, memmap_log_kind_t kind);
// A line of one piece.
void mm_print(memmap_log_kind_t kind, const char *format, ...) __attribute__((format(printf, 2, 3)));
typedef struct {
    const char *file, *function; // "-" where not known
    const char *variable;        // NULL: not known
    uint32_t line;
} mm_place_t;
mm_place_t mm_site_place(const mm_site_t *site);
const char *mm_method_name(uint32_t method);
// From now on lines go out without a lock and past the sink: the system is about to stop.
void mm_text_without_lock(void);
// The lines of a failed allocation, each in the same buffer: what was asked for, and a region.
void mm_print_capture(mm_line_t *line, uint32_t caps);
void mm_print_region(mm_line_t *line, uint32_t start, uint32_t end, uint32_t free, uint32_t largest_free);

#endif // MEMMAP_FORMAT_H
