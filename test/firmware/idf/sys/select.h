#pragma once
#include <stdint.h>
typedef struct {
    uint32_t bits[2];
} fd_set;
struct timeval {
    int64_t tv_sec;
    long tv_usec;
};
#define FD_ZERO(set) ((set)->bits[0] = (set)->bits[1] = 0)
#define FD_SET(descriptor, set) ((set)->bits[(descriptor) / 32] |= UINT32_C(1) << (descriptor) % 32)
int select(int count, fd_set *readable, fd_set *writable, fd_set *failed, struct timeval *timeout);
