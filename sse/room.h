// SPDX-License-Identifier: Apache-2.0
// One room: its counter, the ring of what happened lately, its open steps, its subscribers, and what it wants from the
// database. It holds the rule of delivery: n+1 after n, or fetch what is missing. Pure: no descriptor, clock or
// database.
//
//     head    every event up to this number has passed through the ring, in order, since the room has been followed
//     target  the highest number that is known to exist; head < target is a hole, and its events are asked for
//
// A room is *followed* from its first subscriber until some time after its last. A room that is not followed keeps only
// texts, for readers who open it late; numbers mean nothing to it. sse/room_events.h and sse/room_steps.h are parts of
// this module; what it asks of the database, and what the answers say, is in sse/room_ask.c.
#ifndef SSE_ROOM_H
#define SSE_ROOM_H

#include <stdbool.h>
#include <stdint.h>
#include "base/list.h"
#include "sse/ring.h"
#include "sse/rooms.h"
#include "sse/step.h"
#include "wire/hint.h"
#include "wire/room_name.h"

enum room_want {
    WANT_EVENTS = 1 << 0,   // numbered events that a reader waits for
    WANT_HOLE = 1 << 1,     // the same, but their hints may still be under way, as hints overtake each other
    WANT_STATE = 1 << 2,    // the counter, whether the room has ended, the open steps and their checkpoints
    WANT_SNAPSHOT = 1 << 3, // what else a new reader is shown first, for example who is active
    WANT_CHECK = 1 << 4,    // the counter, as events may have come before they could be heard of
    WANT_CONTENT = 1 << 5,  // the whole content of a step, for readers of dialects
};

enum { ROOM_HELD_MAX = 256, ROOM_PAGE_MAX = 512 };

struct dialect_room; // sse/dialect_room.h
struct slot;

// A numbered event that is about to enter the room.
struct room_event {
    int64_t seq;
    uint32_t flags; // HINT_OPENS_STEP, HINT_ENDS_STEP, HINT_ENDS_ROOM, HINT_FORGETS
    int64_t start_seq;
    struct str step;
    struct frame *frame;
};

// An open step as the database has it.
struct room_open_step {
    struct str id;
    int64_t start_seq;
    struct str checkpoint; // JSON-escaped; absent if none
    int64_t checkpoint_raw;
    bool is_left_out; // it has a checkpoint, which did not fit the answer
};

struct held {
    int64_t seq;
    uint32_t flags;
    int64_t start_seq;
    char *step;
    struct frame *frame;
};

struct room {
    struct rooms *rooms;
    char *name;        // internal
    char *public_name; // public
    enum room_kind kind;
    uint32_t hash;
    struct room *same_hash;
    struct link by_age;    // in rooms->unwatched
    struct link lingering; // in rooms->followed
    struct link paged;     // in rooms->paged
    struct link wanting;   // in rooms->wanting
    struct link dirty;     // in rooms->dirty
    int64_t unwatched_since_ns;
    // The room is followed on other machines' behalf too while its text is written on this one: until then; 0: it is
    // not.
    int64_t written_until_ns;
    bool is_told; // the relay has been told that the room is followed here

    bool followed;
    int64_t head;
    int64_t target;
    int64_t oldest_seq; // the lowest number that can still be fetched; 0: none is known to be missing
    int64_t halted;     // number of the event with which its session ended; 0: it has not, or runs again
    int64_t reopened;   // number of the event since which it runs again: older answers say nothing; 0: of none
    int64_t ended;      // number of the event after which nothing is expected; 0: something is
    int64_t ends_at_ns; // when the database is asked whether that is so; 0: not at any time
    struct link ending; // in rooms->ending, if there is such a time
    struct ring ring;
    unsigned held_n, held_cap;
    struct held *held; // by number, all above head + 1

    // Events from the database that are older than the ring, for readers who missed them: page[i] has the number
    // page_first + i.
    int64_t page_first;
    unsigned page_n;
    struct frame **page;
    int64_t page_used_ns; // when it was last read

    // The steps of a session.
    bool steps_known; // the open steps are those as of `head`
    unsigned steps_n, steps_cap;
    struct step **steps; // by start_seq
    int64_t texts_above; // the next answer is to have the checkpoints of steps behind this one; 0: all

    unsigned wants;
    bool asked_events, asked_state, asked_snapshot, asked_content; // queries that are under way
    int64_t asked_above;                                           // the query for events: from which number …
    int64_t asked_head, asked_target;                              // … and what head and target were then
    int64_t hole_seen_ns;                                          // when the hole was first looked at; 0: not yet
    // Queries for what a new subscriber is shown first (a session's open steps; elsewhere, for example, who is active)
    // are numbered, and a subscriber waits for the answer to one that was sent after it came.
    uint32_t asked_n, answered_n;
    unsigned failed;        // what was wanted by queries that failed last
    unsigned failures;      // queries that failed in a row
    int64_t again_ns;       // when what failed is asked for again
    struct frame *snapshot; // NULL in a session's room

    struct dialect_room *dialects; // NULL: nobody reads in another dialect
    struct slot **subs;
    unsigned subs_n, subs_cap;
    bool holes_first;
    unsigned next_reader; // index in `subs` of the reader whose old events are asked for next
};

// `name` is a room's internal name.
struct room *room_new(struct rooms *rooms, struct str name);
void room_free(struct room *room);
bool room_is_counted(const struct room *room);

void room_subscribe(struct room *room, struct slot *slot, int64_t head);
void room_unsubscribe(struct room *room, struct slot *slot);
// Forgets everything but texts; the room has no subscribers.
void room_unfollow(struct room *room);

// Wakes all subscribers.
void room_wake(struct room *room);

// Text has come from a writer of this machine, who may go on at another: for a minute the room is followed for it.
void room_written(struct room *room);
// The same, when the minute may be over.
void room_tell_interest(struct room *room);

void room_hint(struct room *room, const struct hint *hint);
// The database has an event with this number.
void room_expect(struct room *room, int64_t number);
// Another message says that the event exists, so its hint may still be under way.
void room_hear_of(struct room *room, int64_t number);
void room_want(struct room *room, unsigned want);

// A query goes out: its flag moves from `wants` to what is under way.
int64_t room_ask_events(struct room *room); // returns the number above which the events are wanted
void room_ask_state(struct room *room);
void room_ask_snapshot(struct room *room);
void room_ask_check(struct room *room);
struct str room_ask_content(struct room *room); // returns the step; STR_NONE: it is no longer wanted
// The answer: the counter, in how many milliseconds the room ends (0: it has, negative: that is not known), and for a
// session its open steps by start_seq, all of one moment.
void room_state(struct room *room, int64_t last_seq, int64_t ends_in_ms, const struct room_open_step *open, unsigned n);
// The end of the room is asked for, now or when it is due; or is not expected any more.
void room_end_later(struct room *room, int64_t in_ms);
void room_end_never(struct room *room);
// The session runs again since that event, and so do the steps that were open at its end.
void room_reopen(struct room *room, int64_t seq);
void room_snapshot(struct room *room, struct frame *frame);
// The content of a step as the database has it; absent: the step is gone.
void room_content(struct room *room, struct str step, struct str content);
// Tells an ephemeral event that the pusher found in the database, unless the last one in the ring about that id is the
// same word for word.
void room_tell_once(struct room *room, struct str name, struct str body, struct str about);
// The queries that are under way will not be answered; they are wanted again.
void room_unasked(struct room *room);
void room_unasked_content(struct room *room);
// A query for what is wanted has failed, or has been answered after failures.
void room_failed(struct room *room, unsigned want);
void room_not_failed(struct room *room, unsigned want);

// For the parts of the room, sse/room_events.h and sse/room_steps.h.
// Appends to the ring, which takes the references over, and has all subscribers woken at the end of the turn.
uint64_t room_push(struct room *room, const struct entry *entry);
void room_clear_ring(struct room *room);
// The open steps are no longer known, so every subscriber needs them again.
void room_lose_steps(struct room *room);
void room_wake_backfill(struct room *room);
// Has all subscribers woken at the end of the turn.
void room_mark_dirty(struct room *room);

#endif
