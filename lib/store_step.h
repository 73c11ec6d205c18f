// Writing steps one at a time: a step starts, a step is completed, a whole step is recorded. Each is one statement.
// Many at once are lib/store_batch.h, streamed text is lib/store_progress.h, reading is lib/store_trace.h.
#ifndef LIB_STORE_STEP_H
#define LIB_STORE_STEP_H

#include "lib/publish.h"
#include "lib/step_json.h"
#include "lib/answer.h"

// What a client says about a step, ready for the database: absent is NULL, JSON is printed, numbers are decimal.
struct store_step_input {
    const char *id;
    const char *type, *name, *parent_id; // of a start
    const char *content, *content_length;
    const char *misfits;               // of a completion: array literal of the types that cannot have this content
    const char *sources, *source_keys; // JSON array; array literal of what makes each source the same as another
    const char *message_id;
    const char *usage, *model, *input_tokens, *output_tokens, *reasoning_tokens, *cost_usd;
    const char *error; // JSON: it failed
};

// Views into `rows`, which the caller gives back with store_step_result_fini(), and of a new step into what was sent.
struct store_step_result {
    PGresult *rows;
    struct str session_status; // of a 409
    struct step_row step;      // of a 200 (as it was written the first time) or 201
    // For publish_session_progress(); filled when a step of a stream's session has started.
    struct publish_session session;
};

void store_step_result_fini(struct store_step_result *result);

// 201 written; 200 the id was written before; 400 the parent is not a step of this session; 401, 403, 404; 409 the
// session is not running; 503.
MUST_USE int store_step_start(struct pg *pg, const struct caller *caller, const char *session,
                              const struct store_step_input *in, struct store_step_result *out);
// A step that starts and ends at once: one event, one number.
MUST_USE int store_step_record(struct pg *pg, const struct caller *caller, const char *session,
                               const struct store_step_input *in, struct store_step_result *out);
// 201 completed now; 200 it was completed before; 400 the step's type is among the misfits.
MUST_USE int store_step_complete(struct pg *pg, const struct caller *caller, const char *session,
                                 const struct store_step_input *in, struct store_step_result *out);

#endif
