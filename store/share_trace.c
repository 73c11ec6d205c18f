// SPDX-License-Identifier: Apache-2.0
#include "store/share_trace.h"

#include "store/trace_sql.h"

// The reader is the share's maker, as far as the share goes.
#define READER                                                                                                         \
    "a AS MATERIALIZED (SELECT made_by AS id, true AS here, true AS may, session_id AS shared\n"                       \
    "    FROM share_of_ticket($1, $2) WHERE NOT $3::boolean)"
#define READABLE "x.id = $4 AND x.id = (SELECT shared FROM a)"
#define PRINTED "share_session_json(x)"

// A step of the table as the share shows it.
#define SHOWN(step) "share_step((SELECT id FROM a), (SELECT trigger_message_id FROM s), " step ")"

// A share is of one attempt, and names no other.
#define HEAD PAGE_HEAD(READER, READABLE, PRINTED, "SELECT '[]'::text AS chain")

// Only what is shown may be found. Without a text to look for, the steps need not be taken apart for being looked at.
#define SEARCHED                                                                                                       \
    "(SELECT q.* FROM steps x CROSS JOIN LATERAL " SHOWN(                                                              \
        "x") " q WHERE x.session_id = $4 AND $15::text IS NOT NULL\n"                                                  \
             " UNION ALL SELECT x.* FROM steps x WHERE x.session_id = $4 AND $15::text IS NULL)"

#define SHOWN_PAGE                                                                                                     \
    "(SELECT q.* FROM k JOIN steps x ON x.session_id = $4 AND x.step_number = k.step_number\n"                         \
    " CROSS JOIN LATERAL " SHOWN("x") " q) p"

#define AS_SHARED(rows) "(SELECT q.* FROM " rows " x CROSS JOIN LATERAL " SHOWN("x") " q) p"

const struct pg_statement store_share_page_forth PG_STATEMENT = {
    "share_page_forth",
    PAGE_FORTH(HEAD, AS_SHARED),
};

const struct pg_statement store_share_page_around PG_STATEMENT = {
    "share_page_around",
    PAGE_AROUND(HEAD, AS_SHARED),
};

const struct pg_statement store_share_page_some PG_STATEMENT = {
    "share_page_some",
    PAGE_SOME(HEAD, SEARCHED, PAGE_ANY_CHANGED, SHOWN_PAGE),
};

const struct pg_statement store_share_page_changed PG_STATEMENT = {
    "share_page_changed",
    PAGE_SOME(HEAD, SEARCHED, PAGE_CHANGED, SHOWN_PAGE),
};

const struct pg_statement store_share_outline PG_STATEMENT = {
    "share_outline",
    OUTLINE_ROWS(READER, READABLE, PRINTED, "NULL::text"),
};

const struct pg_statement store_share_step PG_STATEMENT = {
    "share_step",
    STEP_ROW(READER, READABLE, SHOWN("raw")),
};
