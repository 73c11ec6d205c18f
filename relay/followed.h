// SPDX-License-Identifier: Apache-2.0
// The rooms that are followed on this machine, by which of its pushers, and the subscription of each. A room that
// nobody follows any more is kept for half a minute, because readers come back. Pure but for the hooks.
#ifndef RELAY_FOLLOWED_H
#define RELAY_FOLLOWED_H

#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"

enum { FOLLOWED_LINKS_MAX = 64, FOLLOWED_ROOMS_MAX = 1000000, FOLLOWED_LINGER_S = 30 };

struct followed;

struct followed_hooks {
    void *context;
    // Returns what unsubscribe() is given later; NULL if it failed.
    void *(*subscribe)(void *context, struct str room);
    void (*unsubscribe)(void *context, void *subscription);
};

struct followed *followed_new(struct followed_hooks hooks);
// Unsubscribes from all rooms.
void followed_free(struct followed *followed);

// The pusher behind `link`, from 0, follows the room or leaves it. 0, or -1 if there are too many rooms or it could not
// be subscribed to.
MUST_USE int followed_add(struct followed *followed, unsigned link, struct str room);
void followed_remove(struct followed *followed, unsigned link, struct str room, int64_t now_ns);
// The pusher is gone.
void followed_leave(struct followed *followed, unsigned link, int64_t now_ns);
// The links by which the room is followed, a bit each.
uint64_t followed_links(const struct followed *followed, struct str room);
// Unsubscribes from rooms that nobody has followed for long enough.
void followed_tidy(struct followed *followed, int64_t now_ns);
size_t followed_count(const struct followed *followed);

#endif
