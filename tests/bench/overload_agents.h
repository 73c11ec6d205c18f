// SPDX-License-Identifier: Apache-2.0
// The agents of the overload benchmark: each streams text into one step of its session. A record is written at its
// time, whatever became of the ones before; one that finds all its session's connections busy goes with the next. Once
// a second the whole text is sent as a checkpoint, as the emitter does, with no other call of the session on its way:
// which of two is the newer one could not be told.
#ifndef TESTS_BENCH_OVERLOAD_AGENTS_H
#define TESTS_BENCH_OVERLOAD_AGENTS_H

#include <stdint.h>
#include "tests/bench/overload.h"

// Since the steps began.
struct overload_written {
    int64_t records;
    int64_t calls; // that carried them
};

// One agent for each session; what they write stands in shared->texts.
void overload_agents_init(struct overload *shared, const char *port, const char *workspace, const char *token,
                          char *const *sessions, int n);

// Opens a step in each session, for so many records a second.
void overload_agents_begin(double per_second);
// Writes what is due, and waits a millisecond for answers.
void overload_agents_turn(void);
// Completes the steps.
struct overload_written overload_agents_end(void);

// How many of the steps, read by REST, do not have the text that was written.
int overload_agents_wrong(void);

#endif
