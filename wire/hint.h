// SPDX-License-Identifier: Apache-2.0
// The message that a writer sends to the pushers after its commit: "room R has a new event". A hint only saves time. It
// may be lost, doubled or reordered, and the database is believed over it (ARCHITECTURE.md, rule 1).
// This module packs and unpacks one message. The sockets are wire/bus.h, and what a hint does to a room is sse/room.h.
//
// There are eight kinds of hint:
//   durable    seq > 0: `body` is the event's printed data; an empty one says "read the row", as the event was too long
//   ephemeral  seq == 0: `body` is the event's printed data, for the readers who are connected
//   forgotten  seq == 0 and HINT_FORGETS: a text that this room's events may show was deleted in another room
//   text       seq == 0 and HINT_CONTENT or HINT_DELTA: `body` is a piece of a step's text, JSON-escaped and without
//              its quotes; the pusher keeps the text and prints the event itself
//   wanted     HINT_TEXT_WANTED: asks for the texts of the room's open steps, as the question `offset`
//   so far     HINT_CONTENT and HINT_TEXT_SO_FAR: the answer, a step's text up to now; takes the place of an older or
//              shorter one. Both go between relay and pusher alone
//   revoked    HINT_REVOKED: rights have ended; the pusher reads which, ends their streams, and then acknowledges by
//              sending `stamp_ns` back over the same socket
//   self-test  HINT_SELF_TEST: the pusher's own hint to itself, without a room, by which it sees that its socket works
#ifndef WIRE_HINT_H
#define WIRE_HINT_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"

enum {
    HINT_OPENS_STEP = 1 << 0,   // `step` is open from this event on
    HINT_ENDS_STEP = 1 << 1,    // `step` is closed by this event
    HINT_ENDS_ROOM = 1 << 2,    // nothing can follow in this room: its session is terminal
    HINT_CONTENT = 1 << 3,      // the text replaces what there is
    HINT_DELTA = 1 << 4,        // the text continues what there is, at `offset`
    HINT_SELF_TEST = 1 << 5,    // only `stamp_ns` means anything
    HINT_FORGETS = 1 << 6,      // a text was deleted: older frames of this room must not be replayed from memory
    HINT_REOPENS_ROOM = 1 << 7, // the session runs again: its room has not ended
    HINT_REVOKED = 1 << 8,      // only `stamp_ns` means anything
    HINT_TEXT_WANTED = 1 << 9,
    HINT_TEXT_SO_FAR = 1 << 10,
};

// The longest message is an event with the longest session in it: an escaped title, error and excerpt, 16 KiB of
// metadata and, of sessions of before, 64. Hints of other kinds are at most half as long.
enum { HINT_SIZE_MAX = 128 * 1024, HINT_SIZE_USUAL = HINT_SIZE_MAX / 2 };

struct hint {
    uint32_t flags;
    int64_t seq;         // the event's number in its room; 0: it has none
    int64_t start_seq;   // number of the event that started `step`; 0 if there is no step
    int64_t stamp_ns;    // CLOCK_MONOTONIC nanoseconds. Text: when the request was received, the same in every piece.
                         // Durable: after the commit, for the histogram of delays. Revoked and self-test: when it
                         // was sent
    int64_t n;           // text: the caller's own order, above 0 and growing with each call about the step; 0: none
    int64_t offset;      // HINT_DELTA: UTF-8 bytes of text before the delta
    uint32_t raw_length; // text: UTF-8 bytes of the whole text before escaping (of all pieces together)
    uint16_t piece;      // text: this is piece `piece` …
    uint16_t pieces;     // … of `pieces` (1 if whole)
    struct str room;     // internal name (wire/room_name.h)
    struct str name;     // the event's name, for example "agent_session:step:started"
    struct str step;     // the step's id, or empty
    struct str body;
};

// Appends the packed hint. 0, or -1 with *out unchanged if it would be longer than a hint of its kind may be.
MUST_USE int hint_pack(struct buf *out, const struct hint *hint);

// Fills *hint with views into `message`. 0, or -1 if the message is not a well-formed hint of this version.
MUST_USE int hint_unpack(struct hint *hint, struct str message);

// The acknowledgement of a HINT_REVOKED is its stamp, as the machine has it: both ends are on one machine.
enum { HINT_ACK_BYTES = sizeof(int64_t) };

// Returns how many bytes of body fit beside the hint's names.
size_t hint_room_for_body(const struct hint *hint);

#endif
