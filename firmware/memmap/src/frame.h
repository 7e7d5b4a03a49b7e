// From a frame to bytes on the line and back (see frame.c).
#ifndef MEMMAP_FRAME_H
#define MEMMAP_FRAME_H

#include "state.h"

uint8_t *mm_put_varint(uint8_t *out, uint32_t value);
uint8_t *mm_put_varint64(uint8_t *out, uint64_t value);
uint8_t *mm_put_u32(uint8_t *out, uint32_t value);
static MM_INLINE uint32_t mm_zigzag(int32_t value) { return ((uint32_t)value << 1) ^ (uint32_t)(value >> 31); }
uint32_t mm_crc32(const uint8_t *bytes, size_t length);
#define MM_WIRE_BYTES(frame) ((frame) + (frame) / 254 + 4)
// FF 00 COBS(frame) 00; returns the length.
size_t mm_wire_binary(const uint8_t *frame, size_t length, uint8_t *out);
// `$MM:` base64 LF.
size_t mm_wire_armoured(const uint8_t *frame, size_t length, uint8_t *out);
// Undoes COBS in place; 0 where the bytes are none.
size_t mm_cobs_decode(uint8_t *bytes, size_t length);

#endif // MEMMAP_FRAME_H
