// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/samples.h"

#include <stdlib.h>
#include "base/buf.h"

void samples_add(struct samples *samples, int64_t ns)
{
    if (samples->n == samples->cap) {
        samples->cap = samples->cap ? samples->cap * 2 : 4096;
        samples->ns = mem_grow(samples->ns, samples->cap * sizeof *samples->ns);
    }
    samples->ns[samples->n++] = ns;
}

void samples_fini(struct samples *samples)
{
    free(samples->ns);
    *samples = (struct samples){0};
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

double samples_quantile_ms(struct samples *samples, double q)
{
    if (samples->n == 0)
        return 0;
    qsort(samples->ns, samples->n, sizeof *samples->ns, by_size);
    return (double)samples->ns[(size_t)(q * (double)(samples->n - 1))] / 1e6;
}
