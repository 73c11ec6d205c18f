// Reading a session: a page of its steps, its outline, one step. Each function is one statement, so what it answers is
// one moment's truth. The rows are printed by whoever asked, with lib/step_json.h.
#ifndef LIB_STORE_TRACE_H
#define LIB_STORE_TRACE_H

#include "lib/answer.h"

enum { STORE_PAGE_BYTES = 4 * 1024 * 1024 };

// Which steps: up to `limit`, the nearest to the pivot, from `back` before it to `forth` behind it. Numbers as decimal
// text.
struct store_page_query {
    const char *pivot;    // a step's number …
    const char *pivot_id; // … or the id of a step or of a step's message: then `pivot` is only the fallback
    const char *back, *forth;
    const char *limit;
    const char *since_seq; // changed after this number, or NULL
    const char *text;      // containing this, as JSON escapes it, or NULL
    const char *etags;     // If-None-Match, or NULL
    bool looks_back;       // a pivot behind the last step is the last step
};

// Columns of the first row, and the steps of all rows (PAGE_NUMBER is NULL if there are none), by number.
enum store_page_column {
    PAGE_ANSWER,
    PAGE_SESSION,    // printed
    PAGE_RELATED,    // printed array: its retry chain
    PAGE_ETAG,       // quoted, weak
    PAGE_UNCHANGED,  // the caller has this page: there are no steps
    PAGE_ENDED,      // the session is terminal
    PAGE_STEP_COUNT, // of the session
    PAGE_FOUND,      // how many steps the query matches, shown or not
    PAGE_NUMBER,
    PAGE_STEP, // first of STEP_COLUMNS, brief
};

// 200, 401, 403, 404, 503.
MUST_USE struct answer store_trace_page(struct pg *pg, const struct caller *caller, const char *session,
                                        const struct store_page_query *query);

enum store_outline_column {
    OUTLINE_ANSWER,
    OUTLINE_SESSION,
    OUTLINE_LAST_SEQ,
    OUTLINE_ID,
    OUTLINE_NUMBER,
    OUTLINE_TYPE,
    OUTLINE_PARENT, // its number
    OUTLINE_STATUS,
    OUTLINE_STARTED,  // milliseconds since 1970
    OUTLINE_DURATION, // milliseconds; NULL: open
    OUTLINE_MESSAGE,
    OUTLINE_SEQ,
};

MUST_USE struct answer store_trace_outline(struct pg *pg, const struct caller *caller, const char *session);

// Columns: the answer, whether the session is terminal, the step (whole) from STEP_AT on.
enum { STEP_ENDED = 1, STEP_AT = 2 };
MUST_USE struct answer store_trace_step(struct pg *pg, const struct caller *caller, const char *session,
                                        const char *step_id);

#endif
