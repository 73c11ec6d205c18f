// SPDX-License-Identifier: Apache-2.0
// Reading a session: a page of its steps, its outline, one step. Each answer comes from a single snapshot. A page that
// does not fit is read by a second statement, and is then of that one's snapshot. The caller prints the steps with
// store/step_json.h. A reader of a share gets the same of what that shows.
#ifndef STORE_TRACE_H
#define STORE_TRACE_H

#include "store/answer.h"
#include "store/step_json.h"

// Which steps: up to `limit`, from `back` before the pivot to `forth` from the pivot on, in the order of a trace: by
// start, and by number where those are equal. Numbers as decimal text.
struct store_page_query {
    const char *pivot;    // a step's number: where that step is, unless …
    const char *pivot_us; // … the step of that number is known to have started then (microseconds since 1970), or …
    const char *pivot_id; // … this is the id of a step or of a step's message
    const char *back, *forth;
    const char *limit;
    const char *since_seq;    // changed after this number, or NULL
    const char *text;         // containing this, or NULL
    const char *escaped_text; // the same as JSON escapes it, as contents are stored
    const char *etags;        // If-None-Match, or NULL
    bool is_behind_pivot;     // the step at the pivot is not taken forth, but back
    bool looks_back;          // a number behind the last step is the last step
};

// OK, STRANGER, FORBIDDEN, NOT_FOUND.
MUST_USE struct store_answer store_trace_page(struct pg *pg, const struct caller *caller, const char *session,
                                              const struct store_page_query *query);

// What stands above the steps of a page.
struct store_page_head {
    struct str session;                   // printed
    struct str related;                   // printed array: its retry chain
    struct str etag;                      // quoted, weak
    int64_t last_seq;                     // of the session
    bool is_unchanged;                    // the caller has this page: there are no steps
    bool has_ended;                       // the session is terminal
    bool has_more_before, has_more_after; // steps that match and are not shown
    int steps;                            // how many are shown
};
void store_trace_read_page(const struct store_answer *answer, struct store_page_head *head);
// The i-th step of the page, from 0: all but the session's id, and nothing of its start.
void store_trace_read_page_step(const struct store_answer *answer, int i, struct step_row *step);

// `etags`: If-None-Match, or NULL.
MUST_USE struct store_answer store_trace_outline(struct pg *pg, const struct caller *caller, const char *session,
                                                 const char *etags);

struct store_outline_head {
    struct str session; // printed
    struct str etag;    // quoted, weak
    int64_t last_seq;
    bool is_unchanged, has_ended; // as of a page
    int steps;
};
void store_trace_read_outline(const struct store_answer *answer, struct store_outline_head *head);

// A step with its id, number, type, parent's id, state and times alone.
struct store_outline_step {
    struct step_row step;
    int64_t parent_number; // 0: it has no parent, or one that is promised and not there yet
};
void store_trace_read_outline_step(const struct store_answer *answer, int i, struct store_outline_step *step);

// One step, whole.
MUST_USE struct store_answer store_trace_step(struct pg *pg, const struct caller *caller, const char *session,
                                              const char *step_id);
void store_trace_read_step(const struct store_answer *answer, struct step_row *step, bool *session_has_ended);

#endif
