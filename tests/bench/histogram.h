// SPDX-License-Identifier: Apache-2.0
// Durations counted in buckets of one width: of any number of them, and in memory that processes share.
#ifndef TESTS_BENCH_HISTOGRAM_H
#define TESTS_BENCH_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

enum { HISTOGRAM_BUCKETS = 50000 };

// All zero but for its width is an empty one. The last bucket has whatever is longer than all others.
struct histogram {
    int64_t width_ns;
    atomic_long counts[HISTOGRAM_BUCKETS + 1];
};

void histogram_clear(struct histogram *histogram);
void histogram_add(struct histogram *histogram, int64_t ns);
// The end of the bucket in which the quantile `q` (0 to 1) lies, in milliseconds; 0 if nothing was counted.
double histogram_quantile_ms(const struct histogram *histogram, double q);

#endif
