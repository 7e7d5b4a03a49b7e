// What only a chip can show: every way to the heap is seen exactly once, from tasks on all cores.
#include <stdlib.h>
#include <string.h>

#include "esp_heap_caps.h"
#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"
#include "freertos/task.h"
#include "memmap.h"
#include "unity.h"

static memmap_statistics_t now(void)
{
    memmap_statistics_t statistics;
    memmap_statistics(&statistics);
    return statistics;
}

static void seen_once(void *pointer, memmap_statistics_t before)
{
    TEST_ASSERT_NOT_NULL(pointer);
    TEST_ASSERT_EQUAL_UINT32(before.live_blocks + 1, now().live_blocks);
    free(pointer);
    TEST_ASSERT_EQUAL_UINT32(before.live_blocks, now().live_blocks);
    TEST_ASSERT_EQUAL_UINT32(before.events + 2, now().events);
}

TEST_CASE("every way to the heap is seen once", "[memmap]")
{
    seen_once(malloc(30), now());
    seen_once(calloc(3, 10), now());
    seen_once(realloc(NULL, 30), now());
    seen_once(strdup("a string of some length"), now());
    seen_once(heap_caps_malloc(30, MALLOC_CAP_DMA), now());
    seen_once(heap_caps_calloc(3, 10, MALLOC_CAP_8BIT), now());
    seen_once(heap_caps_aligned_alloc(64, 30, MALLOC_CAP_8BIT), now());
    seen_once(heap_caps_malloc_prefer(30, 2, MALLOC_CAP_SPIRAM, MALLOC_CAP_8BIT), now());
    seen_once(TRACE_MALLOC(30, MALLOC_CAP_8BIT), now());
}

static void churn(void *argument)
{
    for (int i = 0; i < 2000; i++) {
        void *block = malloc(16 + (unsigned)i % 100);
        TEST_ASSERT_NOT_NULL(block);
        free(block);
    }
    xSemaphoreGive(argument);
    vTaskDelete(NULL);
}

TEST_CASE("tasks on all cores leave the table as it was", "[memmap]")
{
    SemaphoreHandle_t done = xSemaphoreCreateCounting(4, 0);
    memmap_statistics_t before = now();
    for (int i = 0; i < 4; i++)
        TEST_ASSERT_EQUAL(pdPASS, xTaskCreatePinnedToCore(churn, "churn", 3072, done, 2, NULL, i % portNUM_PROCESSORS));
    for (int i = 0; i < 4; i++) TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreTake(done, pdMS_TO_TICKS(20000)));
    vTaskDelay(pdMS_TO_TICKS(200)); // the idle tasks free what the tasks stood in
    TEST_ASSERT_EQUAL_UINT32(before.live_blocks, now().live_blocks);
    TEST_ASSERT_EQUAL_UINT32(0, now().faults);
    vSemaphoreDelete(done);
}

TEST_CASE("a double free is reported and harmless", "[memmap]")
{
    void *block = TRACE_MALLOC(24, MALLOC_CAP_8BIT), *alias = block;
    uint32_t faults = now().faults;
    TRACE_FREE(block);
    TRACE_FREE(alias);
    TEST_ASSERT_EQUAL_UINT32(faults + 1, now().faults);
    TEST_ASSERT_TRUE(heap_caps_check_integrity_all(true));
}

void app_main(void) { unity_run_menu(); }
