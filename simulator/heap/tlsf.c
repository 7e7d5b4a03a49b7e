// See tlsf.h. After M. Masmano, I. Ripoll, A. Crespo and J. Real, "TLSF: a new dynamic memory allocator for real-time systems",
// ECRTS 2004; sizes of the two levels as ESP-IDF chooses them by the size of the range.
#include "tlsf.h"

#include "heap_port.h"

#include <string.h>

typedef struct {
    tlsf_address_t previous;
    uint32_t size_and_flags;
    tlsf_address_t next_free;
    tlsf_address_t previous_free;
} block_t;

enum { FREE_BIT = 1, PREVIOUS_FREE_BIT = 2, FLAGS = 3, USER_OFFSET = 8 };

typedef struct {
    uint32_t first;
    uint32_t second;
} list_index_t;

static unsigned highest_bit(uint32_t word) { return 31U - (unsigned)__builtin_clz(word); }
static unsigned lowest_bit(uint32_t word) { return (unsigned)__builtin_ctz(word); }

static uint32_t align_up(uint32_t value, uint32_t alignment) { return (value + alignment - 1U) & ~(alignment - 1U); }

static block_t *block_at(tlsf_address_t address) { return tlsf_pointer(address); }
static block_t *block_of(const void *pointer) { return block_at(tlsf_address(pointer) - USER_OFFSET); }
static void *user_of(const block_t *block) { return tlsf_pointer(tlsf_address(block) + USER_OFFSET); }
static uint32_t size_of(const block_t *block) { return block->size_and_flags & ~(uint32_t)FLAGS; }
static bool is_free(const block_t *block) { return (block->size_and_flags & FREE_BIT) != 0; }
static bool is_previous_free(const block_t *block) { return (block->size_and_flags & PREVIOUS_FREE_BIT) != 0; }
static block_t *next_of(const block_t *block)
{
    return block_at(tlsf_address(block) + TLSF_BLOCK_OVERHEAD + size_of(block));
}

static void set_size(block_t *block, uint32_t size)
{
    block->size_and_flags = size | (block->size_and_flags & FLAGS);
}

// Marks the block free or used in its own word and in its successor's.
static void set_free(block_t *block, bool free)
{
    block_t *next = next_of(block);
    if (free) {
        block->size_and_flags |= FREE_BIT;
        next->size_and_flags |= PREVIOUS_FREE_BIT;
        next->previous = tlsf_address(block);
    } else {
        block->size_and_flags &= ~(uint32_t)FREE_BIT;
        next->size_and_flags &= ~(uint32_t)PREVIOUS_FREE_BIT;
    }
}

static uint32_t *second_bitmap(const tlsf_t *tlsf, uint32_t first)
{
    return (uint32_t *)tlsf_pointer(tlsf->sl_bitmap) + first;
}

static tlsf_address_t *list_head(const tlsf_t *tlsf, list_index_t index)
{
    return (tlsf_address_t *)tlsf_pointer(tlsf->blocks) + index.first * tlsf->sl_index_count + index.second;
}

static list_index_t list_for(const tlsf_t *tlsf, uint32_t size)
{
    list_index_t index;
    if (size < tlsf->small_block_size) {
        index.first = 0;
        index.second = size / (tlsf->small_block_size / tlsf->sl_index_count);
    } else {
        const unsigned log2 = highest_bit(size);
        index.first = log2 - (tlsf->fl_index_shift - 1U);
        index.second = (size >> (log2 - tlsf->sl_index_count_log2)) ^ (1U << tlsf->sl_index_count_log2);
    }
    return index;
}

static void insert(tlsf_t *tlsf, block_t *block)
{
    const list_index_t index = list_for(tlsf, size_of(block));
    tlsf_address_t *head = list_head(tlsf, index);
    block_t *first = block_at(*head);
    if (*head == 0) heap_port_abort("free list is broken", block);
    block->next_free = *head;
    block->previous_free = tlsf_address(tlsf);
    first->previous_free = tlsf_address(block);
    *head = tlsf_address(block);
    tlsf->fl_bitmap |= 1U << index.first;
    *second_bitmap(tlsf, index.first) |= 1U << index.second;
}

static void take_out(tlsf_t *tlsf, block_t *block)
{
    const list_index_t index = list_for(tlsf, size_of(block));
    if (index.first >= tlsf->fl_index_count) heap_port_abort("size of a free block is broken", block);
    if (block->previous_free == 0 || block->next_free == 0) heap_port_abort("links of a free block are broken", block);
    block_at(block->next_free)->previous_free = block->previous_free;
    block_at(block->previous_free)->next_free = block->next_free;
    tlsf_address_t *head = list_head(tlsf, index);
    if (*head != tlsf_address(block)) return;
    *head = block->next_free;
    if (*head != tlsf_address(tlsf)) return;
    uint32_t *second = second_bitmap(tlsf, index.first);
    *second &= ~(1U << index.second);
    if (*second == 0) tlsf->fl_bitmap &= ~(1U << index.first);
}

// Swallows `block`'s successor.
static void absorb_next(block_t *block)
{
    set_size(block, size_of(block) + TLSF_BLOCK_OVERHEAD + size_of(next_of(block)));
    next_of(block)->previous = tlsf_address(block);
}

static block_t *merge_with_neighbours(tlsf_t *tlsf, block_t *block)
{
    if (is_previous_free(block)) {
        block_t *previous = block_at(block->previous);
        if (!is_free(previous)) heap_port_abort("a block and its predecessor disagree", block);
        take_out(tlsf, previous);
        absorb_next(previous);
        block = previous;
    }
    block_t *next = next_of(block);
    if (is_free(next)) {
        take_out(tlsf, next);
        absorb_next(block);
    }
    return block;
}

static bool can_split(const block_t *block, uint32_t size) { return size_of(block) >= sizeof(block_t) + size; }

// Cuts `block` to `size` and returns what is left behind it, as a block that says that it is free and whose successor knows.
static block_t *split(block_t *block, uint32_t size)
{
    block_t *rest = block_at(tlsf_address(block) + TLSF_BLOCK_OVERHEAD + size);
    rest->size_and_flags = size_of(block) - (size + TLSF_BLOCK_OVERHEAD);
    set_size(block, size);
    set_free(rest, true);
    return rest;
}

// Of a used block.
static void give_back_tail(tlsf_t *tlsf, block_t *block, uint32_t size)
{
    if (can_split(block, size)) insert(tlsf, merge_with_neighbours(tlsf, split(block, size)));
}

// 0 where the request cannot be met by any block.
static uint32_t block_size_for(const tlsf_t *tlsf, size_t request, uint32_t alignment)
{
    if (request == 0 || request >= (1U << tlsf->fl_index_max)) return 0;
    const uint32_t size = align_up((uint32_t)request, alignment);
    if (size >= (1U << tlsf->fl_index_max)) return 0;
    return size < TLSF_BLOCK_MINIMUM ? TLSF_BLOCK_MINIMUM : size;
}

// The smallest size of the first list all of whose blocks hold `size` bytes. ESP-IDF cuts blocks to this size, so that a freed
// block serves the same request again; a block of 1995 bytes in a heap of 300 KB thus takes 2016.
static uint32_t list_size(const tlsf_t *tlsf, uint32_t size)
{
    if (size < tlsf->small_block_size) return size;
    const uint32_t step = 1U << (highest_bit(size) - tlsf->sl_index_count_log2);
    return align_up(size, step);
}

// Takes the first block of the first list all of whose blocks have `size` bytes, which is a list_size(); NULL where all are empty.
static block_t *find(tlsf_t *tlsf, uint32_t size)
{
    list_index_t index = list_for(tlsf, size);
    if (index.first >= tlsf->fl_index_count) return NULL;
    uint32_t second = *second_bitmap(tlsf, index.first) & (~0U << index.second);
    if (second == 0) {
        const uint32_t first = tlsf->fl_bitmap & (~0U << index.first) & ~(1U << index.first);
        if (first == 0) return NULL;
        index.first = lowest_bit(first);
        second = *second_bitmap(tlsf, index.first);
    }
    if (second == 0) heap_port_abort("bitmaps of the free lists disagree", tlsf);
    index.second = lowest_bit(second);
    block_t *block = block_at(*list_head(tlsf, index));
    if (size_of(block) < size) heap_port_abort("size of a free block is broken", block);
    take_out(tlsf, block);
    return block;
}

static void *hand_out(tlsf_t *tlsf, block_t *block, uint32_t size)
{
    set_free(block, false);
    give_back_tail(tlsf, block, size);
    return user_of(block);
}

tlsf_t *tlsf_create(tlsf_address_t start, uint32_t bytes)
{
    if (bytes < sizeof(tlsf_t)) return NULL;
    const unsigned sl_log2 = bytes <= 16U * 1024U ? 3 : bytes <= 256U * 1024U ? 4 : 5;
    const unsigned fl_max = highest_bit(bytes) + 1U;
    const unsigned fl_shift = sl_log2 + 2U;  // log2 of the alignment
    const unsigned fl_count = fl_max - fl_shift + 1U;
    const uint32_t sl_count = 1U << sl_log2;
    const uint32_t size = (uint32_t)sizeof(tlsf_t) + 4U * fl_count + 4U * fl_count * sl_count;
    if (bytes < size + 2U * TLSF_BLOCK_OVERHEAD + TLSF_BLOCK_MINIMUM) return NULL;

    tlsf_t *tlsf = tlsf_pointer(start);
    memset(tlsf, 0, size);
    tlsf->fl_index_count = fl_count & 0x1F;
    tlsf->fl_index_shift = fl_shift & 0x7;
    tlsf->fl_index_max = fl_max & 0x3F;
    tlsf->sl_index_count = sl_count & 0x3F;
    tlsf->sl_index_count_log2 = sl_log2 & 0x7;
    tlsf->small_block_size = (1U << fl_shift) & 0xFF;
    tlsf->size = size;
    tlsf->sl_bitmap = start + (uint32_t)sizeof(tlsf_t);
    tlsf->blocks = tlsf->sl_bitmap + 4U * fl_count;
    block_t *null_block = block_at(start);
    null_block->next_free = start;
    null_block->previous_free = start;
    for (uint32_t i = 0; i < fl_count * sl_count; i++) ((tlsf_address_t *)tlsf_pointer(tlsf->blocks))[i] = start;

    block_t *pool = block_at(start + size - TLSF_BLOCK_OVERHEAD);
    const uint32_t pool_size = (bytes - size - 2U * TLSF_BLOCK_OVERHEAD) & ~(uint32_t)(TLSF_ALIGNMENT - 1);
    pool->size_and_flags = pool_size;
    next_of(pool)->size_and_flags = 0;
    set_free(pool, true);
    insert(tlsf, pool);
    return tlsf;
}

void *tlsf_malloc(tlsf_t *tlsf, size_t request)
{
    const uint32_t size = list_size(tlsf, block_size_for(tlsf, request, TLSF_ALIGNMENT));
    block_t *block = size == 0 ? NULL : find(tlsf, size);
    return block == NULL ? NULL : hand_out(tlsf, block, size);
}

void *tlsf_aligned_alloc(tlsf_t *tlsf, size_t alignment, size_t request)
{
    if (alignment <= TLSF_ALIGNMENT) return tlsf_malloc(tlsf, request);
    const uint32_t size = block_size_for(tlsf, request, TLSF_ALIGNMENT);
    const uint32_t align = (uint32_t)alignment;
    if (size == 0 || alignment >= (1U << tlsf->fl_index_max)) return NULL;
    // Room to move the start up to an aligned address and leave a block of its own before it.
    const uint32_t gap_minimum = (uint32_t)sizeof(block_t);
    const uint32_t with_gap = block_size_for(tlsf, (size_t)size + align + gap_minimum, align);
    block_t *block = with_gap == 0 ? NULL : find(tlsf, list_size(tlsf, with_gap));
    if (block == NULL) return NULL;
    const tlsf_address_t user = tlsf_address(user_of(block));
    tlsf_address_t aligned = align_up(user, align);
    if (aligned != user && aligned - user < gap_minimum) aligned = align_up(user + gap_minimum, align);
    if (aligned != user) {
        block_t *rest = split(block, aligned - user - TLSF_BLOCK_OVERHEAD);
        set_free(block, true);
        insert(tlsf, block);
        block = rest;
    }
    return hand_out(tlsf, block, size);
}

void *tlsf_realloc(tlsf_t *tlsf, void *pointer, size_t request)
{
    block_t *block = block_of(pointer);
    const uint32_t current = size_of(block);
    const uint32_t size = block_size_for(tlsf, request, TLSF_ALIGNMENT);
    if (is_free(block)) heap_port_abort("realloc of a free block", pointer);
    if (size == 0) return NULL;
    block_t *next = next_of(block);
    if (size > current) {
        const uint32_t combined = current + TLSF_BLOCK_OVERHEAD + size_of(next);
        if (!is_free(next) || size > combined) {
            void *moved = tlsf_malloc(tlsf, request);
            if (moved == NULL) return NULL;
            memcpy(moved, pointer, current);
            tlsf_free(tlsf, pointer);
            return moved;
        }
        take_out(tlsf, next);
        absorb_next(block);
        set_free(block, false);
    }
    give_back_tail(tlsf, block, size);
    return pointer;
}

void tlsf_free(tlsf_t *tlsf, void *pointer)
{
    block_t *block = block_of(pointer);
    if (is_free(block)) heap_port_abort("free of a free block", pointer);
    set_free(block, true);
    insert(tlsf, merge_with_neighbours(tlsf, block));
}

size_t tlsf_block_size(const void *pointer) { return size_of(block_of(pointer)); }

// The largest request that a block of `size` bytes is certain to serve.
static uint32_t fit_size(const tlsf_t *tlsf, uint32_t size)
{
    return size < tlsf->small_block_size ? size : size & ~((1U << (highest_bit(size) - tlsf->sl_index_count_log2)) - 1U);
}

size_t tlsf_largest_free(const tlsf_t *tlsf)
{
    if (tlsf->fl_bitmap == 0) return 0;
    list_index_t index = {.first = highest_bit(tlsf->fl_bitmap)};
    index.second = highest_bit(*second_bitmap(tlsf, index.first));
    uint32_t largest = 0;
    for (tlsf_address_t at = *list_head(tlsf, index); at != tlsf_address(tlsf); at = block_at(at)->next_free) {
        const uint32_t size = size_of(block_at(at));
        if (size > largest) largest = size;
    }
    return fit_size(tlsf, largest);
}

static const block_t *first_block(const tlsf_t *tlsf)
{
    return block_at(tlsf_address(tlsf) + tlsf->size - TLSF_BLOCK_OVERHEAD);
}

// Whether the block with its header lies before `end`; sizes are user data's neighbours and may hold anything.
static bool lies_inside(const block_t *block, tlsf_address_t end)
{
    return size_of(block) <= end - tlsf_address(block) - USER_OFFSET;
}

void tlsf_walk(const tlsf_t *tlsf, tlsf_address_t end, tlsf_visit_t visit, void *context)
{
    // As ESP-IDF's, it shows a block of impossible size too: the last one that it finds.
    for (const block_t *block = first_block(tlsf); size_of(block) != 0; block = next_of(block)) {
        if (!visit(user_of(block), size_of(block), !is_free(block), context) || !lies_inside(block, end)) return;
    }
}

static const char *check_blocks(const tlsf_t *tlsf, tlsf_address_t end, const void **where, uint32_t *free_blocks)
{
    bool previous_free = false;
    const block_t *previous = NULL;
    const block_t *block = first_block(tlsf);
    for (;; block = next_of(block)) {
        *where = block;
        if (tlsf_address(block) + USER_OFFSET > end || !lies_inside(block, end)) return "a block reaches past its heap";
        if (is_previous_free(block) != previous_free) return "a block and its predecessor disagree";
        if (previous_free && block->previous != tlsf_address(previous)) return "a link to the previous block is broken";
        if (size_of(block) == 0) break;
        if (size_of(block) < TLSF_BLOCK_MINIMUM) return "a block is smaller than any block";
        if (previous_free && is_free(block)) return "two free neighbours are not merged";
        *free_blocks += is_free(block) ? 1U : 0U;
        previous_free = is_free(block);
        previous = block;
    }
    return tlsf_address(block) + USER_OFFSET + TLSF_ALIGNMENT <= end ? "the last block is not the last" : NULL;
}

const char *tlsf_check(const tlsf_t *tlsf, tlsf_address_t end, const void **where)
{
    uint32_t free_blocks = 0;
    const char *wrong = check_blocks(tlsf, end, where, &free_blocks);
    if (wrong != NULL) return wrong;
    const tlsf_address_t none = tlsf_address(tlsf);
    uint32_t listed = 0;
    for (list_index_t i = {0, 0}; i.first < tlsf->fl_index_count; i.first++) {
        for (i.second = 0; i.second < tlsf->sl_index_count; i.second++) {
            const bool marked = (*second_bitmap(tlsf, i.first) >> i.second & 1U) != 0;
            if (marked != (*list_head(tlsf, i) != none)) return "bitmaps of the free lists disagree";
            tlsf_address_t before = none;
            for (tlsf_address_t at = *list_head(tlsf, i); at != none; before = at, at = block_at(at)->next_free) {
                const block_t *block = *where = block_at(at);
                if (at < none || at >= end || at % TLSF_ALIGNMENT != 0) return "a free list leaves its heap";
                if (!is_free(block) || block->previous_free != before) return "links of a free block are broken";
                const list_index_t right = list_for(tlsf, size_of(block));
                if (right.first != i.first || right.second != i.second) return "a free block is in the wrong list";
                if (++listed > free_blocks) return "a free list holds what is not a free block";
            }
        }
    }
    return listed == free_blocks ? NULL : "a free block is in no list";
}
