// From a frame to bytes on the line and back: varints, CRC-32, COBS, base64. Only the drain uses these, so that they may live
// in flash; mm_put_varint64 alone is hot.
#include "frame.h"

#if MEMMAP_ENABLE

uint8_t *mm_put_varint(uint8_t *out, uint32_t value) { return mm_put_varint64(out, value); }

MM_HOT uint8_t *mm_put_varint64(uint8_t *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7) *out++ = (uint8_t)(value | 0x80);
    *out++ = (uint8_t)value;
    return out;
}

uint8_t *mm_put_u32(uint8_t *out, uint32_t value)
{
    for (int i = 0; i < 4; i++, value >>= 8) *out++ = (uint8_t)value;
    return out;
}

// CRC-32 of IEEE 802.3 (zlib's), four bits at a time: 64 bytes of table instead of 1024.
uint32_t mm_crc32(const uint8_t *bytes, size_t length)
{
    static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
                                       0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                       0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

size_t mm_wire_binary(const uint8_t *frame, size_t length, uint8_t *out)
{
    static const uint8_t start[] = MEMMAP_FRAME_START;
    uint8_t *code = out + sizeof start, *put = code + 1;
    for (size_t i = 0; i < sizeof start; i++) out[i] = start[i];
    for (size_t i = 0; i < length; i++) {
        if (frame[i] != 0) *put++ = frame[i];
        if (frame[i] != 0 && put - code != 255) continue;
        bool full = put - code == 255;
        *code = (uint8_t)(put - code);
        if (full && i + 1 == length) return (size_t)(put - out) + (*put = MEMMAP_FRAME_END, 1u);
        code = put++;
    }
    *code = (uint8_t)(put - code);
    *put++ = MEMMAP_FRAME_END;
    return (size_t)(put - out);
}

size_t mm_wire_armoured(const uint8_t *frame, size_t length, uint8_t *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t *put = out;
    for (const char *prefix = MEMMAP_ARMOUR_PREFIX; *prefix; prefix++) *put++ = (uint8_t)*prefix;
    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        uint32_t bits = (uint32_t)frame[i] << 16;
        if (left > 1) bits |= (uint32_t)frame[i + 1] << 8;
        if (left > 2) bits |= frame[i + 2];
        *put++ = (uint8_t)digits[bits >> 18];
        *put++ = (uint8_t)digits[bits >> 12 & 63];
        *put++ = left > 1 ? (uint8_t)digits[bits >> 6 & 63] : '=';
        *put++ = left > 2 ? (uint8_t)digits[bits & 63] : '=';
    }
    *put++ = '\n';
    return (size_t)(put - out);
}

size_t mm_cobs_decode(uint8_t *bytes, size_t length)
{
    size_t in = 0, out = 0;
    while (in < length) {
        size_t code = bytes[in++];
        if (code == 0 || in + code - 1 > length) return 0;
        for (size_t i = 1; i < code; i++) bytes[out++] = bytes[in++];
        if (code != 255 && in < length) bytes[out++] = 0;
    }
    return out;
}

#endif // MEMMAP_ENABLE
