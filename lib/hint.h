// The message that a writer sends to the pushers after its commit: "room R has a new event". A hint hurries, it never
// decides: it may be lost, doubled or reordered, and the database is believed over it (ARCHITECTURE.md, rule 1).
// This module packs and unpacks one message; it is not the socket (lib/bus.h) and not the pusher's rooms (sse/room.h).
//
// Four kinds of hint:
//   durable    seq > 0: `body` is the event's printed data; an empty body says "read the row" (the event was too long)
//   ephemeral  seq == 0: `body` is the event's printed data, delivered to whoever is connected
//   forgotten  seq == 0 and HINT_FORGETS: a text that this room's events may show was deleted in another room
//   text       seq == 0 and HINT_CONTENT or HINT_DELTA: `body` is JSON-escaped text without its quotes, a piece of a
//   step's
//              text; the pusher keeps the text and prints the event itself
#ifndef LIB_HINT_H
#define LIB_HINT_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/buf.h"

enum {
    HINT_OPENS_STEP = 1 << 0, // `step` is open from this event on
    HINT_ENDS_STEP = 1 << 1,  // `step` is closed by this event
    HINT_ENDS_ROOM = 1 << 2,  // nothing can follow in this room: its session is terminal
    HINT_CONTENT = 1 << 3,    // text replaces what there is
    HINT_DELTA = 1 << 4,      // text is appended at `offset`
    HINT_SELF_TEST = 1 << 5,  // the pusher's own question to itself; no room
    HINT_FORGETS = 1 << 6,    // a text was deleted: older frames of this room must not be replayed from memory
};

// The longest message: an ephemeral event, which has no row to be read instead, with the longest session in it (64 KiB
// of metadata, and an escaped title, error and excerpt). Of the others the longest is half of it.
enum { HINT_SIZE_MAX = 128 * 1024, HINT_SIZE_USUAL = HINT_SIZE_MAX / 2 };

struct hint {
    uint32_t flags;
    int64_t seq;       // the room's number of this event; 0: ephemeral
    int64_t start_seq; // number of the event that started `step`; 0 if no step
    int64_t stamp;     // text: CLOCK_MONOTONIC nanoseconds at receipt of the request; the same in every piece; also in
                       // durable events, when the writer's transaction had committed (for the delay histogram)
    int64_t offset;    // HINT_DELTA: UTF-8 bytes of text before the delta
    uint32_t raw_length; // text: UTF-8 bytes of the whole text before escaping (of all pieces together)
    uint16_t piece;      // text: this is piece `piece` …
    uint16_t pieces;     // … of `pieces` (1 if whole)
    struct str room;     // "session:ses_…"
    struct str name;     // the event's name, for example "agent_session:step:started"
    struct str step;     // the step's id, or empty
    struct str body;
};

// Appends the packed hint. 0, or -1 and *out unchanged if it would be longer than a hint of its kind may be.
MUST_USE int hint_pack(struct buf *out, const struct hint *hint);

// Fills *hint with views into `message`. 0, or -1 if the message is not a well-formed hint of this version.
MUST_USE int hint_unpack(struct hint *hint, struct str message);

// How many bytes of body fit beside the given names.
size_t hint_room_for_body(const struct hint *hint);

#endif
