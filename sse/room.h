// One room: its number, the ring of what happened lately, its open steps, its subscribers, and what it wants from the
// database. Here is the rule of delivery: n+1 after n, or fetch what is missing. Pure: no descriptor, clock or
// database.
//
//     head    every event up to it has been through the ring, in order, since the room is followed
//     target  the highest number that is known to exist; head < target is a hole, and is asked for
//
// A room is *followed* from its first subscriber until some time after its last. One that is not followed keeps text
// alone, for late openers; numbers mean nothing to it.
#ifndef SSE_ROOM_H
#define SSE_ROOM_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/hint.h"
#include "sse/list.h"
#include "sse/ring.h"
#include "sse/rooms.h"
#include "sse/step.h"

enum room_kind { ROOM_SESSION, ROOM_STREAM, ROOM_WORKSPACE, ROOM_USER, ROOM_PERSONA, ROOM_KIND__MAX };

enum room_want {
    WANT_EVENTS = 1 << 0,   // numbered events that somebody waits for
    WANT_HOLE = 1 << 1,     // the same, but they may be on their way still: hints overtake each other
    WANT_STATE = 1 << 2,    // counter, end, open steps and their checkpoints
    WANT_SNAPSHOT = 1 << 3, // who is active
};

enum { ROOM_HELD_MAX = 256, ROOM_PAGE_MAX = 512 };

struct slot;

// A numbered event on its way into the room.
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
    char *name;   // "session:ses_…": as subscribers and writers name it
    char *spoken; // as clients are told: room_spoken() of it
    enum room_kind kind;
    uint32_t hash;
    struct room *same_hash;
    struct link by_age;    // in rooms->unwatched
    struct link lingering; // in rooms->followed
    struct link paged;     // in rooms->paged
    struct link wanting;   // in rooms->wanting
    struct link stirred;   // in rooms->stirred
    int64_t unwatched_since;

    bool followed;
    int64_t head;
    int64_t target;
    int64_t kept;  // the lowest number that can still be had; 0: nothing is known to be missing
    int64_t ended; // number of the event after which nothing comes; 0: none yet
    struct ring ring;
    unsigned held_n, held_cap;
    struct held *held; // by number, all above head + 1

    // Older events than the ring's, from the database, for who missed them: page[i] is number page_first + i.
    int64_t page_first;
    unsigned page_n;
    struct frame **page;
    int64_t page_used; // last, monotonic ns

    // Steps, of a session.
    bool steps_known; // the open steps are right for `head`
    unsigned steps_n, steps_cap;
    struct step **steps; // by start_seq

    unsigned wants;
    bool asked_events, asked_state, asked_snapshot; // on their way
    int64_t asked_above;                            // the question for events: from where …
    int64_t asked_head, asked_target;               // … and head and target at that time
    int64_t hole_seen;                              // when a hole was first looked at (monotonic ns); 0: not yet
    // What a new subscriber is shown (a session: its open steps; else: who is active) is numbered as it is asked for,
    // and it waits for an answer to a question that was asked after it came.
    uint32_t question, answer;
    struct frame *snapshot; // not of a session

    struct slot **subs;
    unsigned subs_n, subs_cap;
    bool holes_first;
    unsigned turn; // whose old events are asked for next
};

// `name` is of one of the known forms.
struct room *room_new(struct rooms *rooms, struct str name);
void room_free(struct room *room);
// KIND:ID, and behind a dot which side of it: a person's room of one workspace is `user:usr_….ws_…`, what programs hear
// of a workspace `workspace:ws_….programs`. -1 if `name` has none of the known forms.
int room_kind_of(struct str name);
// The room's name without its side; a person's own is "user:me".
struct str room_spoken(struct str name);
bool room_is_counted(const struct room *room);

void room_subscribe(struct room *room, struct slot *slot, int64_t head);
void room_unsubscribe(struct room *room, struct slot *slot);
// Goes back to keeping text alone.
void room_unfollow(struct room *room);

// Wakes every subscriber.
void room_wake(struct room *room);

void room_hint(struct room *room, const struct hint *hint);
// The database knows of this number.
void room_expect(struct room *room, int64_t number);
// Somebody else does, so its hint may be on its way.
void room_hear_of(struct room *room, int64_t number);
void room_want(struct room *room, unsigned want);

// Questions go out: the flags are moved from `wants` to what is on its way.
int64_t room_ask_events(struct room *room); // returns the number above which the events are wanted
void room_ask_state(struct room *room);
void room_ask_snapshot(struct room *room);
// The counter, whether it is final, and for a session its open steps, all of one moment.
void room_state(struct room *room, int64_t last_seq, bool ended, const struct room_open_step *open, unsigned n);
void room_snapshot(struct room *room, struct frame *frame);
// An ephemeral event that the pusher itself found, unless it is word for word the last that the ring has about that id.
void room_tell_once(struct room *room, struct str name, struct str body, struct str about);
// Questions that were asked will not be answered: they are asked again.
void room_unasked(struct room *room);

// For the parts of the room, sse/numbers.h and sse/texts.h.
// Appends to the ring, which takes the references over, and wakes everybody.
uint64_t room_push(struct room *room, const struct entry *entry);
void room_clear_ring(struct room *room);
// The open steps are no longer right: every subscriber needs them anew.
void room_lose_steps(struct room *room);
void room_wake_hungry(struct room *room);

#endif
