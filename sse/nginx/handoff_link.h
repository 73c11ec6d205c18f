// SPDX-License-Identifier: Apache-2.0
// The connection from one nginx worker to one pusher, over which clients' sockets are handed over (wire/handoff.h), and
// the hand-overs that wait for an answer on it. Requests and configuration are handoff_module.c's part.
//
// A link is opened by the first hand-over after it was lost, and is never waited for: whatever cannot be sent at once
// is declined, and the request is proxied. Everything happens in nginx's event loop, so there are no locks.
#ifndef SSE_NGINX_HANDOFF_LINK_H
#define SSE_NGINX_HANDOFF_LINK_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include "wire/handoff.h"

// How many hand-overs of a link may wait for their answer at a time. A pusher answers within a turn of its loop; a full
// table means that it does not, and the next requests are proxied.
enum { HANDOFF_WAITS_MAX = 1024 };

struct handoff_link;

enum handoff_outcome {
    HANDOFF_GONE,    // the pusher has the socket: close this copy and never write to it
    HANDOFF_KEPT,    // the pusher refused it
    HANDOFF_LOST,    // the link broke before an answer came
    HANDOFF_EXPIRED, // no answer in time
};

// One hand-over that waits, embedded in its owner.
struct handoff_wait {
    uint64_t number; // 0: not waiting
    int64_t deadline_ns;
    struct handoff_link *link;
    ngx_event_t timer;
    // Called once, and the wait is over then.
    void (*done)(struct handoff_wait *wait, enum handoff_outcome outcome);
};

// `path` is that of the pusher's socket and stays the caller's; the link lives as long as `pool`. NULL: no memory.
struct handoff_link *handoff_link_new(ngx_pool_t *pool, const char *path);

// Sends `fd` with the query and the client's address, and starts to wait; `wait->done` must be set. NGX_OK, or
// NGX_ERROR if it could not be sent at once: nothing waits then, and the descriptor is the caller's alone.
ngx_int_t handoff_link_send(struct handoff_link *link, int fd, struct str query, struct str address,
                            struct handoff_wait *wait);

// Called when the owner of `wait` goes away: nothing is called for it any more.
void handoff_link_forget(struct handoff_wait *wait);

#endif
