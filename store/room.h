// SPDX-License-Identifier: Apache-2.0
// What each kind of room is to the database: who may subscribe to it, its counter, the state that a new subscriber is
// shown, and its events. The door asks the first question and runs it; the others are the pusher's, about many rooms at
// once, run asynchronously by sse/db.c. Events are printed as the same text as the writers' live ones.
#ifndef STORE_ROOM_H
#define STORE_ROOM_H

#include "store/answer.h"
#include "store/pg_value.h"

// The door's question: which of these rooms may the caller subscribe to, and what are their counters?
// `kinds` and `ids` are array literals of the rooms; `user:me` has the id "me".
MUST_USE struct store_answer store_room_door(struct pg *pg, const struct caller *caller, const char *kinds,
                                             const char *ids, const char *end_delay_s);

// The caller who was let in, and until when.
struct store_room_pass {
    struct str caller_id, credential_id;
    int64_t at_us;    // the statement's time, microseconds since 1970
    int64_t until_us; // when the sign-in or token expires, microseconds since 1970; 0: never
    struct str epoch; // the database's (wire/cursor.h)
};
void store_room_pass_read(const struct store_answer *answer, struct store_room_pass *pass);

// The `i`-th room that was asked for.
struct store_room_found {
    bool is_allowed;
    bool is_counted; // it has a counter
    bool has_ended;  // nothing can come in it any more
    bool is_final;   // a session that is completed, failed or cancelled, though late steps may still come
    int64_t head;    // its counter
};
void store_room_found_read(const struct store_answer *answer, int i, struct store_room_found *room);

// $1 ids of sessions and streams, $2 numbers (both arrays), $3 how many numbers after each, $4 bytes: the events, by
// place in the array and number. Numbers have no gaps, so what is missing from a range is not there yet, or no longer.
// Events beyond the bytes are left out but for their numbers; the first is always whole.
extern const struct pg_statement store_room_events;

struct store_room_event {
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
void store_room_event_read(struct store_room_event *event, struct buf *body_buffer, const struct pg_result *rows,
                           int row);

// $1 ids of sessions and streams, $2 numbers (both arrays), $3 seconds for which an ended session may take more,
// $4 bytes, $5 how many steps of a session at most: their counters and a session's open steps, by start_seq and one row
// each; one without an open step has one row too. Checkpoints are those of steps behind the number, up to the bytes:
// the first is always there.
extern const struct pg_statement store_room_state;

struct store_room_state {
    int64_t place;
    int64_t last_seq;
    int64_t ends_in_ms; // until streams of the room end: 0 now, negative if its session has not ended
    struct str step;    // id; absent: none is open
    int64_t start_seq;
    struct str text;  // the checkpoint, JSON-escaped without quotes; absent: none, or not a string
    int64_t text_raw; // its bytes before escaping
    bool left_out;    // it has a checkpoint, beyond the bytes
};

void store_room_state_read(struct store_room_state *state, const struct pg_result *rows, int row);

// $1 ids of streams, of workspaces (with a side or none), of users with a workspace's behind a dot: what a new reader
// of the room is told first.
extern const struct pg_statement store_room_snapshot;

struct store_room_snapshot {
    int64_t place;
    struct str name;
    struct str body;
};

void store_room_snapshot_read(struct store_room_snapshot *snapshot, const struct pg_result *rows, int row);

// $1 ids of sessions, $2 of a step in each, $3 bytes: the step's whole content, printed. A step that is gone has no
// row; contents beyond the bytes are left out, but for the first.
extern const struct pg_statement store_room_contents;

struct store_room_content {
    int64_t place;
    struct str step;
    struct str content; // absent: it has none
    bool left_out;
};

void store_room_content_read(struct store_room_content *content, const struct pg_result *rows, int row);

// $1 ids of sessions and streams, $2 the numbers that are known: those that have moved on.
extern const struct pg_statement store_room_counters;

struct store_room_counter {
    int64_t place;
    int64_t last_seq;
    bool has_fallen; // below what was known
};

void store_room_counter_read(struct store_room_counter *counter, const struct pg_result *rows, int row);

#endif
