// What the pusher counts, and how `GET /metrics` prints it (Prometheus text format 0.0.4).
#ifndef SSE_METRICS_H
#define SSE_METRICS_H

#include <stdint.h>
#include "lib/buf.h"

enum close_reason {
    CLOSE_CLIENT,   // the client went
    CLOSE_ENDED,    // its rooms ended
    CLOSE_LIFETIME, // it has lasted long enough
    CLOSE_REVOKED,  // a principal of it lost a right
    CLOSE_STUCK,    // it took nothing for too long
    CLOSE_DRAIN,    // the pusher stops
    CLOSE_REQUEST,  // no stream: a bad request, an answered one, or none in time
    CLOSE_FULL,     // no place
    CLOSE_REASON__MAX
};

// To the database (sse/questions.h).
enum question_kind { ASK_EVENTS, ASK_STATE, ASK_SNAPSHOT, ASK_CHECK, ASK_NEWS, ASK_REVOKED, ASK_CLOCK, ASK__MAX };

enum { DELAY_BUCKETS = 10 };

struct metrics {
    uint64_t accepted;
    uint64_t streams; // accepted as streams
    uint64_t closed[CLOSE_REASON__MAX];
    uint64_t events_out; // events × readers
    uint64_t bytes_out;
    uint64_t writes;
    uint64_t blocked; // times that a reader was too slow
    uint64_t hint_messages;
    uint64_t hint_malformed;
    uint64_t questions[ASK__MAX];
    uint64_t questions_failed;
    uint64_t rows;
    uint64_t database_losses;
    uint64_t delay[DELAY_BUCKETS + 1]; // commit to socket
    uint64_t delay_n;
    double delay_sum_s;
};

struct pusher;

// Time from a commit to the write, in nanoseconds.
void metrics_delay(struct metrics *metrics, int64_t ns);
void metrics_print(struct buf *b, const struct pusher *pusher);

#endif
