// SPDX-License-Identifier: Apache-2.0
// Sockets of clients that nginx hands over (sse/nginx/, wire/handoff.h): receives each with its internal address,
// decides whether it becomes a stream, and answers. Only what becomes a stream is taken; every other request is
// refused, and nginx proxies it, so that errors have one form whichever way they come.
#ifndef SSE_HANDOFFS_H
#define SSE_HANDOFFS_H

#include "sse/pusher.h"

// Takes over the descriptor of a worker of nginx that has connected.
void handoffs_new(struct pusher *p, int fd);
// Receives a bounded number of the hand-overs that the worker has sent.
void handoffs_readable(struct pusher *p, struct watch *watch);
void handoffs_close(struct pusher *p);

#endif
