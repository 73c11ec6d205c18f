// The sessions that a caller may read, newest first. One statement a page.
#ifndef LIB_STORE_SESSION_LIST_H
#define LIB_STORE_SESSION_LIST_H

#include "lib/answer.h"

struct store_list_query {
    const char *statuses; // comma-separated, or NULL
    bool only_active;     // `statuses` names none but pending and running
    const char *stream, *persona;
    const char *text;                    // in its title, its persona's name or what triggered it
    const char *before_time, *before_id; // the last session of the page before: microseconds since 1970, and its id
    const char *limit;
};

enum store_list_column { LIST_ANSWER, LIST_SESSION, LIST_CREATED, LIST_ID };

// 200 (one row of which LIST_ID is NULL: there are none), 401, 403, 404, 503.
MUST_USE struct answer store_session_list(struct pg *pg, const struct caller *caller,
                                          const struct store_list_query *query);

#endif
