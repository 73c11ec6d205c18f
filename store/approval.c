// SPDX-License-Identifier: Apache-2.0
#include "store/approval.h"

#include "store/notify_columns.h"
#include "store/statement.h"
#include "store/step_columns.h"

enum { CODE, PROBLEM, PERSONA, STEP };

static const struct pg_statement decide PG_STATEMENT = {
    "approval_decide",
    "SELECT a.code, a.problem, (SELECT persona_id FROM agent_sessions WHERE id = $3), " STEP_COLUMNS_WHOLE
    "\nFROM decide_approval($1, $2, $3, $4, $5, $6) a CROSS JOIN LATERAL (SELECT (a.step).*) p",
};

struct store_answer store_approval_decide(struct pg *pg, const struct caller *caller, const char *session,
                                          const char *step, const char *option, const char *note,
                                          struct store_approval_seen *out)
{
    const char *params[] = {caller->secret, caller->workspace, session, step, option, note};
    struct store_answer answer = store_statement_decide(pg, &decide, 6, params);
    *out = (struct store_approval_seen){0};
    if (answer.rows) {
        out->problem = pg_str(answer.rows, 0, PROBLEM);
        out->persona_id = pg_str(answer.rows, 0, PERSONA);
        step_columns_read(&out->step, answer.rows, 0, STEP);
    }
    return answer;
}

static const struct pg_statement asking PG_STATEMENT = {
    "approval_session",
    "SELECT news.* FROM agent_sessions x CROSS JOIN LATERAL session_news(x, NULL, NULL, NULL) news WHERE x.id = $1",
};

struct store_answer store_approval_session(struct pg *pg, const char *session, struct notify_session *out)
{
    struct store_answer answer = store_statement_find(pg, &asking, 1, &session);
    *out = (struct notify_session){0};
    if (answer.outcome == STORE_OK)
        notify_columns_read(out, answer.rows, 0, 0);
    return answer;
}
