// What every API comes down to: allocate, reallocate, release. The order is what keeps the record right on two cores: an allocation
// is recorded after the heap has made it, a free before the heap gets the block, a realloc as begin and end.
#include "track.h"
#include "blame.h"
#include "events.h"
#include "failure.h"
#include "quarantine.h"
#include "sample.h"
#include "tasks.h"

#if MEMMAP_ENABLE

// Begins the critical section of a call for a block, and finds that.
static MM_INLINE mm_found_t begin_with(uint32_t address)
{
    mm_begin();
    return mm_table_find(address);
}

// (lock) Ends a record without more being known of the free.
static MM_HOT MM_COLD void take_out(mm_found_t found)
{
    mm_block_t block = mm_blocks[found.number];
    mm_table_remove(found, block.address);
    mm_event_free(block.address, false, 0);
    if (block.size_flags & MM_BLOCK_TASK) mm_task_forget(block.address);
}

// (lock) Is there a record at an address that the heap has just given out, the block was freed where the probe could not see it.
static MM_INLINE void make_way(uint32_t address)
{
    mm_found_t found = mm_table_find(address);
    if (!MM_SELDOM(found.number != 0)) return;
    if (!MEMMAP_HOOKS) mm.counters.stale_records++; // hooks have entered every block before the macros do
    take_out(found);
}

// (lock)
static MM_INLINE void enter(const mm_site_t *site, uint32_t address, uint32_t size_flags)
{
    uint32_t id = mm_site_number(site);
    if (mm_table_insert(address, size_flags, id, mm_context_task(mm.events.context))) {
        mm_event_alloc(address, size_flags >> MM_BLOCK_SIZE_SHIFT, id);
    } else {
        if (MEMMAP_TABLE_TAKEN && mm_table_capacity() == 0) mm.counters.untracked++; // not there yet
        else mm.counters.table_full++;
        mm_freed_forget(address); // its next free is no second one
    }
}

// (lock) A block that is left out.
static MM_INLINE void pass_by(uint32_t address, bool tracked)
{
    mm.counters.untracked += !tracked;
    mm_freed_forget(address);
}

// (lock) All that can be with a block that the heap has given out.
static MM_HOT MM_APART void record_any(const mm_site_t *site, uint32_t address, uint32_t size_flags, bool tracked)
{
    make_way(address);
    if (!tracked || mm_in_drain()) pass_by(address, tracked);
    else enter(site, address, size_flags);
}

// What the heap has given out.
static MM_INLINE void record(const mm_site_t *site, uint32_t address, uint32_t size_flags, bool tracked)
{
    mm_begin();
    // What nearly always is has no call before the last one, so that little is kept over calls.
    uint32_t id = MM_SPEED && tracked ? mm_site_known(site) : 0;
    if (id != 0 && mm_table_find(address).number == 0 && !mm_in_drain() &&
        mm_table_insert(address, size_flags, id, mm_context_task(mm.events.context)))
        mm_event_alloc(address, size_flags >> MM_BLOCK_SIZE_SHIFT, id);
    else if (MM_SPEED && !tracked)
        make_way(address), pass_by(address, false);
    else
        record_any(site, address, size_flags, tracked);
    memmap_port_unlock();
}

// `old`: realloc.
static MM_INLINE void *ask_heap(void *old, size_t size, size_t alignment, uint32_t caps)
{
    if (size > UINT32_MAX) return NULL; // only where pointers are wider than the chip's
    if (old) return memmap_port_realloc(old, size, caps);
    if (alignment == 0) return memmap_port_malloc(size, caps);
    if (alignment == MM_ZEROED) return memmap_port_calloc(1, size, caps);
    return memmap_port_aligned_alloc(alignment, size, caps);
}

// MM_BLOCK_* of a block that is asked for; `zone`: it may have a red zone.
static MM_INLINE uint32_t flags_for(size_t size, uint32_t caps, bool zone)
{
    if (mm_words_only(caps)) return MM_BLOCK_WORDS;
    if (!zone || CONFIG_MEMMAP_RED_ZONE_BYTES == 0 || !memmap_options.red_zones || size >= MM_BLOCK_SIZE_LIMIT - 1) return 0;
    return memmap_port_flash_ready() ? MM_BLOCK_RED_ZONE : 0; // what writes and reads zones is in flash
}

typedef struct { // two words, so that it comes back in registers
    void *pointer; // NULL: refused
    uint32_t flags; // MM_BLOCK_*
} grant_t;

// The probe must not be the reason of a failure: where there is no room, the quarantine is given back, then the red zone left out.
static MM_HOT MM_COLD grant_t ask_heap_again(const mm_site_t *site, void *old, size_t size, size_t alignment, uint32_t flags)
{
    mm_failure_t failure = {.reason = MEMMAP_FAILURE_REASON_NO_MEMORY, .size = (uint32_t)size, .count = 1};
    grant_t grant = {NULL, flags};
    if (memmap_port_context().task != MEMMAP_IN_INTERRUPT) failure.released = mm_quarantine_trim(0);
    if (failure.released != 0) grant.pointer = ask_heap(old, flags & MM_BLOCK_RED_ZONE ? size + mm_zone_bytes(size) : size, alignment, site->caps);
    if (!grant.pointer && (flags & MM_BLOCK_RED_ZONE)) {
        grant.flags = 0;
        grant.pointer = ask_heap(old, size, alignment, site->caps);
    }
    if (!grant.pointer) {
        if (alignment != MM_ZEROED) failure.alignment = (uint32_t)alignment;
        mm_failed(&failure, site);
    }
    return grant;
}

// Asks for memory, and for a red zone behind it. What is refused is reported.
static MM_INLINE grant_t obtain(const mm_site_t *site, void *old, size_t size, size_t alignment, bool zone)
{
    grant_t grant = {NULL, flags_for(size, site->caps, zone)};
    grant.pointer = ask_heap(old, grant.flags & MM_BLOCK_RED_ZONE ? size + mm_zone_bytes(size) : size, alignment, site->caps);
    if (MM_SELDOM(!grant.pointer)) grant = ask_heap_again(site, old, size, alignment, grant.flags);
    if (grant.pointer && (grant.flags & MM_BLOCK_RED_ZONE)) mm_zone_write(grant.pointer, (uint32_t)size);
    return grant;
}

// A size beyond the record's bits is recorded as the largest that fits; the heaps of these chips are smaller.
static MM_INLINE uint32_t size_flags_of(size_t size, uint32_t flags)
{
    return mm_size_flags(size < MM_BLOCK_SIZE_LIMIT ? (uint32_t)size : MM_BLOCK_SIZE_LIMIT - 1, flags);
}

static MM_INLINE void *obtain_and_record(const mm_site_t *site, void *old, size_t size, size_t alignment, bool tracked)
{
    grant_t grant = obtain(site, old, size, alignment, tracked);
    if (grant.pointer) record(site, mm_address(grant.pointer), size_flags_of(size, grant.flags), tracked);
    return grant.pointer;
}

static MM_HOT MM_COLD void *allocate_untracked(const mm_site_t *site, size_t size, size_t alignment)
{
    return obtain_and_record(site, NULL, size, alignment, false);
}

MM_HOT void *mm_allocate(const mm_site_t *site, size_t size, size_t alignment)
{
    if (size == 0) return NULL;
    bool tracked = debug_track_allocation && (!MM_SELDOM(mm_sampling()) || mm_in_sample(size));
    if (MM_SPEED && MM_SELDOM(!tracked)) return allocate_untracked(site, size, alignment);
    return obtain_and_record(site, NULL, size, alignment, MM_SPEED || tracked);
}

static MM_INLINE uint32_t free_site(const mm_site_t *site) { return memmap_options.free_sites ? mm_site_intern(site) : 0; }

// What becomes of a pointer that is not in the table: false where it is proven wrong, which is reported then. Where flash cannot be read
// there is no proof.
static MM_HOT MM_COLD bool pass_on(const mm_site_t *site, const void *pointer, bool reallocating)
{
    if (memmap_port_flash_ready() && mm_blame(site, pointer, reallocating)) return false;
    mm_begin();
    if (!mm_in_drain() && !mm_sampling()) {
        mm.counters.unknown_frees++;
        mm_event_free(mm_address(pointer), true, free_site(site));
    }
    memmap_port_unlock();
    return true;
}

MM_HOT void *mm_allocate_array(const mm_site_t *site, size_t count, size_t size)
{
    uint64_t bytes = (uint64_t)count * size;
    if (count <= UINT32_MAX && size <= UINT32_MAX && bytes <= UINT32_MAX) return mm_allocate(site, (size_t)bytes, MM_ZEROED);
    mm_failure_t failure = {.reason = MEMMAP_FAILURE_REASON_SIZE_OVERFLOW,
                            .size = size <= UINT32_MAX ? (uint32_t)size : UINT32_MAX,
                            .count = count <= UINT32_MAX ? (uint32_t)count : UINT32_MAX};
    mm_failed(&failure, site);
    return NULL;
}

static MM_HOT MM_COLD void *reallocate_unknown(const mm_site_t *site, void *pointer, size_t size)
{
    if (!pass_on(site, pointer, true)) return NULL;
    // In a sample by calls a block that was left out stays out; by bytes its new size decides anew.
    bool tracked = debug_track_allocation && (!mm_sampling() || (memmap_options.sample_bytes != 0 && mm_in_sample(size)));
    return obtain_and_record(site, pointer, size, 0, tracked);
}

// Ends a record: the block lives on untracked, or there is none.
static MM_HOT MM_COLD void drop_record(uint32_t address)
{
    mm_found_t found = begin_with(address);
    if (found.number != 0) take_out(found);
    mm.counters.untracked++;
    memmap_port_unlock();
}

// In place of ask_heap() for a block that is in the table. Where the heap's word before it is overwritten, the heap must not see the block
// again: it is moved, and its memory left out for good. NULL with *right false: the record was of another block, which is gone.
static MM_OUTSIDE grant_t obtain_checked(const mm_site_t *site, const mm_block_t *old, size_t size, bool *right)
{
    void *pointer = mm_pointer(old->address);
    mm_verdict_t verdict = mm_judge(site, old);
    *right = verdict.right;
    if (verdict.taken) return obtain(site, pointer, size, 0, true);
    grant_t moved = {NULL, 0};
    if (!verdict.right) return moved;
    moved = obtain(site, NULL, size, 0, true);
    uint32_t kept = mm_block_size(old);
    if (moved.pointer) memcpy(moved.pointer, pointer, kept < size ? kept : size);
    return moved;
}

MM_HOT void *mm_reallocate(const mm_site_t *site, void *pointer, size_t size)
{
    if (!pointer) return mm_allocate(site, size, 0);
    if (size == 0) {
        mm_release(site, pointer, false);
        return NULL;
    }
    mm_found_t found = begin_with(mm_address(pointer));
    if (MM_SELDOM(found.number == 0)) {
        memmap_port_unlock();
        return reallocate_unknown(site, pointer, size);
    }
    uint32_t number = found.number;
    mm_table_detach(found);
    mm_block_t old = mm_blocks[number];
    mm_event_realloc_begin(old.address);
    memmap_port_unlock();

    bool right = true;
    grant_t moved = memmap_port_flash_ready() ? obtain_checked(site, &old, size, &right) : obtain(site, pointer, size, 0, true);

    mm_begin();
    uint32_t id = mm_site_intern(site);
    mm_block_t block = old;
    if (moved.pointer) {
        block.address = mm_address(moved.pointer);
        block.size_flags = size_flags_of(size, moved.flags);
        block.site = id & ((1u << MM_SITE_BITS) - 1);
        block.task = mm_context_task(mm.events.context) & ((1u << MM_TASK_BITS) - 1);
        size = mm_block_size(&block);
    } else {
        block.size_flags &= ~(uint32_t)MM_BLOCK_MOVING;
    }
    if (block.address != old.address) {
        make_way(block.address);
        mm_freed_add(&old, id, false);
    }
    mm_table_attach(number, &block);
    mm_event_realloc_end(old.address, mm_address(moved.pointer), (uint32_t)size, id);
    memmap_port_unlock();
    // A sample by bytes takes a block by its size: with a new one it stays in, or leaves.
    bool leaves = moved.pointer && MM_SELDOM(memmap_options.sample_bytes != 0) && !mm_in_sample(size);
    if (MM_SELDOM(leaves || (!right && !moved.pointer))) drop_record(block.address);
    return moved.pointer;
}

enum { BUDGET = CONFIG_MEMMAP_QUARANTINE_BYTES };

// What becomes of a freed block: its entry in the history, where it goes into quarantine (0: the heap gets it), and a flag where the
// quarantine has grown too large.
enum { HELD = 0xffff, TRIM = 0x10000, WIPE = 0x20000 };

// (lock) The event of a free, with all that is to be known of it later.
static MM_HOT MM_APART uint32_t remember_free(const mm_site_t *site, const mm_block_t *block)
{
    uint32_t id = MM_SPEED || mm_frees_are_remembered() ? mm_site_number(site) : 0;
    mm_event_free(block->address, false, memmap_options.free_sites ? id : 0);
    if (!memmap_options.remember_frees && !memmap_options.quarantine) return 0;
    // Interrupts should not spend the time, and poison is read by bytes.
    bool in_task = BUDGET != 0 && mm_context_task(mm.events.context) != MEMMAP_TASK_NUMBER_INTERRUPT;
    bool hold = in_task && memmap_options.quarantine && mm_block_size(block) + 1 <= BUDGET && !(block->size_flags & (MM_BLOCK_WORDS | MM_BLOCK_BY_HAND));
    uint32_t held = mm_freed_add(block, id, hold);
    return in_task && mm_quarantine_due(BUDGET) ? held | TRIM : held;
}

// The second half of a free, outside the lock, where the block is to be looked at or to be kept. Where flash can be read.
static MM_OUTSIDE void release_checked(const mm_site_t *site, const mm_block_t *block, uint32_t afterlife)
{
    void *pointer = mm_pointer(block->address);
    // Where the heap's own words around the block are overwritten, the heap must not get it: it would break on them.
    mm_verdict_t verdict = mm_judge(site, block);
    bool held = (afterlife & HELD) && verdict.right;
    if ((afterlife & WIPE) && verdict.right && !(held && verdict.writable <= MM_POISONED_WHOLE)) mm_fill(pointer, verdict.writable, 0);
    if (held) mm_poison(pointer, verdict.writable);
    // Before the heap gets the block: its next owner may free it at once.
    if (afterlife & (HELD | TRIM)) mm_quarantine_settle(afterlife & HELD, held && verdict.taken, afterlife & TRIM ? BUDGET : UINT32_MAX);
    if (!held && verdict.taken) memmap_port_free(pointer);
}

// (lock, which ends here) What is left of a free that is more than to take the block out of the table.
static MM_HOT MM_APART void finish_release(const mm_site_t *site, const mm_block_t *block, bool wipe)
{
    if (block->size_flags & MM_BLOCK_TASK) mm_task_forget(block->address);
    uint32_t afterlife = remember_free(site, block);
    memmap_port_unlock();
    if (wipe && memmap_options.zero_on_free) afterlife |= WIPE;
    bool plain = afterlife == 0 && !(block->size_flags & MM_BLOCK_RED_ZONE) && !memmap_options.check_start;
    if (!plain && memmap_port_flash_ready()) {
        release_checked(site, block, afterlife);
        return;
    }
    void *pointer = mm_pointer(block->address);
    if (MM_TRUSTED && (afterlife & WIPE) && !(block->size_flags & MM_BLOCK_BY_HAND)) mm_fill(pointer, mm_block_size(block), 0);
    memmap_port_free(pointer);
}

MM_HOT void mm_release(const mm_site_t *site, void *pointer, bool wipe)
{
    if (!pointer) return;
    mm_found_t found = begin_with(mm_address(pointer));
    if (MM_SELDOM(found.number == 0)) {
        bool left_out = mm_sampling() && !mm_freed_find(mm_address(pointer)); // of the sample: not in the record, and not freed before
        memmap_port_unlock();
        if (left_out || pass_on(site, pointer, false)) memmap_port_free(pointer);
        return;
    }
    uint32_t size_flags = found.block->size_flags, origin = found.block->origin;
    mm_table_remove(found, mm_address(pointer));
    if (MM_SPEED && !(size_flags & (MM_BLOCK_TASK | MM_BLOCK_RED_ZONE)) && !mm_frees_are_remembered() && !memmap_options.check_start &&
        !(wipe && memmap_options.zero_on_free)) {
        mm_event_free(mm_address(pointer), false, 0);
        memmap_port_unlock();
        memmap_port_free(pointer);
    } else {
        mm_block_t block = {.address = mm_address(pointer), .size_flags = size_flags, .origin = origin};
        finish_release(site, &block, wipe);
    }
}

#if MEMMAP_HOOKS
// The macros' own calls reach the heap too: their record, which knows the place, replaces this one a moment later.
MM_HOT void mm_hook_allocated(uint32_t address, uint32_t size, uint32_t caps)
{
    mm_site_t site = {.caps = caps, .kind = MM_SITE_CALLERS, .method = MEMMAP_METHOD_UNKNOWN};
    if (debug_track_allocation) record(&site, address, size_flags_of(size, flags_for(size, caps, false)), true);
}

MM_HOT void mm_hook_freed(uint32_t address)
{
    mm_found_t found = begin_with(address);
    if (found.number != 0) take_out(found);
    memmap_port_unlock();
}
#endif

void mm_register(const mm_site_t *site, uint32_t address, uint32_t size)
{
    uint32_t size_flags = size_flags_of(size, flags_for(size, site->caps, false) | MM_BLOCK_BY_HAND);
    mm_found_t found = begin_with(address);
    if (found.number != 0) { // seen already: the entry by hand only says better where it comes from
        size_flags = mm_blocks[found.number].size_flags;
        take_out(found);
    }
    enter(site, address, size_flags);
    memmap_port_unlock();
}

void mm_unregister(const mm_site_t *site, uint32_t address)
{
    mm_found_t found = begin_with(address);
    bool known = found.number != 0;
    if (known) mm_table_remove(found, address);
    else mm.counters.unknown_frees++;
    mm_event_free(address, !known, known ? free_site(site) : 0);
    memmap_port_unlock();
}

#endif // MEMMAP_ENABLE
