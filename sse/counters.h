// SPDX-License-Identifier: Apache-2.0
// What the pusher counts while it runs. Printing it is sse/metrics.h; the rooms count for themselves (sse/rooms.h).
#ifndef SSE_COUNTERS_H
#define SSE_COUNTERS_H

#include <stdint.h>

enum close_reason {
    CLOSE_CLIENT,   // the client closed it
    CLOSE_ENDED,    // all its rooms ended
    CLOSE_LIFETIME, // its bounded lifetime was over
    CLOSE_REVOKED,  // one of its principals lost a right
    CLOSE_STUCK,    // the client read nothing for too long
    CLOSE_DRAIN,    // the pusher was stopping
    CLOSE_REQUEST,  // it was no stream: a bad request, an answered one, or none in time
    CLOSE_FULL,     // there was no room for it
    CLOSE_QUOTA,    // its person, token or network had as many as they may
    CLOSE_FORGED,   // it was not sealed by the door of this machine, or long ago
    CLOSE_STALE,    // its rights could not be looked at for too long
    CLOSE_REASON__MAX
};

// What is asked of the database (sse/queries.h).
enum query_kind {
    QUERY_EVENTS,
    QUERY_STATE,
    QUERY_SNAPSHOT,
    QUERY_CONTENT,
    QUERY_CHECK,
    QUERY_NEWS,
    QUERY_REVOKED,
    QUERY_CLOCK,
    QUERY__MAX
};

// What became of the sockets that nginx handed over (sse/handoffs.h).
enum handoff_fate {
    HANDOFF_STREAM,    // it became a stream
    HANDOFF_LEFT,      // it was refused: nginx proxies it
    HANDOFF_LATE,      // it was read, or would have been answered, too late
    HANDOFF_MALFORMED, // it was not understood
    HANDOFF_FATE__MAX
};

enum { DELAY_BUCKETS = 10 };

struct counters {
    uint64_t accepted;
    uint64_t streams; // connections that became streams
    uint64_t closed[CLOSE_REASON__MAX];
    uint64_t handoffs[HANDOFF_FATE__MAX];
    uint64_t events_out; // events times readers
    uint64_t bytes_out;
    uint64_t writes;
    uint64_t blocked; // times that a reader was too slow
    uint64_t hint_messages;
    uint64_t hint_malformed;
    uint64_t queries[QUERY__MAX];
    uint64_t queries_failed;
    uint64_t rows;
    uint64_t database_losses;
    uint64_t delay[DELAY_BUCKETS + 1]; // from commit to socket, by bucket (sse/metrics.c)
    uint64_t delay_n;
    double delay_sum_s;
};

#endif
