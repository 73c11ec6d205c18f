#include "agent/clock.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

int64_t clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

uint32_t clock_jitter(uint32_t bound)
{
    uint32_t random = 0;

    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        abort();
    return (uint32_t)((uint64_t)random * bound >> 32);
}
