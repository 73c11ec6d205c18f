// SPDX-License-Identifier: Apache-2.0
// Durations that were measured, and their quantiles.
#ifndef TESTS_BENCH_SAMPLES_H
#define TESTS_BENCH_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

// All zero is an empty set that owns nothing.
struct samples {
    int64_t *ns;
    size_t n, cap;
};

void samples_add(struct samples *samples, int64_t ns);
void samples_fini(struct samples *samples);
// The quantile `q` (0 to 1; 1 is the longest) in milliseconds. Sorts them.
double samples_quantile_ms(struct samples *samples, double q);

#endif
