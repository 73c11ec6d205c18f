// The process's state, in one piece: what the loop hands to connections, listeners and the database. One thread, so no
// locks; one of it, so no globals.
#ifndef SSE_PUSHER_H
#define SSE_PUSHER_H

#include "sse/batch.h"
#include "sse/metrics.h"
#include "sse/rooms.h"
#include "sse/watch.h"
#include "sse/wheel.h"

enum { TICK_MS = 100 };

struct db;
struct revoked;

struct pusher {
    int number; // of the pushers of this machine, from 1
    int epoll;
    int64_t now;        // monotonic ns, once a turn
    int64_t now_wall;   // µs, by the database's clock: its times are what this one is compared with
    int64_t wall_ahead; // of the monotonic clock, µs; asked for at every comparison
    struct rooms rooms;
    struct wheel wheel; // of TICK_MS
    struct list conns;
    struct list writers;
    struct list dead; // connections to be freed at the end of the turn
    size_t conns_n;
    size_t conns_most;
    size_t queue_bytes;
    int64_t lifetime_ms;
    int64_t ping_ms;
    int64_t drain_ms;
    const char *build;
    int64_t drain_until; // 0: not draining
    bool behind;         // the last turn left readers waiting
    struct frame *ping;
    int64_t ping_made;
    struct db *db;
    struct revoked *revoked;
    int64_t probe_heard;    // when the pusher's last hint to itself came back; 0: never
    int64_t probe_round_ns; // and how long it took
    struct metrics metrics;
    struct batch batch; // of the connection being written
};

static inline uint64_t pusher_tick(const struct pusher *p, int64_t in_ms)
{
    return (uint64_t)(p->now / (TICK_MS * 1000000) + (in_ms + TICK_MS - 1) / TICK_MS);
}

// From `least` to `most`.
int pusher_random(int least, int most);

#endif
