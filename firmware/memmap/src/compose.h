// Frames other than EVENTS: what the drain sends, one function for each type. All write into `body` and return its end.
#ifndef MEMMAP_COMPOSE_H
#define MEMMAP_COMPOSE_H

#include "store.h"

// Bodies are at most this long; MM_CHECKs in compose.c prove that the longest record fits.
enum { MM_BODY_BYTES = 496 };

uint8_t *mm_compose_hello(uint8_t *body, const memmap_identity_t *identity);
// From site or task *next on, as many as fit; *next is moved. Of sites only those whose bits are set, or NULL: all.
uint8_t *mm_compose_sites(uint8_t *body, uint32_t *next, const uint8_t *only);
uint8_t *mm_compose_tasks(uint8_t *body, uint32_t *next);
uint8_t *mm_compose_regions(uint8_t *body, uint32_t *next);
uint8_t *mm_compose_fault(uint8_t *body, const mm_fault_t *fault);
uint8_t *mm_compose_failure(uint8_t *body, const mm_failure_t *failure);
// Payload of a HEARTBEAT record (lock); at most MEMMAP_HEARTBEAT_BYTES.
uint8_t *mm_compose_heartbeat(uint8_t *payload);

#endif // MEMMAP_COMPOSE_H
