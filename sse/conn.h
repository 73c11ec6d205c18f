// SPDX-License-Identifier: Apache-2.0
// One HTTP connection: it reads one request and then becomes a stream, or is answered and closed. It owns its
// descriptor, its feed and what the kernel did not take. It is freed only at the end of a loop turn, so no pointer held
// during the turn goes stale. What a request gets is decided in sse/request.h, what a stream carries in sse/feed.h.
#ifndef SSE_CONN_H
#define SSE_CONN_H

#include <stdint.h>
#include "sse/pusher.h"
#include "wire/subscription.h"

struct conn;

// Takes the descriptor over, also when it fails.
void conn_new(struct pusher *p, int fd);
// The same for a client's own socket, which nginx handed over: it is a stream from the beginning, and prints its head
// itself.
void conn_adopt(struct pusher *p, int fd, const struct subscription *subscription);
void conn_readable(struct pusher *p, struct conn *conn);
void conn_writable(struct pusher *p, struct conn *conn);
// Writes one batch of what there is to write.
void conn_flush(struct pusher *p, struct conn *conn);
// Called when the connection's timer is due.
void conn_tick(struct pusher *p, struct conn *conn);
// Ends the stream after a last event, which may be NULL; takes that frame over.
void conn_end(struct pusher *p, struct conn *conn, enum close_reason reason, struct frame *word);
// Ends the stream at a random moment within the next `within_ms`.
void conn_end_soon(struct pusher *p, struct conn *conn, int64_t within_ms);
// Closes the connection at once.
void conn_abandon(struct pusher *p, struct conn *conn);
void conn_free(struct conn *conn);

struct conn *conn_of_watch(struct watch *watch);
struct conn *conn_of_queued(struct link *link);
struct conn *conn_of_timer(struct link *link);
struct conn *conn_of_list(struct link *link);

// Ends the streams of every principal whose revocation has been noted since the last call (sse/revoked.h).
void conn_end_revoked(struct pusher *p);
// While the database cannot be heard of, but perhaps by other machines: ends the streams whose rights are too old.
void conn_end_stale(struct pusher *p);

#endif
