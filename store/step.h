// SPDX-License-Identifier: Apache-2.0
// Writing steps one at a time: a step starts, a step is completed, a whole step is recorded. Each is one statement.
// Many at once are store/batch.h, streamed text is store/progress.h, reading is store/trace.h.
#ifndef STORE_STEP_H
#define STORE_STEP_H

#include "store/notify.h"
#include "store/step_json.h"
#include "store/answer.h"

// What a client says about a step, ready for the database: absent is NULL, JSON is printed, numbers are decimal.
// What a step was given and gave, and what else is known of it: printed JSON, or NULL.
struct store_step_more {
    const char *input, *output, *attributes, *events, *links;
};

// What a repeat of a start, or of an end, is known by: printed bytea; and the fields of it that were redacted, as an
// array literal. NULL: not known, none.
struct store_step_mark {
    const char *mark, *redacted;
};

struct store_step_input {
    const char *id;
    const char *type, *name, *parent_id; // of a start
    const char *content, *content_length;
    const char *misfits;               // of a completion: array literal of the types that cannot have this content
    const char *sources, *source_keys; // JSON array; array literal of what makes each source the same as another
    const char *message_id;
    const char *usage, *model, *input_tokens, *output_tokens, *reasoning_tokens, *cost_usd;
    const char *cache_read_tokens, *cache_write_tokens, *total_tokens;
    bool is_sum;                           // its usage is that of other steps, which count for the session themselves
    const char *error;                     // JSON: it failed
    const char *started_us, *completed_us; // microseconds since 1970, by the client's clock
    struct store_step_more more;
    struct store_step_mark start, end; // that of what was sent: a whole step is an end
};

// Views that live as long as the answer; those of a step that was started now, into what was sent.
// Whether there is any of it.
static inline bool store_step_has_more(const struct store_step_more *more)
{
    return more->input || more->output || more->attributes || more->events || more->links;
}

struct store_step_seen {
    struct str session_status; // of a CONFLICT
    struct step_row step;      // of OK (as it was written the first time) and WRITTEN
    // For notify_session_progress(); filled when a step of a stream's session has started.
    struct notify_session session;
};

// WRITTEN. OK: the id was written before. MISFIT: the parent is not a step of this session. CONFLICT: the session is
// not running.
MUST_USE struct store_answer store_step_start(struct pg *pg, const struct caller *caller, const char *session,
                                              const struct store_step_input *in, struct store_step_seen *out);
// A step that starts and ends at once: one event, one number.
MUST_USE struct store_answer store_step_record(struct pg *pg, const struct caller *caller, const char *session,
                                               const struct store_step_input *in, struct store_step_seen *out);
// WRITTEN: completed now. OK: it was completed before. MISFIT: the step's type is among the misfits.
MUST_USE struct store_answer store_step_complete(struct pg *pg, const struct caller *caller, const char *session,
                                                 const struct store_step_input *in, struct store_step_seen *out);

#endif
