// SPDX-License-Identifier: Apache-2.0
// The subscribers of the storm benchmark: each reads one room as an EventSource does, comes back after the time that
// the server named, with Last-Event-ID, and counts what comes twice and what is missing.
#ifndef TESTS_BENCH_STORM_SUBSCRIBERS_H
#define TESTS_BENCH_STORM_SUBSCRIBERS_H

#include <stdbool.h>
#include <stdint.h>
#include "tests/bench/samples.h"

struct storm_room {
    const char *session;
    int64_t written; // the highest number that was acknowledged
};

struct storm_counts {
    int greeted, current; // subscribers: that are subscribed; that have what was there when they were
    int64_t attempts;     // connections
    int64_t events, twice, missing, resets, unavailable, refused;
};

// `n` subscribers, each of room number n modulo `rooms_n`, who come within a few seconds from now.
void storm_subscribers_init(int epoll, const char *port, const char *workspace, const char *token,
                            const struct storm_room *rooms, int rooms_n, int n);
const struct storm_counts *storm_subscribers_counts(void);

// Connects those who are due.
void storm_subscribers_dial(void);
// What epoll said of one of them.
void storm_subscribers_ready(void *subscriber, uint32_t events);

// From now on whoever is current has been greeted anew.
void storm_subscribers_strike(void);
// When each was current, from `since` on.
void storm_subscribers_sample(struct samples *samples, int64_t since);
// Everybody has all that was written.
bool storm_subscribers_are_complete(void);

#endif
