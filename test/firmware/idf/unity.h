#pragma once
#include <stdint.h>
#define MEMMAP_STUB_JOIN(a, b) a##b
#define MEMMAP_STUB_CASE(number) MEMMAP_STUB_JOIN(test_case_, number)
#define TEST_CASE(name, tags)                                                                                              \
    void MEMMAP_STUB_CASE(__LINE__)(void);                                                                                 \
    void MEMMAP_STUB_CASE(__LINE__)(void)
void memmap_stub_assert(int condition);
#define TEST_ASSERT_NOT_NULL(pointer) memmap_stub_assert((pointer) != NULL)
#define TEST_ASSERT_TRUE(condition) memmap_stub_assert(condition)
#define TEST_ASSERT_EQUAL(expected, actual) memmap_stub_assert((expected) == (actual))
#define TEST_ASSERT_EQUAL_UINT32(expected, actual) memmap_stub_assert((uint32_t)(expected) == (uint32_t)(actual))
void unity_run_menu(void);
