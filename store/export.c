// SPDX-License-Identifier: Apache-2.0
#include "store/export.h"

#include <stdio.h>
#include "store/caller.h"
#include "store/statement.h"
#include "store/step_columns.h"

enum { EXPORT_OUTCOME, EXPORT_SESSION, EXPORT_ENDED, EXPORT_STEPS, EXPORT_INPUT, EXPORT_OUTPUT, EXPORT_STEP };

// The lengths of values are read without the values. The session is printed once, in the first row.
static const struct pg_statement page PG_STATEMENT = {
    "export_page",
    "WITH " STORE_READER ",\n"
    "s AS MATERIALIZED (SELECT x.id, x.status, x.step_count, session_unrated_json(x) AS session\n"
    "    FROM agent_sessions x WHERE " STORE_READABLE(
        "$4") "),\n"
              "near AS (SELECT q.id, q.step_number, octet_length(coalesce(q.content, q.start_content, ''))\n"
              "             + octet_length(coalesce(q.input, '')) + octet_length(coalesce(q.output, ''))\n"
              "             + octet_length(coalesce(q.sources, '')) + octet_length(coalesce(q.attributes, '')) + 512 AS size\n"
              "    FROM steps q WHERE q.session_id = $4 AND q.step_number > $5::integer AND q.step_number <= $6::integer\n"
              "    AND EXISTS (SELECT FROM s) ORDER BY q.step_number LIMIT 1000),\n"
              "fit AS (SELECT id, row_number() OVER (ORDER BY step_number) AS n,\n"
              "               sum(size) OVER (ORDER BY step_number) - size AS before FROM near)\n"
              "SELECT CASE " STORE_REFUSALS " WHEN s.id IS NULL THEN 404 ELSE 200 END,\n"
              "       CASE WHEN fit.n > 1 THEN NULL ELSE s.session END, s.status IN ('completed', 'failed', 'cancelled'),\n"
              "       s.step_count, p.input, p.output, " STEP_COLUMNS_WHOLE "\n"
              "FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN s ON true\n"
              "LEFT JOIN fit ON fit.before < 1048576 LEFT JOIN steps raw ON raw.session_id = $4 AND raw.id = fit.id\n"
              "LEFT JOIN LATERAL step_with_texts(a.id, raw) p ON raw.id IS NOT NULL\n"
              "ORDER BY fit.n",
};

struct store_answer store_export_page(struct pg *pg, const struct caller *caller, const char *session, int64_t after,
                                      int64_t upto)
{
    char from[24], to[24];
    (void)snprintf(from, sizeof from, "%lld", (long long)after);
    (void)snprintf(to, sizeof to, "%lld", (long long)upto);
    const char *params[] = {caller->secret, caller->workspace, caller->program, session, from, to};
    return store_statement_decide(pg, &page, 6, params);
}

// A page without steps is one row with NULLs in their place.
void store_export_read(const struct store_answer *answer, struct store_export_head *head)
{
    const struct pg_result *rows = answer->rows;
    *head = (struct store_export_head){.session = pg_str(rows, 0, EXPORT_SESSION),
                                       .has_ended = pg_bool(rows, 0, EXPORT_ENDED),
                                       .step_count = pg_i64(rows, 0, EXPORT_STEPS),
                                       .steps = pg_is_null(rows, 0, EXPORT_STEP) ? 0 : pg_rows(rows)};
}

void store_export_read_step(const struct store_answer *answer, int i, struct store_export_step *step)
{
    step->input = pg_str(answer->rows, i, EXPORT_INPUT);
    step->output = pg_str(answer->rows, i, EXPORT_OUTPUT);
    step_columns_read(&step->step, answer->rows, i, EXPORT_STEP);
}
