// Commands from the host (SPEC.md section 8): bytes in, whole frames out.
#ifndef MEMMAP_COMMAND_H
#define MEMMAP_COMMAND_H

#include "frame.h"

enum { MM_COMMAND_BYTES = 96 }; // longest command frame, encoded

typedef struct {
    uint8_t frame[MM_COMMAND_BYTES];
    uint32_t length;
    bool inside, after_start;
} mm_command_t;

// Takes the next byte of the line. Returns the body of a command that ends with it, of *length bytes, at least 1; else NULL.
const uint8_t *mm_command_take(mm_command_t *command, uint8_t byte, size_t *length);

#endif // MEMMAP_COMMAND_H
