// Which allocations are in the sample, where not all are tracked: one in so many calls, or by bytes, as heap profilers do. By bytes, the
// distance between two samples is exponentially distributed with a mean of N bytes, so that a block of s bytes is in the sample
// with the probability 1 - exp(-s / N): large blocks nearly always, small ones seldom, and the host can scale each back by that alone.
#include "sample.h"

#if MEMMAP_ENABLE

static struct {
    uint32_t random, interval, bytes; // bytes, interval: what `left` was drawn for
    uint32_t left;                    // calls or bytes to the next sample
} sampler;

static MM_HOT uint32_t next_random(void)
{
    sampler.random ^= sampler.random << 13;
    sampler.random ^= sampler.random >> 17;
    sampler.random ^= sampler.random << 5;
    return sampler.random; // never 0
}

// -log2 of a random number of (0, 1), 16 bits behind the point. log2(1 + f) is taken as f + f (1 - f) (a + b f), at most 0.001 off and right on
// average.
static MM_HOT uint32_t random_log2(void)
{
    uint32_t random = next_random(), zeros = 0;
    for (; !(random & UINT32_C(0x80000000)); random <<= 1) zeros++; // once on average; a function of libgcc's could lie in flash
    uint32_t f = random << 1 >> 16;
    uint32_t bend = f * (UINT32_C(65536) - f) >> 16; // at most 1/4
    uint32_t log2 = f + (bend * (UINT32_C(27658) - (UINT32_C(10249) * f >> 16)) >> 16);
    return (zeros + 1) * UINT32_C(65536) - log2;
}

// Distances between calls are even around the interval, so that a regular program cannot beat in time with them.
static MM_HOT void draw(void)
{
    if (sampler.bytes != 0) sampler.left = (uint32_t)(((uint64_t)sampler.bytes * random_log2() >> 16) * 45426 >> 16) + 1; // ln 2 = 45426/65536
    else sampler.left = 1 + next_random() % (2u * sampler.interval - 1); // interval on average
}

MM_HOT MM_COLD bool mm_in_sample(size_t size)
{
    memmap_port_lock();
    uint32_t bytes = memmap_options.sample_bytes, interval = memmap_options.sample_interval;
    if (sampler.bytes != bytes || sampler.interval != interval) {
        sampler.bytes = bytes;
        sampler.interval = interval;
        sampler.random = ((uint32_t)memmap_port_time_us() * UINT32_C(0x9e3779b1)) | 1; // no two runs take the same sample
        next_random();
        draw();
    }
    size_t step = bytes != 0 ? size : 1;
    bool taken = step >= sampler.left;
    if (taken) draw();
    else sampler.left -= (uint32_t)step;
    memmap_port_unlock();
    return taken;
}

#endif // MEMMAP_ENABLE
