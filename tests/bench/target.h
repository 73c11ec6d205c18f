// SPDX-License-Identifier: Apache-2.0
// A server under test as the load generator sees it: where its subscribers connect, what they say, and how an event
// gets into it. It comes as JSON from the program that started it (tests/bench/servers.mjs).
#ifndef TESTS_BENCH_TARGET_H
#define TESTS_BENCH_TARGET_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "base/buf.h"

enum { TARGET_PIDS_MAX = 16, TARGET_FEEDS_MAX = 8 };

// In every event, in front of the monotonic time at which it was published.
#define TARGET_MARK "\"sent\":"

struct target {
    const char *name;
    const char *address;  // of subscribers: a path or a port
    const char *request;  // a subscriber's, with {room} in it
    const char *seal_key; // file of the key by which each is sealed (wire/pass.h), or NULL
    const char *greeting; // what comes once the subscription stands
    bool is_socketio;     // after the request: frames of WebSocket, and another greeting to and fro

    const struct feed *feed; // how events get in: one row of the table in target.c
    const char *to;          // where
    const char *room;        // what the feed calls a room, with {room} in it
    int fds[TARGET_FEEDS_MAX];
    unsigned fed;

    pid_t pids[TARGET_PIDS_MAX]; // the processes whose time counts
    int pids_n;
    int64_t *seqs; // of each room
};

// Views into `spec`, which must outlive the target.
void target_read(struct target *target, json_t *spec, int rooms);
void target_fini(struct target *target);

// Appends the template with that room in it.
void target_fill(struct buf *b, const char *template, int room);

// Appends a subscriber's request for that room, to an empty buffer.
void target_request(struct buf *b, const struct target *target, int room);

// The next event of the room.
void target_publish(struct target *target, int room);

int64_t target_cpu_ns(const struct target *target);

#endif
