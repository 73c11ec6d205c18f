// SPDX-License-Identifier: Apache-2.0
// The state of the process in one piece: what the loop hands to connections, listeners and the database. There is one
// thread, so there are no locks, and one of these, so there are no globals.
#ifndef SSE_PUSHER_H
#define SSE_PUSHER_H

#include "base/secret.h"
#include "base/unix_socket.h"
#include "base/watch.h"
#include "sse/batch.h"
#include "sse/counters.h"
#include "sse/rooms.h"
#include "sse/wheel.h"

enum { TICK_MS = 100 };

enum watch_kind {
    WATCH_SIGNALS,
    WATCH_STREAMS,
    WATCH_HINTS,
    WATCH_WRITER,
    WATCH_HANDOFFS,
    WATCH_GIVER,
    WATCH_CONN,
    WATCH_DATABASE
};

struct db;
struct quota;
struct relay;
struct revoked;
struct writer;

struct pusher {
    int number; // among the pushers of this machine, from 1
    int epoll;
    int64_t now_ns;        // monotonic clock, read once a turn
    int64_t now_wall_us;   // the wall clock of the database, whose times are compared with it
    int64_t wall_ahead_us; // by how much the database's wall clock is ahead of our monotonic one; asked for at every
                           // comparison
    struct rooms rooms;
    struct wheel wheel; // turned in ticks of TICK_MS
    struct list conns;
    struct list writers;
    struct list givers; // workers of nginx that hand sockets over
    struct list dead;   // connections to be freed at the end of the turn
    size_t conns_n;
    size_t conns_most;
    size_t queue_bytes;
    int64_t lifetime_ms;
    int64_t end_delay_s; // for so long ended sessions may still take steps
    int64_t ping_ms;
    int64_t drain_ms;
    const char *build;
    char pass_key_path[UNIX_SOCKET_PATH_SIZE]; // of the key by which the door seals (wire/pass.h)
    struct secret pass_key;                    // what was last read there
    int64_t drain_until_ns;                    // when the drain ends at the latest; 0: there is none
    bool behind;                               // the last turn left readers in the write queue
    struct frame *ping;
    int64_t ping_made_ns;
    struct db *db;
    struct relay *relay;         // NULL: there is one machine
    struct writer *relay_writer; // its connection, among the writers; NULL: it is away
    struct buf text_questions;   // of this turn, by the relay: the number, the room's name and a NUL each
    struct buf deletions;        // a hash of the room and the message for each that the last news told
    struct revoked *revoked;
    struct quota *quota;    // of the streams in `conns`
    int64_t revoked_wanted; // how often somebody asked to hear when the revocations of now are known; ours is the last
    int64_t revoked_known;  // up to which of these questions they are
    // The database's wall clock: revocations up to then are known, as far as the database has been heard of.
    int64_t rights_known_us;
    int64_t rights_last_us; // with other machines, how old rights may be by which a stream is served
    int64_t probe_heard_ns; // when a hint of the pusher to itself last came back; 0: never
    int64_t probe_round_ns; // how long that took
    struct counters counters;
    struct batch batch; // of the connection being written
};

static inline uint64_t pusher_tick(const struct pusher *p, int64_t in_ms)
{
    return (uint64_t)(p->now_ns / (TICK_MS * 1000000) + (in_ms + TICK_MS - 1) / TICK_MS);
}

// A random number from `least` to `most`, both included.
int pusher_random(int least, int most);

#endif
