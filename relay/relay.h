// SPDX-License-Identifier: Apache-2.0
// The state of trace-relay in one piece. All of it belongs to the loop's thread.
#ifndef RELAY_RELAY_H
#define RELAY_RELAY_H

#include <stdint.h>
#include <sys/types.h>
#include "base/buf.h"
#include "base/list.h"
#include "base/watch.h"
#include "relay/followed.h"
#include "relay/seal.h"

struct bridge;
struct questions;
struct texts;

enum watch_kind { WATCH_SIGNALS, WATCH_NATS, WATCH_LISTENER, WATCH_PEER };

enum peer_kind {
    PEER_WRITER, // sends hints to the other machines
    PEER_LINK,   // a pusher: says what is followed here, and is sent hints
    PEER_CALLER, // asks by HTTP how the relay is
    PEER_KIND__MAX
};

struct relay_counters {
    uint64_t sent;     // hints, to other machines
    uint64_t unsent;   // hints that NATS did not take
    uint64_t received; // hints of other machines
    uint64_t passed;   // the same, counted for each pusher that took one
    uint64_t lost;     // for each pusher that did not
    uint64_t malformed;
    uint64_t strangers; // connections of users who may not
    uint64_t pending;   // revocations that not every machine acknowledged
    uint64_t refused[SEAL_OUTCOME__MAX];
};

struct relay {
    int epoll;
    int64_t now_ns;
    uint64_t self;
    uid_t programs; // the user whose programs are served
    struct str key;
    char *prefix; // of the subjects: "trace.NAMESPACE."
    struct bridge *bridge;
    struct followed *followed;
    struct list peers;
    struct peer *links[FOLLOWED_LINKS_MAX];
    struct questions *questions;
    struct texts *texts;
    struct relay_counters counters;
};

#endif
