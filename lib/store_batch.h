// Many steps in one transaction: the session is locked, then one statement over all of them writes what is not there
// yet and numbers the events in the order of the lines.
#ifndef LIB_STORE_BATCH_H
#define LIB_STORE_BATCH_H

#include "lib/publish.h"
#include "lib/step_json.h"
#include "lib/store_step.h"

// What the lines of a batch say about one step. Line numbers count from 1; 0: no such line.
struct store_batch_step {
    struct store_step_input start; // of the line that starts it or records it whole: id, type, name, parent
    struct store_step_input end;   // of the line that completes it, or records it whole: everything else
    int64_t start_line, end_line;  // `end_line` is that of "complete"
    bool is_whole;
    bool parent_is_here; // an earlier line starts its parent
};

// Views into rows that store_batch_fini() clears. Row i is about the i-th step that was asked for.
struct store_batch_result {
    PGresult *locked, *rows;
    struct str session_status; // of a 409
    int64_t lost_line;         // of a 400: the first line that names an unknown step or parent; 0: none
    int64_t misfit_line;       // of a 400: the first that completes a step whose type is among the misfits; 0: none
    struct publish_session session; // for publish_session_progress()
};

// 200, 400, 401, 403, 404, 409, 503.
MUST_USE int store_batch_write(struct pg *pg, const struct caller *caller, const char *session,
                               const struct store_batch_step *steps, int n, struct store_batch_result *result);
void store_batch_fini(struct store_batch_result *result);

// The step of row `i`, and the numbers of its events that were written now: 0 if there was nothing to write.
struct store_batch_written {
    struct step_row step;
    int64_t start_seq, end_seq;
};
void store_batch_read(const struct store_batch_result *result, int i, struct store_batch_written *written);

#endif
