// Commands from the host (SPEC.md section 8), read by the drain from the transport between other things.
#include "stream.h"

#if MEMMAP_ENABLE

static void obey(const uint8_t *body, size_t length)
{
    switch (body[0]) {
        case MEMMAP_COMMAND_HELLO: mm_stream_resend(); break;
        case MEMMAP_COMMAND_SNAPSHOT: memmap_request_snapshot(); break;
        case MEMMAP_COMMAND_CHECK: memmap_check(0); break;
        case MEMMAP_COMMAND_STREAM:
            if (length < 2) break;
            memmap_port_lock();
            mm_events_close();
            mm.events.on = body[1] != 0;
            memmap_port_unlock();
            if (body[1]) memmap_request_snapshot();
            break;
        case MEMMAP_COMMAND_MARK:
            if (length >= 2 && body[1] <= length - 2) {
                char name[MM_COMMAND_BYTES];
                memcpy(name, body + 2, body[1]);
                name[body[1]] = '\0';
                memmap_mark(name);
            }
            break;
        default: break; // newer than this probe
    }
}

static void take_frame(void)
{
    uint8_t *frame = mm_stream.command;
    size_t length = mm_cobs_decode(frame, mm_stream.command_length);
    if (length <= MEMMAP_FRAME_HEADER_BYTES + MEMMAP_FRAME_CHECKSUM_BYTES) return;
    size_t signed_length = length - MEMMAP_FRAME_CHECKSUM_BYTES;
    uint8_t checksum[4];
    mm_put_u32(checksum, mm_crc32(frame, signed_length));
    if (memcmp(checksum, frame + signed_length, sizeof checksum) != 0) return;
    if (frame[0] != (MEMMAP_PROTOCOL_VERSION << 4 | MEMMAP_FRAME_TYPE_COMMAND)) return;
    obey(frame + MEMMAP_FRAME_HEADER_BYTES, signed_length - MEMMAP_FRAME_HEADER_BYTES);
}

static void take_byte(uint8_t byte)
{
    static const uint8_t start[] = MEMMAP_FRAME_START;
    if (!mm_stream.in_command) {
        mm_stream.in_command = mm_stream.after_start && byte == start[1];
        mm_stream.after_start = byte == start[0];
        mm_stream.command_length = 0;
    } else if (byte == MEMMAP_FRAME_END) {
        mm_stream.in_command = false;
        take_frame();
    } else if (mm_stream.command_length < MM_COMMAND_BYTES) {
        mm_stream.command[mm_stream.command_length++] = byte;
    } else {
        mm_stream.in_command = mm_stream.after_start = false; // too long to be a command
    }
}

void mm_stream_read_commands(void)
{
    uint8_t bytes[64];
    if (!mm_stream.transport.read) return;
    size_t length = mm_stream.transport.read(bytes, sizeof bytes, mm_stream.transport.context);
    for (size_t i = 0; i < length; i++) take_byte(bytes[i]);
}

#endif // MEMMAP_ENABLE
