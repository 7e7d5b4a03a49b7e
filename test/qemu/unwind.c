// Calls of every shape that a compiler makes frames for, for the test that stops at each instruction and asks who called: leaves, recursion, function
// pointers, tail calls, arrays whose length is only known at run time, frames beyond a load's reach, variable arguments, many registers.
#include <stdarg.h>
#include <stdint.h>

#define NOINLINE __attribute__((noinline))

static volatile uint32_t sink;
typedef uint32_t (*step_t)(uint32_t);

static NOINLINE uint32_t leaf(uint32_t x) { return x * 2654435761u ^ (x >> 7); }

static NOINLINE uint32_t tail(uint32_t x) { return leaf(x + 1); }

static NOINLINE uint32_t recursion(uint32_t depth)
{
    if (depth == 0) return tail(depth + 3);
    uint32_t below = recursion(depth - 1);
    return below + leaf(depth);
}

static NOINLINE uint32_t dynamic_array(uint32_t n)
{
    volatile uint32_t values[n];
    for (uint32_t i = 0; i < n; i++) values[i] = leaf(i);
    uint32_t sum = 0;
    for (uint32_t i = 0; i < n; i++) sum += values[i];
    return sum + tail(sum);
}

static NOINLINE uint32_t large_frame(uint32_t x)
{
    volatile uint8_t buffer[5000];
    buffer[x % sizeof buffer] = (uint8_t)x;
    buffer[4999] = 1;
    return leaf(buffer[x % sizeof buffer]) + leaf(buffer[4999]);
}

static NOINLINE uint32_t variable_arguments(int count, ...)
{
    va_list list;
    va_start(list, count);
    uint32_t sum = 0;
    for (int i = 0; i < count; i++) sum += tail(va_arg(list, uint32_t));
    va_end(list);
    return sum;
}

static NOINLINE uint32_t many_registers(uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    uint32_t e = leaf(a), f = leaf(b), g = leaf(c), h = leaf(d);
    uint32_t i = leaf(e + b), j = leaf(f + c), k = leaf(g + d), l = leaf(h + a);
    sink = a ^ b ^ c ^ d;
    return leaf(e + f) + leaf(g + h) + leaf(i + j) + leaf(k + l) + a + b + c + d + e + f + g + h + i + j + k + l;
}

static NOINLINE uint32_t early_return(uint32_t x)
{
    if (x < 3) return x;
    uint32_t y = recursion(x % 3);
    if (y & 1) return y;
    return y + dynamic_array(x % 5 + 1);
}

static const step_t steps[] = {leaf, tail, recursion, dynamic_array, large_frame, early_return};

static NOINLINE uint32_t by_pointer(uint32_t i) { return steps[i % 6](i % 7); }

int main(void);
int main(void)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < 12; i++) {
        sum += by_pointer(i) + variable_arguments(3, i, i + 1, sum) + many_registers(i, sum, i * 3, sum ^ i);
        sink = sum;
    }
    for (;;) sink = sum;
}
