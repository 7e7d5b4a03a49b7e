// Leak hunting on the chip alone: named marks, and what lives, grouped by site or task, whole or since a mark. Groups are summed up a
// few at a time in passes over the table, so that no memory is needed for them.
#include "lists.h"
#include "events.h"
#include "format.h"
#include "tasks.h"

#if MEMMAP_ENABLE

enum {
    MARKS = 8,
    MARK_NAME_BYTES = 24,
    BATCH = 24,      // groups summed up in one pass, on the stack
    TOP_MAXIMUM = 16 // lines
};

static struct {
    uint32_t count; // since boot
    struct {
        char name[MARK_NAME_BYTES];
        uint64_t time;
        uint8_t generation; // of the blocks allocated after it
    } mark[MARKS];
} marks;

// Blocks that are as old as generations go are held at that age, so that they never look new.
static void hold_oldest(uint8_t next_generation)
{
    mm_block_t block;
    for (uint32_t slot = 0; mm_table_copy(&slot, &block); slot++) {
        if (block.generation != next_generation) continue;
        memmap_port_lock();
        mm_block_t *old = &mm_blocks[slot + 1];
        if (old->generation == next_generation) old->generation = (next_generation + 1u) % MM_GENERATIONS;
        memmap_port_unlock();
    }
}

void memmap_mark(const char *name)
{
    uint32_t length = 0, kept;
    if (!name) name = "";
    while (length < 64 && name[length]) length++;
    memmap_port_lock();
    uint8_t generation = (uint8_t)((mm.table.generation + 1) % MM_GENERATIONS);
    memmap_port_unlock();
    hold_oldest(generation);
    mm_lock_for_event();
    mm.table.generation = generation;
    uint32_t at = marks.count++ % MARKS;
    for (kept = 0; kept < MARK_NAME_BYTES - 1 && kept < length; kept++) marks.mark[at].name[kept] = name[kept];
    marks.mark[at].name[kept] = '\0';
    marks.mark[at].generation = generation;
    marks.mark[at].time = mm_now();
    if (mm.events.on) mm_event_extended(MEMMAP_EXTENDED_MARK, (const uint8_t *)name, length);
    memmap_port_unlock();
}

// Age in generations up to which a block counts, or -1: no such mark. NULL: all blocks; "": since the newest mark. *now is the
// generation that ages are counted from.
static int limit_of(const char *since, uint8_t *now)
{
    int age = since ? -1 : UINT8_MAX;
    memmap_port_lock();
    *now = mm.table.generation;
    for (uint32_t i = 0; i < MARKS && i < marks.count && age < 0; i++) {
        uint32_t at = (marks.count - 1 - i) % MARKS;
        if (since[0] == '\0' || strncmp(marks.mark[at].name, since, MARK_NAME_BYTES - 1) == 0)
            age = (int)((uint32_t)(mm.table.generation - marks.mark[at].generation) % MM_GENERATIONS);
    }
    memmap_port_unlock();
    if (age < 0) mm_print(MEMMAP_LOG_LIST, "memmap: no mark \"%s\" among the last %u\n", since, (unsigned)MARKS);
    return age;
}

static inline uint8_t age_of(const mm_block_t *block, uint8_t now) { return (uint8_t)((uint32_t)(now - block->generation) % MM_GENERATIONS); }

void memmap_list_since(const char *mark)
{
    uint8_t now;
    int limit = limit_of(mark, &now);
    mm_block_t block;
    for (uint32_t slot = 0; limit >= 0 && mm_table_copy(&slot, &block); slot++)
        if (age_of(&block, now) <= limit) mm_print_block(&block);
}

typedef struct {
    uint32_t bytes, blocks, ages; // ages: bit n: a block n marks old is among them (31: or older)
    uint32_t group;
} sum_t;

static void insert_top(sum_t *top, uint32_t *count, uint32_t limit, sum_t sum)
{
    uint32_t at = *count;
    if (sum.blocks == 0) return;
    while (at > 0 && top[at - 1].bytes < sum.bytes) {
        if (at < limit) top[at] = top[at - 1];
        at--;
    }
    if (at < limit) top[at] = sum;
    if (*count < limit) ++*count;
}

static uint32_t bits(uint32_t value)
{
    uint32_t count = 0;
    for (; value; value &= value - 1) count++;
    return count;
}

void memmap_top(memmap_group_t by, const char *since, uint32_t lines)
{
    sum_t top[TOP_MAXIMUM], batch[BATCH];
    uint32_t count = 0, total_blocks = 0, total_bytes = 0, groups = 0, highest = 0;
    uint8_t now;
    int limit = limit_of(since, &now);
    if (limit < 0) return;
    if (lines == 0 || lines > TOP_MAXIMUM) lines = TOP_MAXIMUM;
    for (uint32_t first = 0; first <= highest; first += BATCH) {
        mm_block_t block;
        memset(batch, 0, sizeof batch);
        for (uint32_t slot = 0; mm_table_copy(&slot, &block); slot++) {
            uint32_t group = by == MEMMAP_BY_TASK ? block.task : block.site, age = age_of(&block, now);
            if (group > highest) highest = group;
            if (age > (uint32_t)limit || group - first >= BATCH) continue;
            sum_t *sum = &batch[group - first];
            sum->group = group;
            sum->bytes += mm_block_size(&block);
            sum->blocks++;
            sum->ages |= UINT32_C(1) << (age < 31 ? age : 31);
        }
        for (uint32_t i = 0; i < BATCH; i++) {
            groups += batch[i].blocks != 0;
            total_blocks += batch[i].blocks;
            total_bytes += batch[i].bytes;
            insert_top(top, &count, lines, batch[i]);
        }
    }
    mm_print(MEMMAP_LOG_LIST, "memmap: %u bytes in %u blocks from %u %s%s%s\n", (unsigned)total_bytes, (unsigned)total_blocks,
             (unsigned)groups, by == MEMMAP_BY_TASK ? "tasks" : "sites", since ? ", since mark " : "", since ? since : "");
    for (uint32_t i = 0; i < count; i++) {
        mm_line_t line;
        mm_line_begin(&line);
        mm_text(&line.text, "  %u bytes in %u blocks, ", (unsigned)top[i].bytes, (unsigned)top[i].blocks);
        if (by == MEMMAP_BY_TASK) mm_text(&line.text, "%s", mm_task_label(top[i].group));
        else mm_text_site(&line.text, top[i].group);
        mm_text(&line.text, ", from %u different times between marks\n", (unsigned)bits(top[i].ages));
        mm_line_print(&line, MEMMAP_LOG_LIST);
    }
    mm_print_losses();
}

uint32_t mm_mark_bytes(void) { return sizeof marks; }

#endif // MEMMAP_ENABLE
