// Who is to blame: for a pointer that is freed and not in the table, and for damage around a block. Blocks from before tracking, and those
// that the table had no room for, are unknown too and perfectly legal, so that only a proof counts. Nothing here is looked for by a walk
// through table or history before the heap's own words have said that something is wrong, and never in an interrupt.
#include "blame.h"
#include "freed.h"
#include "sample.h"
#include "sweep.h"
#include "tasks.h"

#if MEMMAP_ENABLE

static bool in_interrupt(void) { return memmap_port_context().task == MEMMAP_IN_INTERRUPT; }

// Every allocation since the probe began is in the table.
static bool all_recorded(void) { return mm_interposed && mm.counters.table_full == 0 && mm.counters.untracked == 0; }

void mm_doubt(void)
{
    memmap_port_lock();
    mm.counters.stale_records++;
    memmap_port_unlock();
}

bool mm_is_there(uint32_t address)
{
    if (MM_TRUSTED || (!in_interrupt() && memmap_port_block_state(mm_pointer(address)) != MEMMAP_BLOCK_NOT_USED)) return true;
    mm_doubt();
    return false;
}

// --- Pointers ------------------------------------------------------------------------------------------------------------------

static void name_block(mm_fault_t *fault, const mm_block_t *block)
{
    fault->address = block->address;
    fault->size = mm_block_size(block);
    fault->alloc_site = block->site;
    fault->alloc_task = block->task;
}

static void name_freed(mm_fault_t *fault, const mm_freed_t *freed)
{
    fault->address = freed->address;
    fault->size = freed->size;
    fault->alloc_site = freed->alloc_site;
    fault->alloc_task = freed->alloc_task;
    fault->freed = true;
    fault->free_site = freed->free_site;
    fault->free_task = freed->free_task;
    fault->free_time = mm_freed_time(freed);
}

static bool find_around(uint32_t address, mm_block_t *found)
{
    for (uint32_t slot = 0; mm_table_copy(&slot, found); slot++)
        if (address > found->address && address - found->address < mm_block_size(found)) return true;
    return false;
}

// Whether the heap rules out that an allocated block begins here, or the probe's having seen every allocation does. `freed`: it has seen
// a block freed there.
static bool no_block_begins_at(const void *pointer, const memmap_look_t *look, bool freed)
{
    switch (look->state) {
        case MEMMAP_BLOCK_NOT_USED: return true;
        case MEMMAP_BLOCK_UNKNOWN: return freed && all_recorded();
        default: break;
    }
    // The program's data may look like the words of a block: where one is not to be expected, the heap is asked for good.
    if (in_interrupt() || !(freed || (all_recorded() && !mm_sampling()))) return false;
    return memmap_port_block_state(pointer) == MEMMAP_BLOCK_NOT_USED;
}

bool mm_blame(const mm_site_t *site, const void *pointer, bool reallocating)
{
    uint32_t address = mm_address(pointer);
    mm_fault_t fault = {.pointer = address, .address = address,
                        .kind = reallocating ? MEMMAP_FAULT_KIND_REALLOC_AFTER_FREE : MEMMAP_FAULT_KIND_DOUBLE_FREE};
    memmap_port_lock();
    const mm_freed_t *newest = mm_freed_find(address);
    mm_freed_t freed = newest ? *newest : (mm_freed_t){.state = MM_FREED_EMPTY};
    memmap_port_unlock();
    memmap_look_t look;
    memmap_port_look(pointer, &look);
    mm_block_t around;
    if (freed.state < MM_FREED_HELD && !no_block_begins_at(pointer, &look, freed.state == MM_FREED_GONE)) return false;
    if (freed.state != MM_FREED_EMPTY) {
        name_freed(&fault, &freed);
    } else if (!in_interrupt() && find_around(address, &around)) {
        fault.kind = MEMMAP_FAULT_KIND_INTERIOR_FREE;
        name_block(&fault, &around);
    } else if (!in_interrupt() && mm_freed_around(address, &freed)) {
        name_freed(&fault, &freed);
    } else if (!look.freed && !all_recorded()) {
        mm_doubt(); // perhaps a block whose header was overwritten: the heap must not get it, and nobody is accused
        return true;
    }
    mm_report_fault(&fault, site);
    return true;
}

// --- Damage --------------------------------------------------------------------------------------------------------------------

// (lock) The record of the block behind, where its header is damaged; NULL where it is whole or not known.
static mm_block_t *broken_behind(const memmap_look_t *look)
{
    if (look->state != MEMMAP_BLOCK_USED) return NULL;
    uint32_t number = mm_table_look_up(look->next);
    if (number == 0) return NULL;
    mm_standing_t standing;
    mm_standing(&mm_blocks[number], &standing);
    return look->next_whole && (standing.whole || !standing.right) ? NULL : &mm_blocks[number];
}

static void note_hit(mm_fault_t *fault, uint32_t address)
{
    fault->hit = address;
    if (address != 0) fault->damage.length = address - fault->address - (uint32_t)fault->damage.offset; // its header too
}

// (lock) The tracked block behind one whose own header was hit, by what the heap makes of its size at least; 0: none.
static uint32_t probably_behind(const mm_block_t *block)
{
    uint32_t held = ((mm_block_size(block) + 3) & ~UINT32_C(3)) + (block->size_flags & MM_BLOCK_RED_ZONE ? MM_ZONE_BYTES : 0);
    uint32_t first = block->address + (held < 12 ? 12 : held) + 4 + MEMMAP_HEAP_OWN_BYTES;
    for (uint32_t at = first; at <= first + 12; at += 4)
        if (mm_table_look_up(at) != 0) return at;
    return 0;
}

// (lock) Spares the block at `at`, and those behind that were hit with it.
static void spare(uint32_t at, bool hit, mm_fault_t *fault)
{
    enum { FARTHEST = 8 }; // blocks
    for (int i = 0; i < FARTHEST && at != 0; i++, hit = false) {
        uint32_t number = mm_table_look_up(at);
        if (number == 0) break;
        mm_block_t *block = &mm_blocks[number];
        mm_standing_t found;
        mm_standing(block, &found);
        if (!hit && (found.whole || !found.right)) break;
        block->size_flags |= MM_BLOCK_DAMAGED;
        if (fault->hit == 0) note_hit(fault, at);
        at = probably_behind(block);
    }
}

void mm_follow(const mm_standing_t *standing, mm_fault_t *fault)
{
    if (standing->look.state != MEMMAP_BLOCK_USED) return;
    uint32_t at = standing->look.next;
    bool hit = !standing->look.next_whole;
    if (hit) {
        note_hit(fault, at);
        mm_freed_hit(at);
    }
    spare(at, hit, fault);
}

static mm_fault_t damage_to(const mm_block_t *block, uint8_t kind)
{
    mm_fault_t fault = {.kind = kind, .pointer = block->address, .damaged = true};
    name_block(&fault, block);
    return fault;
}

// (lock) Whether a write past the end of `block` can have reached `address`; *standing and *damage are filled then.
static bool ran_over(const mm_block_t *block, uint32_t address, mm_standing_t *standing, mm_damage_t *damage)
{
    uint32_t zone_end = ((mm_block_size(block) + 3) & ~UINT32_C(3)) + CONFIG_MEMMAP_RED_ZONE_BYTES;
    if (!(block->size_flags & MM_BLOCK_RED_ZONE)) return false;
    mm_standing(block, standing);
    if (!standing->right || !mm_zone_damaged(block, standing, damage)) return false;
    if (standing->whole && standing->look.next == address) return true;
    // Something small lies between, or the block's own header was hit and cannot tell: then the write must have run through the zone.
    return (uint32_t)damage->offset + damage->length >= zone_end && address - block->address - zone_end <= 128;
}

// The block whose end was written past, over the header of `hit`; *whole: its own header is.
static MM_COLD bool find_before(const mm_block_t *hit, mm_block_t *found, bool *whole)
{
    enum { REACH = 256 }; // zone, the heap's own words, and what it rounds up of a small block; a large one is rounded up by an eighth
    for (uint32_t slot = 0; mm_table_copy(&slot, found); slot++) {
        uint32_t size = mm_block_size(found);
        if (found->address >= hit->address || hit->address - found->address > size + size / 4 + REACH) continue;
        mm_standing_t standing;
        mm_damage_t damage;
        memmap_port_lock();
        uint32_t number = mm_table_look_up(found->address);
        bool is = number != 0 && ran_over(&mm_blocks[number], hit->address, &standing, &damage);
        memmap_port_unlock();
        *whole = is && standing.whole;
        if (is) return true;
    }
    return false;
}

// Reports a write past the end of `victim` over the header of `hit`, if it is not spared.
static MM_COLD void report_the_one_before(const mm_site_t *site, const mm_block_t *victim, const mm_block_t *hit)
{
    mm_fault_t fault = damage_to(victim, MEMMAP_FAULT_KIND_OVERFLOW);
    bool tell = false;
    memmap_port_lock();
    uint32_t number = mm_table_look_up(victim->address);
    if (number != 0 && !(mm_blocks[number].size_flags & MM_BLOCK_DAMAGED)) {
        mm_standing_t standing;
        mm_standing(&mm_blocks[number], &standing);
        tell = mm_zone_damaged(&mm_blocks[number], &standing, &fault.damage);
        mm_blocks[number].size_flags |= MM_BLOCK_DAMAGED;
        mm_follow(&standing, &fault);
        if (fault.hit == 0) note_hit(&fault, hit->address); // it is in the table no longer
        spare(probably_behind(hit), false, &fault);
    }
    memmap_port_unlock();
    if (!tell || !mm_is_there(victim->address)) return;
    mm_check_bracket(victim->size_flags, &fault);
    mm_report_fault(&fault, site);
}

bool mm_blame_the_one_before(const mm_site_t *site, const mm_block_t *hit)
{
    enum { FARTHEST = 8 }; // blocks: where one's own header was hit too, the write began further in front
    mm_block_t victim = *hit, writer;
    bool whole = false, found = false;
    for (int i = 0; i < FARTHEST && !whole && find_before(&victim, &writer, &whole); i++, victim = writer) found = true;
    if (found) report_the_one_before(site, &victim, hit);
    return found;
}

// Apart, so that the fault is not on the stack while the block in front is looked for.
static MM_COLD void report_start(const mm_site_t *site, const mm_block_t *block)
{
    mm_fault_t fault = damage_to(block, MEMMAP_FAULT_KIND_UNDERFLOW);
    mm_start_damage(mm_pointer(block->address), &fault.damage);
    mm_report_fault(&fault, site);
}

bool mm_blame_start(const mm_site_t *site, const mm_block_t *block)
{
    if (!mm_is_there(block->address)) return false;
    if (in_interrupt() || !mm_blame_the_one_before(site, block)) report_start(site, block);
    return true;
}

static MM_COLD void blame_end(const mm_site_t *site, const mm_block_t *block, const mm_standing_t *standing, const mm_damage_t *damage)
{
    mm_fault_t fault = damage_to(block, MEMMAP_FAULT_KIND_OVERFLOW);
    fault.damage = *damage;
    mm_check_bracket(block->size_flags, &fault);
    memmap_port_lock();
    mm_follow(standing, &fault);
    memmap_port_unlock();
    mm_report_fault(&fault, site);
}

mm_verdict_t mm_judge_at_length(const mm_site_t *site, const mm_block_t *block)
{
    bool spared = (block->size_flags & MM_BLOCK_DAMAGED) != 0;
    uint32_t size = mm_block_size(block);
    mm_standing_t standing;
    const memmap_look_t *look = &standing.look;
    mm_standing(block, &standing);
    if (MM_TRUSTED && !memmap_options.check_start) standing.whole = standing.used = true;
    mm_verdict_t verdict = {.right = standing.right, .writable = standing.held < size ? standing.held : size};
    if (!standing.right) {
        mm_doubt();
        verdict.taken = standing.used && (look->state == MEMMAP_BLOCK_UNKNOWN || look->agrees);
        return verdict;
    }
    if (!standing.whole) {
        if (!spared && memmap_options.check_start) verdict.right = mm_blame_start(site, block);
        return verdict;
    }
    mm_damage_t damage;
    if ((block->size_flags & MM_BLOCK_RED_ZONE) && !spared && mm_zone_damaged(block, &standing, &damage)) blame_end(site, block, &standing, &damage);
    memmap_port_lock();
    mm_block_t *next = broken_behind(look), hit = {.size_flags = MM_BLOCK_DAMAGED};
    if (next) {
        hit = *next;
        next->size_flags |= MM_BLOCK_DAMAGED;
    }
    memmap_port_unlock();
    if (!(hit.size_flags & MM_BLOCK_DAMAGED) && memmap_options.check_start) mm_blame_start(site, &hit);
    // On freeing this block the heap would read what was written over.
    bool agrees = look->state == MEMMAP_BLOCK_UNKNOWN || look->agrees;
    if (!agrees && !next && look->next_whole) mm_doubt(); // words of free blocks, or flags: whoever it was
    verdict.taken = agrees && !next;
    return verdict;
}

#endif // MEMMAP_ENABLE
