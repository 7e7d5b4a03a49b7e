// What follows a request that the heap refuses: one report for each call of the program that fails, and what ESP-IDF does in that case
// (the application's callback, CONFIG_HEAP_ABORT_WHEN_ALLOCATION_FAILS), once as well.
//
// A refusal seen by interposition is an attempt only: ESP-IDF may go on to try other memory (heap_caps_malloc_prefer, malloc with
// PSRAM). When it gives up, it calls its one failed-allocation callback. So that is the probe's; the application's, which
// heap_caps_register_failed_alloc_callback() is interposed for, is called from there. What an attempt knows more than the callback is
// told (site, alignment) waits for it here, by task.
//
// All that makes reports is in flash. Where that cannot be read, a failure is only counted.
#include "failure.h"
#include "callers.h"
#include "format.h"
#include "tasks.h"

#if MEMMAP_ENABLE

#if MEMMAP_INTERPOSE

#include "memmap_real.h"

enum { ATTEMPTS = 4 }; // tasks that may be between a refusal and the callback at a time

typedef struct {
    uintptr_t context; // of the call; 0: none waits here, or one from before the scheduler
    uint32_t size, count, alignment, released;
    uint16_t site;
    uint8_t reason; // 0: nothing is known
} attempt_t;

static struct {
    attempt_t attempts[ATTEMPTS];
    uint32_t next; // entry to be displaced next
    esp_alloc_failed_hook_t application;
    bool registered;
} failing;

// (lock) The entry of this context, or NULL.
static attempt_t *find_attempt(uintptr_t context)
{
    for (uint32_t i = 0; i < ATTEMPTS; i++)
        if (failing.attempts[i].reason != 0 && failing.attempts[i].context == context) return &failing.attempts[i];
    return NULL;
}

// `caller`: as noted in front of the interposed functions, or 0.
static MM_COLD void report_call(uint32_t size, uint32_t caps, uintptr_t caller)
{
    attempt_t known = {.size = size, .count = 1, .reason = MEMMAP_FAILURE_REASON_NO_MEMORY};
    memmap_port_lock();
    attempt_t *attempt = find_attempt(mm_running());
    if (attempt) {
        // Not one that another call made good by a second attempt, where this one was refused before its first (too large).
        if (attempt->reason != MEMMAP_FAILURE_REASON_NO_MEMORY || attempt->size == size) known = *attempt;
        attempt->reason = 0;
    }
    memmap_port_unlock();
    if (known.size == 0 || known.count == 0) return; // calloc(0, n) is no failure, but ESP-IDF says so
    mm_site_t site = {.key = caller, .caps = caps, .kind = MM_SITE_CALLERS, .depth = 1, .callers = &caller};
    mm_failure_t failure = {.reason = known.reason, .size = known.size, .count = known.count, .caps = caps,
                            .alignment = known.alignment, .released = known.released, .site = known.site};
    mm_report_failure(&failure, known.site == 0 && caller != 0 ? &site : NULL);
}

// ESP-IDF calls this once for each call that has failed for good; in any context, perhaps with the flash cache off.
static MM_HOT void heap_failed(size_t size, uint32_t caps, const char *function)
{
    // The note ends here: what the application allocates from now on is its own.
    uintptr_t caller = mm_note_take();
    if (memmap_port_flash_ready()) report_call((uint32_t)size, caps, caller);
    else if (size != 0) mm_report_drop();
    if (failing.application) failing.application(size, caps, function);
}

// False where the callback cannot be had, so that nobody will say whether this was the last attempt.
static bool remember_attempt(const mm_failure_t *failure, const mm_site_t *site)
{
    if (!failing.registered) failing.registered = __real_heap_caps_register_failed_alloc_callback(heap_failed) == ESP_OK;
    if (!failing.registered) return false;
    mm_lock_for_event();
    uintptr_t context = mm_running();
    attempt_t *attempt = find_attempt(context);
    if (!attempt) {
        attempt = &failing.attempts[failing.next];
        failing.next = (failing.next + 1) % ATTEMPTS;
    }
    *attempt = (attempt_t){.context = context, .size = failure->size, .count = failure->count, .alignment = failure->alignment,
                           .released = failure->released, .site = (uint16_t)mm_site_intern(site), .reason = failure->reason};
    memmap_port_unlock();
    return true;
}

esp_err_t __wrap_heap_caps_register_failed_alloc_callback(esp_alloc_failed_hook_t callback);
esp_err_t __wrap_heap_caps_register_failed_alloc_callback(esp_alloc_failed_hook_t callback)
{
    if (callback) failing.application = callback;
    esp_err_t result = __real_heap_caps_register_failed_alloc_callback(callback ? heap_failed : NULL);
    if (callback && result == ESP_OK) failing.registered = true;
    return result;
}

// Whether ESP-IDF's callback will come for this.
static MM_INLINE bool will_be_called(const mm_site_t *site) { return site->attempt && failing.registered; }

// What ESP-IDF's public functions do when one of them fails.
static MM_HOT void act_as_esp_idf(const mm_failure_t *failure, uint32_t method)
{
    static MM_HOT_DATA char no_name[] = "-";
    if (failing.application)
        failing.application(failure->count * failure->size, failure->caps,
                            memmap_port_flash_ready() ? mm_method_name(method) : no_name);
    memmap_port_allocation_failed();
}

#else

static MM_INLINE bool will_be_called(const mm_site_t *site) { return site->attempt; }

// The callback is known to ESP-IDF alone: so its own function has to fail once more. Where it does not, because memory was given back
// meanwhile, the call has failed all the same.
static MM_HOT void act_as_esp_idf(const mm_failure_t *failure, uint32_t method)
{
    void *late;
    switch (method) {
        case MEMMAP_METHOD_CALLOC: late = heap_caps_calloc(failure->count, failure->size, failure->caps); break;
        case MEMMAP_METHOD_REALLOC: late = heap_caps_realloc(NULL, failure->size, failure->caps); break;
        case MEMMAP_METHOD_ALIGNED_ALLOC: late = heap_caps_aligned_alloc(failure->alignment, failure->size, failure->caps); break;
        default: late = heap_caps_malloc(failure->size, failure->caps);
    }
    heap_caps_free(late);
}

#endif

static MM_COLD void report(mm_failure_t *failure, const mm_site_t *site)
{
#if MEMMAP_INTERPOSE
    if (site->attempt && remember_attempt(failure, site)) return;
#endif
    mm_report_failure(failure, site);
}

MM_HOT void mm_failed(mm_failure_t *failure, const mm_site_t *site)
{
    failure->caps = site->caps;
    if (memmap_port_flash_ready()) report(failure, site);
    else if (!will_be_called(site)) mm_report_drop();
    if (!site->attempt) act_as_esp_idf(failure, site->method);
}

#endif // MEMMAP_ENABLE
