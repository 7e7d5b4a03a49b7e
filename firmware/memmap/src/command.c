// Finds commands among the bytes that arrive (see command.h). What is no command, or not whole, is passed over.
#include "command.h"

#if MEMMAP_ENABLE

static const uint8_t *body_of(mm_command_t *command, size_t *body_length)
{
    uint8_t *frame = command->frame;
    size_t length = mm_cobs_decode(frame, command->length);
    if (length <= MEMMAP_FRAME_HEADER_BYTES + MEMMAP_FRAME_CHECKSUM_BYTES) return NULL;
    size_t signed_length = length - MEMMAP_FRAME_CHECKSUM_BYTES;
    uint8_t checksum[4];
    mm_put_u32(checksum, mm_crc32(frame, signed_length));
    if (memcmp(checksum, frame + signed_length, sizeof checksum) != 0) return NULL;
    if (frame[0] != (MEMMAP_PROTOCOL_VERSION << 4 | MEMMAP_FRAME_TYPE_COMMAND)) return NULL;
    *body_length = signed_length - MEMMAP_FRAME_HEADER_BYTES;
    return frame + MEMMAP_FRAME_HEADER_BYTES;
}

const uint8_t *mm_command_take(mm_command_t *command, uint8_t byte, size_t *length)
{
    static const uint8_t start[] = MEMMAP_FRAME_START;
    if (!command->inside) {
        command->inside = command->after_start && byte == start[1];
        command->after_start = byte == start[0];
        command->length = 0;
    } else if (byte == MEMMAP_FRAME_END) {
        command->inside = false;
        return body_of(command, length);
    } else if (command->length < MM_COMMAND_BYTES) {
        command->frame[command->length++] = byte;
    } else {
        command->inside = command->after_start = false; // too long to be a command
    }
    return NULL;
}

#endif // MEMMAP_ENABLE
