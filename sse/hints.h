// SPDX-License-Identifier: Apache-2.0
// The writers' connections: hints are received here and handed to their rooms. A hint is never believed over the
// database, so no failure here matters beyond a delay; malformed hints are counted and dropped. That rights have ended
// is the one hint that is answered.
#ifndef SSE_HINTS_H
#define SSE_HINTS_H

#include "sse/pusher.h"

struct writer;

// Takes over the descriptor of a writer that has connected; NULL if it could not be watched. When it hangs up, and is
// p->relay_writer, that becomes NULL.
struct writer *hints_new(struct pusher *p, int fd);
// Sends a message the other way without waiting. 0, or -1 with errno.
MUST_USE int hints_send(const struct writer *writer, struct str message);
// Receives a bounded number of hints, so that one writer does not keep the others waiting.
void hints_readable(struct pusher *p, struct watch *watch);
// Hangs up on one writer, or on all.
void hints_end(struct pusher *p, struct writer *writer);
void hints_close(struct pusher *p);
// Answers the writers who wait until revocations are known; the streams that these were for have been ended.
void hints_acknowledge(struct pusher *p);
// Sends the pusher a hint through its own socket at `path`, by the way that the writers' hints take.
void hints_probe(const char *path);

#endif
