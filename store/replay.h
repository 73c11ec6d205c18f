// SPDX-License-Identifier: Apache-2.0
// What the pusher asks of the database: events that readers missed, counters, open steps, who is active, revocations.
// Here are the statements and how their rows become event data, the same text as the writers' live events. The
// statements are about many rooms at once and are run asynchronously by sse/db.c; nothing here runs one or keeps
// anything.
#ifndef STORE_REPLAY_H
#define STORE_REPLAY_H

#include "store/pg.h"
#include "store/pg_value.h"

// $1 ids of sessions and streams, $2 numbers (both arrays), $3 how many numbers after each, $4 bytes: the events, by
// place in the array and number. Numbers have no gaps, so what is missing from a range is not there yet, or no longer.
// Events beyond the bytes are left out but for their numbers; the first is always whole.
extern const struct pg_statement store_replay_events;

struct store_replay_event {
    int64_t place; // in the arrays, from 1
    int64_t seq;
    struct str name;
    bool left_out;
    uint32_t flags;  // what it does to its room (wire/event.h)
    struct str step; // id, with start_seq; absent for an event of no step
    int64_t start_seq;
    struct str body; // in `body_buffer` or the result
};

// `body_buffer` is overwritten; *event views it and `rows`.
void store_replay_event_read(struct store_replay_event *event, struct buf *body_buffer, const struct pg_result *rows,
                             int row);

// $1 ids of sessions and streams: their counters and a session's open steps, one row each; one without an open step has
// one row too.
extern const struct pg_statement store_replay_state;

struct store_replay_state {
    int64_t place;
    int64_t last_seq;
    int64_t ends_in_ms; // until streams of the room end: 0 now, negative if its session has not ended
    struct str step;    // id; absent: none is open
    int64_t start_seq;
    struct str text;  // the checkpoint, JSON-escaped without quotes; absent: none, or not a string
    int64_t text_raw; // its bytes before escaping
};

void store_replay_state_read(struct store_replay_state *state, const struct pg_result *rows, int row);

// $1 ids of streams, of workspaces (with a side or none), of users with a workspace's behind a dot: what a new reader
// of the room is told first.
extern const struct pg_statement store_replay_snapshot;

struct store_replay_snapshot {
    int64_t place;
    struct str name;
    struct str body;
};

void store_replay_snapshot_read(struct store_replay_snapshot *snapshot, const struct pg_result *rows, int row);

// $1 ids of sessions, $2 of a step in each: the step's whole content, printed. A step that is gone has no row.
extern const struct pg_statement store_replay_contents;

struct store_replay_content {
    int64_t place;
    struct str step;
    struct str content; // absent: it has none
};

void store_replay_content_read(struct store_replay_content *content, const struct pg_result *rows, int row);

// $1 ids of sessions and streams, $2 the numbers that are known: those that have moved on.
extern const struct pg_statement store_replay_counters;

struct store_replay_counter {
    int64_t place;
    int64_t last_seq;
    bool has_fallen; // below what was known
};

void store_replay_counter_read(struct store_replay_counter *counter, const struct pg_result *rows, int row);

// $1 microseconds since 1970: what hints alone have told about sessions that have ended (or been asked for) since then,
// but for the last second, whose hints may be on their way. The texts are those of store/notify.c.
extern const struct pg_statement store_replay_news;

struct store_replay_news {
    struct str room;
    struct str name;
    struct str body;
    struct str about; // id of the session or stream; what stands before it in the body is the same in all its news
};

void store_replay_news_read(struct store_replay_news *news, const struct pg_result *rows, int row);

// What time it is.
extern const struct pg_statement store_replay_clock;

// $1 microseconds since 1970: revocations since then.
extern const struct pg_statement store_replay_revocations;

struct store_replay_revocation {
    struct str principal;
    int64_t at_us; // since 1970
};

void store_replay_revocation_read(struct store_replay_revocation *revocation, const struct pg_result *rows, int row);

#endif
