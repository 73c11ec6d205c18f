// Reading a session: a page of its steps, its outline, one step. Each answer is one statement's, and so one moment's
// truth. The rows are printed by whoever asked, with lib/step_json.h.
#ifndef LIB_STORE_TRACE_H
#define LIB_STORE_TRACE_H

#include "lib/answer.h"

// Which steps: up to `limit`, the nearest to the pivot, from `back` before it to `forth` behind it. Numbers as decimal
// text.
struct store_page_query {
    const char *pivot;    // a step's number …
    const char *pivot_id; // … or the id of a step or of a step's message: then `pivot` is only the fallback
    const char *back, *forth;
    const char *limit;
    const char *since_seq;    // changed after this number, or NULL
    const char *text;         // containing this, or NULL
    const char *escaped_text; // the same as JSON escapes it, as contents are stored
    const char *etags;        // If-None-Match, or NULL
    bool looks_back;          // a pivot behind the last step is the last step
};

// Columns. The first row is the head; the others have PAGE_NUMBER and a step, by number.
enum store_page_column {
    PAGE_ANSWER,
    PAGE_NUMBER,
    PAGE_SESSION,    // printed
    PAGE_RELATED,    // printed array: its retry chain
    PAGE_ETAG,       // quoted, weak
    PAGE_UNCHANGED,  // the caller has this page: there are no steps
    PAGE_ENDED,      // the session is terminal
    PAGE_STEP_COUNT, // of the session
    PAGE_FITS,       // the steps of the range may be shown at once
    PAGE_FOUND,      // how many steps a filter matches, shown or not
    PAGE_STEP,       // first of STEP_SHOWN_COLUMNS
};

// 200, 401, 403, 404, 503.
MUST_USE struct answer store_trace_page(struct pg *pg, const struct caller *caller, const char *session,
                                        const struct store_page_query *query);

// Columns: the same way.
enum store_outline_column {
    OUTLINE_ANSWER,
    OUTLINE_NUMBER,
    OUTLINE_SESSION,
    OUTLINE_LAST_SEQ,
    OUTLINE_ETAG,
    OUTLINE_UNCHANGED,
    OUTLINE_ENDED,
    OUTLINE_ID,
    OUTLINE_TYPE,
    OUTLINE_PARENT, // its number
    OUTLINE_FAILED,
    OUTLINE_STARTED,
    OUTLINE_COMPLETED,
    OUTLINE_MESSAGE,
    OUTLINE_SEQ,
};

// `etags`: If-None-Match, or NULL.
MUST_USE struct answer store_trace_outline(struct pg *pg, const struct caller *caller, const char *session,
                                           const char *etags);

// Columns: the answer, whether the session is terminal, the step (whole) from STEP_AT on.
enum { STEP_ENDED = 1, STEP_AT = 2 };
MUST_USE struct answer store_trace_step(struct pg *pg, const struct caller *caller, const char *session,
                                        const char *step_id);

#endif
