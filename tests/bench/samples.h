// Durations that were measured, and how many of them kept to what.
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
// The duration in milliseconds that `share` (0 to 1) of them kept to; 1 is the longest. Sorts them.
double samples_ms(struct samples *samples, double share);

#endif
