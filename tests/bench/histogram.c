// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/histogram.h"

void histogram_clear(struct histogram *histogram)
{
    for (int i = 0; i <= HISTOGRAM_BUCKETS; i++)
        atomic_store(&histogram->counts[i], 0);
}

void histogram_add(struct histogram *histogram, int64_t ns)
{
    int64_t i = ns < 0 ? 0 : ns / histogram->width_ns;
    atomic_fetch_add_explicit(&histogram->counts[i < HISTOGRAM_BUCKETS ? i : HISTOGRAM_BUCKETS], 1,
                              memory_order_relaxed);
}

double histogram_quantile_ms(const struct histogram *histogram, double q)
{
    long all = 0, sum = 0;
    for (int i = 0; i <= HISTOGRAM_BUCKETS; i++)
        all += atomic_load(&histogram->counts[i]);
    for (int i = 0; i <= HISTOGRAM_BUCKETS; i++) {
        sum += atomic_load(&histogram->counts[i]);
        if (sum > 0 && (double)sum >= q * (double)all)
            return (double)((i + 1) * histogram->width_ns) / 1e6;
    }
    return 0;
}
