// One HTTP connection: reads one request, and is then a stream (or answered and closed). Owns its descriptor, its feed
// and what the kernel did not take; freed only at the end of a loop turn, so nobody in that turn holds a stale pointer.
#ifndef SSE_CONN_H
#define SSE_CONN_H

#include <stdint.h>
#include "sse/pusher.h"

struct conn;

// Takes the descriptor over, whatever happens.
void conn_new(struct pusher *p, int fd);
void conn_readable(struct pusher *p, struct conn *conn);
void conn_writable(struct pusher *p, struct conn *conn);
// Writes what there is to write, one batch of it.
void conn_flush(struct pusher *p, struct conn *conn);
// Its timer is due.
void conn_tick(struct pusher *p, struct conn *conn);
// Ends the stream after a last word, which may be NULL.
void conn_end(struct pusher *p, struct conn *conn, enum close_reason reason, struct frame *word);
// Ends at some moment from now to `within_ms`.
void conn_end_soon(struct pusher *p, struct conn *conn, int64_t within_ms);
// Closes at once.
void conn_abandon(struct pusher *p, struct conn *conn);
void conn_free(struct pusher *p, struct conn *conn);

struct conn *conn_of_watch(struct watch *watch);
struct conn *conn_of_ready(struct link *link);
struct conn *conn_of_timer(struct link *link);
struct conn *conn_of_list(struct link *link);

// True if the stream was authorised for `principal` at or before `until` (wall µs).
bool conn_is_of(const struct conn *conn, struct str principal, int64_t until);

#endif
