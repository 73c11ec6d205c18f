// SPDX-License-Identifier: Apache-2.0
#include "store/progress.h"

#include "store/caller.h"
#include "store/statement.h"

enum { OUTCOME, IS_OPEN, START_SEQ };

static enum store_outcome run(struct pg *pg, const struct pg_statement *statement, int n, const char *const params[],
                              struct store_progress *out)
{
    struct store_answer answer = store_statement_decide(pg, statement, n, params);
    enum store_outcome outcome = answer.outcome;
    if (answer.rows) {
        out->is_open = pg_bool(answer.rows, 0, IS_OPEN);
        out->start_seq = pg_i64(answer.rows, 0, START_SEQ);
    }
    store_answer_fini(&answer);
    return outcome;
}

#define ANSWER_CASE                                                                                                    \
    "CASE " STORE_REFUSALS " WHEN s.status = 'pending' THEN 409 WHEN p.start_seq IS NULL THEN 404 ELSE 200 END"

static const struct pg_statement look PG_STATEMENT = {
    "progress_look",
    "WITH " STORE_TOKEN ",\n"
    "s AS MATERIALIZED (" STORE_OWN_SESSION "),\n"
    "p AS MATERIALIZED (SELECT start_seq, end_seq FROM steps\n"
    "                   WHERE session_id = $3 AND id = $4 AND EXISTS (SELECT FROM s))\n"
    "SELECT " ANSWER_CASE ",\n"
    "       s.status = 'running' AND p.end_seq IS NULL, p.start_seq\n"
    "FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN s ON true LEFT JOIN p ON true",
};

enum store_outcome store_progress_look(struct pg *pg, const struct caller *caller, const char *session,
                                       const char *step, struct store_progress *out)
{
    const char *params[] = {caller->secret, caller->workspace, session, step};
    return run(pg, &look, 4, params, out);
}

// The session is locked before the step, as everywhere; the session's row is changed only if the step was found open.
static const struct pg_statement checkpoint PG_STATEMENT = {
    "progress_checkpoint",
    "WITH " STORE_TOKEN ",\n"
    "s AS MATERIALIZED (" STORE_OWN_SESSION " FOR NO KEY UPDATE),\n"
    "p AS MATERIALIZED (SELECT start_seq FROM steps\n"
    "                   WHERE session_id = $3 AND id = $4 AND EXISTS (SELECT FROM s)),\n"
    "w AS (UPDATE steps SET content = $5, content_length = $6\n"
    "      WHERE session_id = $3 AND id = $4 AND end_seq IS NULL\n"
    "      AND EXISTS (SELECT FROM s WHERE status = 'running') RETURNING id),\n"
    "u AS (UPDATE agent_sessions SET heartbeat_at = clock_timestamp(), checkpoint_at = clock_timestamp()\n"
    "      WHERE id = $3 AND EXISTS (SELECT FROM w))\n"
    "SELECT " ANSWER_CASE ",\n"
    "       EXISTS (SELECT FROM w), p.start_seq\n"
    "FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN s ON true LEFT JOIN p ON true",
};

enum store_outcome store_progress_checkpoint(struct pg *pg, const struct caller *caller, const char *session,
                                             const char *step, const char *content, const char *content_length,
                                             struct store_progress *out)
{
    const char *params[] = {caller->secret, caller->workspace, session, step, content, content_length};
    return run(pg, &checkpoint, 6, params, out);
}
