// SPDX-License-Identifier: Apache-2.0
// The subscribers of one server, in processes of their own (each may have only so many descriptors), counting what
// comes.
#ifndef TESTS_BENCH_READERS_H
#define TESTS_BENCH_READERS_H

#include <sys/types.h>
#include "tests/bench/target.h"

enum { READERS_PROCESSES = 2 };

struct readers {
    struct tally *tally; // shared with the processes
    pid_t pids[READERS_PROCESSES];
    int subscribers;
};

// Subscriber n is in room n modulo `rooms`. Returns when every subscription stands.
void readers_open(struct readers *readers, const struct target *target, int subscribers, int rooms);
void readers_close(struct readers *readers);

// Events delivered since the beginning.
long readers_count(const struct readers *readers);
// Until it is so many.
void readers_wait(const struct readers *readers, long count);

// The quantile `q` (0 to 1) of the times from publishing to a reader, in milliseconds; of all deliveries since the
// beginning.
double readers_delay_ms(const struct readers *readers, double q);

#endif
