// SPDX-License-Identifier: Apache-2.0
#include "store/share.h"

#include "store/statement.h"

// A person `c`, with a refusal where there is one, and the session $3 as far as they may read it.
#define PERSON_AND_SESSION                                                                                             \
    "w AS MATERIALIZED (SELECT * FROM who_calls($1, false, $2, NULL)),\n"                                              \
    "s AS MATERIALIZED (SELECT x.id, x FROM agent_sessions x, w WHERE w.refused IS NULL AND x.id = $3\n"               \
    "                   AND x.workspace_id IS NOT DISTINCT FROM $2\n"                                                  \
    "                   AND can_read_session(w.id, x.workspace_id, x.stream_id, x.persona_id))"

#define SHARING "(SELECT sharing FROM workspaces WHERE id = $2)"
#define PRINTED_LIST(from)                                                                                             \
    "concat('{\"shares\":[', (SELECT string_agg(share_json(h, w.id), ',' ORDER BY h.id DESC) FROM " from               \
    "), '],\"enabled\":', to_json(" SHARING "), '}')"

static const struct pg_statement make PG_STATEMENT = {
    "share_make",
    "SELECT code, problem, printed FROM make_share($1, $2, $3, $4, $5::integer, $6::integer)",
};

struct store_answer store_share_make(struct pg *pg, const struct caller *caller, const char *session,
                                     const char *secret, const char *days)
{
    struct buf most = {0};
    buf_i64(&most, SHARES_OF_SESSION);
    const char *params[] = {caller->secret, caller->workspace, session, secret, days, buf_cstr(&most)};
    struct store_answer answer = store_statement_decide(pg, &make, 6, params);
    buf_fini(&most);
    return answer;
}

static const struct pg_statement list PG_STATEMENT = {
    "share_list",
    "WITH " PERSON_AND_SESSION "\n"
    "SELECT coalesce(w.refused, CASE WHEN s.id IS NULL THEN 404 WHEN NOT may_act_on_session(w.id, s.x) THEN 403 ELSE 200 END), NULL::text,\n"
    "       CASE WHEN may_act_on_session(w.id, s.x) THEN " PRINTED_LIST(
        "shares h WHERE h.session_id = s.id AND share_is_open(h)") " END\n"
                                                                   "FROM w LEFT JOIN s ON true",
};

struct store_answer store_share_list(struct pg *pg, const struct caller *caller, const char *session)
{
    return store_statement_decide(pg, &list, 3, (const char *const[]){caller->secret, caller->workspace, session});
}

static const struct pg_statement list_workspace PG_STATEMENT = {
    "share_list_workspace",
    "WITH w AS MATERIALIZED (SELECT * FROM who_calls($1, false, $2, NULL))\n"
    "SELECT coalesce(w.refused, 200), NULL::text, CASE WHEN w.refused IS NULL THEN " PRINTED_LIST(
        "(SELECT * FROM shares x WHERE x.workspace_id = $2 AND (w.role = 'admin' OR x.made_by = w.id)\n"
        "   AND share_is_open(x) ORDER BY x.id DESC LIMIT 500) h") " END\n"
                                                                   "FROM w",
};

struct store_answer store_share_list_workspace(struct pg *pg, const struct caller *caller)
{
    return store_statement_decide(pg, &list_workspace, 2, (const char *const[]){caller->secret, caller->workspace});
}

static const struct pg_statement revoke PG_STATEMENT = {
    "share_revoke",
    "WITH w AS MATERIALIZED (SELECT * FROM who_calls($1, false, $2, NULL)),\n"
    "h AS MATERIALIZED (SELECT h.id FROM w, shares h JOIN agent_sessions s ON s.id = h.session_id\n"
    "    WHERE w.refused IS NULL AND h.id = $3 AND h.workspace_id = $2\n"
    "    AND (w.role = 'admin' OR h.made_by = w.id OR may_act_on_session(w.id, s))),\n"
    "r AS MATERIALIZED (SELECT h.id, revoke_shares(ARRAY[h.id]) AS n FROM h),\n"
    "l AS (INSERT INTO audit_log (actor, action, subject, workspace_id)\n"
    "      SELECT w.id, 'revoke-share', r.id, $2 FROM w, r WHERE r.n > 0)\n"
    "SELECT coalesce(w.refused, CASE WHEN r.id IS NULL THEN 404 ELSE 204 END), NULL::text, NULL::text\n"
    "FROM w LEFT JOIN r ON true",
};

struct store_answer store_share_revoke(struct pg *pg, const struct caller *caller, const char *share)
{
    return store_statement_decide(pg, &revoke, 3, (const char *const[]){caller->secret, caller->workspace, share});
}

static const struct pg_statement enable PG_STATEMENT = {
    "share_enable",
    "SELECT switch_sharing($1, $2, $3), NULL::text, concat('{\"enabled\":', to_json($3::boolean), '}')",
};

struct store_answer store_share_enable(struct pg *pg, const struct caller *caller, bool is_enabled)
{
    const char *params[] = {caller->secret, caller->workspace, is_enabled ? "t" : "f"};
    return store_statement_decide(pg, &enable, 3, params);
}

static const struct pg_statement open PG_STATEMENT = {
    "share_open",
    "SELECT code, wait_s, printed FROM open_share($1, $2, $3, $4, $5::integer, $6::integer, $7::integer)",
};

struct store_answer store_share_open(struct pg *pg, const struct store_share_opening *opening)
{
    static const int64_t values[] = {SHARE_TICKET_S, SHARE_WINDOW_S, SHARE_FAILURES};
    enum { NUMBERS = sizeof values / sizeof values[0] };
    struct buf numbers[NUMBERS] = {{0}};
    const char *params[4 + NUMBERS] = {opening->share, opening->secret, opening->network, opening->ticket};
    for (size_t i = 0; i < NUMBERS; i++) {
        buf_i64(&numbers[i], values[i]);
        params[4 + i] = buf_cstr(&numbers[i]);
    }
    struct store_answer answer = store_statement_decide(pg, &open, 4 + NUMBERS, params);
    for (size_t i = 0; i < NUMBERS; i++)
        buf_fini(&numbers[i]);
    return answer;
}

void store_share_read_opened(const struct store_answer *answer, struct store_share_opened *opened)
{
    *opened = (struct store_share_opened){.seconds = pg_i64(answer->rows, 0, 1), .printed = pg_str(answer->rows, 0, 2)};
}
