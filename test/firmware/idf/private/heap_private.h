#pragma once
// ESP-IDF declares the type of the lock only with this, and does not set it for components.
#ifndef MULTI_HEAP_FREERTOS
#error "multi_heap_lock_t is not declared"
#endif
#include <stdint.h>
#include <sys/queue.h>
#include "multi_heap.h"
typedef struct heap_t_ {
    uint32_t caps[3];
    intptr_t start, end;
    multi_heap_handle_t heap;
    SLIST_ENTRY(heap_t_) next;
} heap_t;
extern SLIST_HEAD(registered_heap_ll, heap_t_) registered_heaps;
static inline uint32_t get_all_caps(const heap_t *heap) { return heap->caps[0] | heap->caps[1] | heap->caps[2]; }
