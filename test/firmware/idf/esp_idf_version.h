#pragma once
// The version whose headers these stand for; the tests give others, as -DMEMMAP_TEST_IDF=0x050300.
#ifndef MEMMAP_TEST_IDF
#define MEMMAP_TEST_IDF 0x060100
#endif
#define ESP_IDF_VERSION MEMMAP_TEST_IDF
#define ESP_IDF_VERSION_VAL(major, minor, patch) ((major) << 16 | (minor) << 8 | (patch))
const char *esp_get_idf_version(void);
