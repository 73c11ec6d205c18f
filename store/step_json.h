// SPDX-License-Identifier: Apache-2.0
// What a step is, and how it is printed: one place for REST, live events and the pusher's replay, so that all three
// show the same text. The columns that a step is read from are store/step_columns.h; this knows no statement and no
// room.
#ifndef STORE_STEP_JSON_H
#define STORE_STEP_JSON_H

#include <stdbool.h>
#include "base/buf.h"
#include "wire/event.h"

// In lists and events content is cut at this many bytes of text.
#define STEP_BRIEF_BYTES 16384

enum step_form {
    STEP_WHOLE,
    STEP_BRIEF, // long content is cut at a code point, with contentLength and truncated; an object becomes text
};

struct step_row {
    struct str id, session_id;
    int64_t number;
    struct str type, name, parent_id;
    bool failed;
    int64_t start_seq;
    int64_t end_seq; // 0: open
    int64_t seq;
    int64_t start_length, content_length;
    struct str sources, message_id, usage, error; // printed JSON, except message_id
    int64_t started_us, completed_us;             // since 1970
    int64_t received_us;                          // when the server heard of its start; 0: then
    bool times_adjusted;                          // a time that the client gave could not be
    struct str more_brief, more_whole;            // printed members with their comma: STEP_MORE_… (step_columns.h)
    struct str start_content, content;            // printed JSON
};

// An open step of a session that has ended reads as interrupted.
const char *step_json_status(const struct step_row *step, bool session_ended);

// Of a step that has ended, in milliseconds.
int64_t step_json_duration(const struct step_row *step);

// Appends the step as it is now.
void step_json(struct buf *out, const struct step_row *step, bool session_ended, enum step_form form);

// Appends the step as it was when it started: running, with the content it had then, cut as in lists.
void step_json_started(struct buf *out, const struct step_row *step);

// Appends the data of the session room's event with the number `seq`: the step's start (start_seq), its completion
// (end_seq; both, if it was written whole), or with any other number the step as it is now, after a change.
// step_json_event_kind() says which event that is.
void step_json_event(struct buf *out, const struct step_row *step, int64_t seq);
enum event step_json_event_kind(const struct step_row *step, int64_t seq);

#endif
