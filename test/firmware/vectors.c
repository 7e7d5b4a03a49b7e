// Replays the golden vectors (protocol/vectors/README.md): the calls of EVENTS frames through the encoder, fault and failure reports
// through theirs, commands through the reader, and every frame through checksum, COBS and base64. Arguments: the vector files.
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stream.h"
#include "events.h"

typedef struct {
    char name[64];
    char calls[64][768];
    int count;
    uint32_t type, boot, sequence;
    uint64_t first, start;
    bool decode_only;
    uint8_t plain[1100], binary[1200];
    char armour[1500];
    size_t plain_length, binary_length;
} vector_t;

static vector_t vector;
static uint32_t replayed;

static _Noreturn void mismatch(const char *what)
{
    printf("# vector %s: %s\n", vector.name, what);
    exit(1);
}

// Value of `key=` in a line, or `missing`.
static uint64_t number_of(const char *line, const char *key, uint64_t missing)
{
    char pattern[40];
    snprintf(pattern, sizeof pattern, " %s=", key);
    const char *at = strstr(line, pattern);
    return at ? strtoull(at + strlen(pattern), NULL, 0) : missing;
}

static uint32_t field(const char *line, const char *key) { return (uint32_t)number_of(line, key, 0); }
static bool has(const char *line, const char *key) { return number_of(line, key, 1) == number_of(line, key, 2); }

static size_t read_hex(const char *text, uint8_t *bytes)
{
    size_t length = 0;
    unsigned byte;
    for (; sscanf(text, "%2x", &byte) == 1; text += 2) bytes[length++] = (uint8_t)byte;
    return length;
}

static void set_context(const char *line)
{
    mm.events.context = field(line, "task") << 2 | field(line, "core");
    memmap_port_host_set_time(number_of(line, "time", vector.start));
}

static void replay_heartbeat(const char *line)
{
    static const char *const keys[] = {"liveBlocks", "liveBytes", "peakBytes", "tableFull", "unknownFrees", "droppedEvents", "faults",
                                       "failures", "droppedReports", "quarantinedBytes", "quarantinedBlocks"};
    uint8_t payload[MEMMAP_HEARTBEAT_BYTES], *end = mm_put_u32(payload, field(line, "hash"));
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) end = mm_put_varint(end, field(line, keys[i]));
    mm_event_extended(MEMMAP_EXTENDED_HEARTBEAT, payload, (uint32_t)(end - payload));
}

static void replay_call(const char *line)
{
    char name[32];
    uint32_t address = field(line, "address"), size = field(line, "size"), site = field(line, "site");
    sscanf(line, "%31s", name);
    if (strcmp(name, "live") != 0) set_context(line);
    if (strcmp(name, "alloc") == 0) mm_event_alloc(address, size, site);
    else if (strcmp(name, "free") == 0) mm_event_free(address, field(line, "known") == 0, site);
    else if (strcmp(name, "reallocBegin") == 0) mm_event_realloc_begin(address);
    else if (strcmp(name, "reallocEnd") == 0) mm_event_realloc_end(field(line, "oldAddress"), address, size, site);
    else if (strcmp(name, "reallocFailed") == 0) mm_event_realloc_end(address, 0, size, site);
    else if (strcmp(name, "snapshotBegin") == 0) mm_event_extended(MEMMAP_EXTENDED_SNAPSHOT_BEGIN, NULL, 0);
    else if (strcmp(name, "heartbeat") == 0) replay_heartbeat(line);
    else if (strcmp(name, "live") == 0) {
        uint32_t flags = field(line, "moving") ? MM_BLOCK_MOVING : 0;
        mm_block_t block = {.address = address, .size_flags = size << MM_BLOCK_SIZE_SHIFT | flags, .site = site & (UINT32_MAX >> (32 - MM_SITE_BITS)),
                            .task = field(line, "task") & (UINT32_MAX >> (32 - MM_TASK_BITS))};
        mm_event_live(&block);
    } else if (strcmp(name, "snapshotEnd") == 0) {
        uint8_t count[5];
        mm_event_extended(MEMMAP_EXTENDED_SNAPSHOT_END, count, (uint32_t)(mm_put_varint(count, field(line, "records")) - count));
    } else if (strcmp(name, "mark") == 0) {
        const char *text = strstr(line, "name=\"") + 6;
        mm_event_extended(MEMMAP_EXTENDED_MARK, (const uint8_t *)text, (uint32_t)(strchr(text, '"') - text));
    } else {
        mismatch(name);
    }
}

// The encoder's frame for the vector's calls, header and checksum to come.
static size_t encode_events(uint8_t *frame)
{
    uint32_t length;
    mm_events_reset();
    mm.events = (mm_events_t){.on = true, .started = true, .count = (uint32_t)vector.first};
    memmap_port_host_set_time(vector.start);
    for (int i = 0; i < vector.count; i++) replay_call(vector.calls[i]);
    mm_events_close();
    const uint8_t *encoded = mm_events_oldest(&length);
    if (!encoded) mismatch("nothing encoded");
    memcpy(frame, encoded, length);
    return length;
}

static size_t encode_fault(uint8_t *frame)
{
    const char *line = vector.calls[0];
    mm_fault_t fault = {
        .number = field(line, "number"), .kind = (uint8_t)field(line, "kind"), .time = number_of(line, "time", 0),
        .event_number = field(line, "eventNumber"), .context = field(line, "task") << 2 | field(line, "core"),
        .pointer = field(line, "pointer"), .address = field(line, "blockAddress"), .size = field(line, "blockSize"),
        .alloc_site = (uint16_t)field(line, "allocSite"), .alloc_task = (uint8_t)field(line, "allocTask"),
        .freed = has(line, "freeSite"), .free_site = (uint16_t)field(line, "freeSite"), .free_task = (uint8_t)field(line, "freeTask"),
        .free_time = number_of(line, "freeTime", 0), .detected_site = (uint16_t)field(line, "detectedSite"),
        .damaged = has(line, "damageOffset"), .good = has(line, "lastGoodTime"), .last_good = number_of(line, "lastGoodTime", 0), .last_good_task = (uint8_t)field(line, "lastGoodTask")};
    const char *active = strstr(line, " activeTasks=");
    for (active = active ? active + 12 : NULL; active; active = strchr(active + 1, ','))
        fault.active[fault.active_count++] = (uint8_t)strtoul(active + 1, NULL, 10);
    const char *bytes = strstr(line, " damageBytes=");
    fault.damage.offset = (int32_t)number_of(line, "damageOffset", 0);
    fault.damage.length = field(line, "damageLength");
    if (bytes) fault.damage.count = (uint8_t)read_hex(bytes + 13, fault.damage.bytes);
    return (size_t)(mm_compose_fault(frame + MEMMAP_FRAME_HEADER_BYTES, &fault) - frame);
}

static void check_wire_forms(void)
{
    static uint8_t wire[2000], copy[1200];
    size_t signed_length = vector.plain_length - MEMMAP_FRAME_CHECKSUM_BYTES;
    uint8_t checksum[4];
    mm_put_u32(checksum, mm_crc32(vector.plain, signed_length));
    if (memcmp(checksum, vector.plain + signed_length, 4) != 0) mismatch("checksum");
    size_t length = mm_wire_binary(vector.plain, vector.plain_length, wire);
    if (length != vector.binary_length || memcmp(wire, vector.binary, length) != 0) mismatch("binary form");
    length = mm_wire_armoured(vector.plain, vector.plain_length, wire);
    if (length - 1 != strlen(vector.armour) || memcmp(wire, vector.armour, length - 1) != 0) mismatch("armoured form");
    memcpy(copy, vector.binary + 2, vector.binary_length - 3);
    length = mm_cobs_decode(copy, vector.binary_length - 3);
    if (length != vector.plain_length || memcmp(copy, vector.plain, length) != 0) mismatch("decoding COBS");
}

static void check_command(void)
{
    mm_stream = (mm_stream_t){.transport = {.read = NULL}};
    memmap_port_host_set_input(vector.binary, vector.binary_length);
    memmap_stream_start(NULL);
    mm_stream.hello = mm_stream.snapshot_wanted = false;
    mm.table.generation = 0;
    mm_stream_read_commands();
    const char *line = vector.calls[0];
    bool obeyed = strstr(line, "kind=\"hello\"")      ? mm_stream.hello
                  : strstr(line, "kind=\"snapshot\"") ? mm_stream.snapshot_wanted
                  : strstr(line, "kind=\"stream\"")   ? mm.events.on == (field(line, "on") == 1)
                  : strstr(line, "kind=\"mark\"")     ? mm.table.generation == 1
                  : strstr(line, "kind=\"self-test\"") ? mm.table.generation == 1
                                                      : true;
    if (!obeyed) mismatch("command not obeyed");
}

static void check_vector(void)
{
    static uint8_t frame[1200];
    size_t length = 0;
    check_wire_forms();
    replayed++;
    if (vector.type == MEMMAP_FRAME_TYPE_COMMAND) check_command();
    if (vector.decode_only) return;
    // The probe begins a frame with its first record, and has no ids beyond 16 bits.
    bool as_the_probe = vector.count > 0 && number_of(vector.calls[0], "time", vector.start) == vector.start && field(vector.calls[0], "site") <= 0xffff;
    if (vector.type == MEMMAP_FRAME_TYPE_EVENTS && as_the_probe) length = encode_events(frame);
    // The probe always sends tasks and context; vectors without them are for encoders that may leave them out.
    if (vector.type == MEMMAP_FRAME_TYPE_FAULT && has(vector.calls[0], "task") && has(vector.calls[0], "allocTask"))
        length = encode_fault(frame);
    if (length == 0) return;
    if (length + MEMMAP_FRAME_CHECKSUM_BYTES != vector.plain_length) mismatch("length");
    memcpy(frame, vector.plain, MEMMAP_FRAME_HEADER_BYTES);
    if (memcmp(frame, vector.plain, length) != 0) mismatch("encoded bytes");
    replayed += 1000;
}

static void copy_text(char *to, size_t size, const char *from)
{
    if (strlen(from) >= size) mismatch("line too long for this test");
    memcpy(to, from, strlen(from) + 1);
}

static void read_line(char *line)
{
    line[strcspn(line, "\r\n")] = '\0';
    if (line[0] == '#' || line[0] == '\0') return;
    if (strncmp(line, "vector ", 7) == 0) {
        memset(&vector, 0, sizeof vector);
        snprintf(vector.name, sizeof vector.name, "%.60s", line + 7);
    } else if (strncmp(line, "frame ", 6) == 0) {
        vector.type = field(line, "type");
        vector.boot = field(line, "boot");
        vector.sequence = field(line, "sequence");
    } else if (strncmp(line, "start ", 6) == 0) {
        vector.first = number_of(line, "first", 0);
        vector.start = number_of(line, "time", 0);
    } else if (strcmp(line, "decode-only") == 0) {
        vector.decode_only = true;
    } else if (strncmp(line, "plain ", 6) == 0) {
        vector.plain_length = read_hex(line + 6, vector.plain);
    } else if (strncmp(line, "binary ", 7) == 0) {
        vector.binary_length = read_hex(line + 7, vector.binary);
    } else if (strncmp(line, "armour ", 7) == 0) {
        copy_text(vector.armour, sizeof vector.armour, line + 7);
        check_vector();
    } else if (strncmp(line, "hash ", 5) == 0) {
        uint32_t hash = memmap_block_hash(field(line, "address"), field(line, "size"), field(line, "site"));
        if (hash != field(line, "value")) mismatch(line);
        replayed++;
    } else {
        copy_text(vector.calls[vector.count++], sizeof vector.calls[0], line);
    }
}

int main(int argc, char **argv)
{
    test_board();
    for (int i = 1; i < argc; i++) {
        static char line[8192];
        FILE *file = fopen(argv[i], "r");
        if (!file) return 2;
        while (fgets(line, sizeof line, file)) read_line(line);
        fclose(file);
    }
    printf("%u frames and hashes, %u encoded\n", (unsigned)(replayed % 1000), (unsigned)(replayed / 1000));
    return 0;
}
