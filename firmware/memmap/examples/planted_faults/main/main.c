// A leak, a double free, an overflow and a write after free, on purpose. Record it, and `memmap report` names each.
#include "memmap.h"

#include "freertos/task.h"

static void leak_a_little(void)
{
    char *forgotten;
    TRACE_MALLOC_VAR(forgotten, 48, MALLOC_CAP_8BIT);
    if (forgotten) snprintf(forgotten, 48, "nobody frees this");
}

static void free_twice(void)
{
    char *name = TRACE_MALLOC(24, MALLOC_CAP_8BIT), *alias = name;
    free_unregister_allocation((void **)&name);
    free_unregister_allocation((void **)&alias);
}

static void write_past_the_end(void)
{
    char *text = TRACE_MALLOC(10, MALLOC_CAP_8BIT);
    if (!text) return;
    memcpy(text, "0123456789", 11); // the final 0 has no room
    free_unregister_allocation((void **)&text);
}

static void write_after_free(void)
{
    char *text = TRACE_MALLOC(32, MALLOC_CAP_8BIT), *alias = text;
    free_unregister_allocation((void **)&text);
    if (alias) alias[4] = '!';
}

void app_main(void)
{
    memmap_stream_start(NULL);
    free_twice();
    write_past_the_end();
    write_after_free();
    for (;;) {
        leak_a_little();
        memmap_check(0);
        vTaskDelay(pdMS_TO_TICKS(500));
    }
}
