// SPDX-License-Identifier: Apache-2.0
// A connection from the inside: what its reading and ending half (conn.c) and its writing half (conn_write.c) share.
// No other file includes this.
#ifndef SSE_CONN_PARTS_H
#define SSE_CONN_PARTS_H

#include "base/buf.h"
#include "sse/conn.h"
#include "sse/feed.h"
#include "sse/outbox.h"

enum conn_state {
    CONN_HEAD,      // the request is being read
    CONN_STREAM,    // events are being written
    CONN_CLOSING,   // what remains is being written
    CONN_LINGERING, // our side has ended; what the peer still sends is dropped until it ends too
    CONN_DEAD,      // closed; freed at the end of the turn
};

struct conn {
    struct watch watch;
    uint8_t state; // enum conn_state
    uint8_t reason;
    uint8_t dialect;        // enum dialect
    bool blocked;           // the kernel took nothing more; waits for EPOLLOUT
    bool behind;            // it was blocked and has not caught up since
    bool peer_ended;        // the peer sends no more, but may still read
    uint32_t dropped_bytes; // read and thrown away
    struct link queued;     // in p->rooms.write_queue
    struct link all;
    struct timer timer;
    struct buf in; // the request's head, until it is complete
    struct outbox out;
    struct feed *feed;
    char *principals;      // sse/principals.h
    int64_t authorised_us; // wall clock, as the door said
    int64_t expires_us;    // wall clock; INT64_MAX: never
    int64_t blocked_since_ns;
    int64_t ends_ns;
};

// Closes the descriptor at once; the connection is freed at the end of the turn.
void conn_close_now(struct pusher *p, struct conn *conn, enum close_reason reason);
// What epoll is to report about the connection.
uint32_t conn_interest(const struct conn *conn);

#endif
