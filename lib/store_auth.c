#include "lib/store_auth.h"

static const struct pg_statement find PG_STATEMENT = {
    "auth_find",
    "WITH recent AS MATERIALIZED (\n"
    "    SELECT account, at, row_number() OVER (PARTITION BY account ORDER BY at DESC) AS of_account,\n"
    "           row_number() OVER (ORDER BY at DESC) AS of_address\n"
    "    FROM login_failures WHERE address = $2 AND at > now() - make_interval(secs => $3::integer)),\n"
    // The failure that has to grow old before the next try.
    "blocking AS (\n"
    "    SELECT max(at) AS at FROM recent\n"
    "    WHERE account = lower($1) AND of_account = $4::bigint OR of_address = $5::bigint)\n"
    "SELECT CASE WHEN b.at IS NULL THEN 200 ELSE 429 END, NULL::text, NULL::text, u.id, u.password_hash,\n"
    "       ceil(extract(epoch FROM b.at - now()) + $3::integer)::bigint\n"
    "FROM blocking b LEFT JOIN users u ON lower(u.email) = lower($1)",
};

struct answer store_auth_find(struct pg *pg, const char *email, const char *address)
{
    struct buf limits[3] = {{0}};
    static const int64_t values[] = {LOGIN_WINDOW_S, LOGIN_FAILURES_ACCOUNT, LOGIN_FAILURES_ADDRESS};
    const char *params[] = {email, address, NULL, NULL, NULL};
    for (size_t i = 0; i < 3; i++) {
        buf_i64(&limits[i], values[i]);
        params[2 + i] = buf_cstr(&limits[i]);
    }
    struct answer answer = answer_run(pg, &find, 5, params);
    for (size_t i = 0; i < 3; i++)
        buf_fini(&limits[i]);
    return answer;
}

// A person with all workspaces. The slug is a workspace's: beside the person stands the first one's.
#define PERSON_JSON                                                                                                    \
    "concat('\"user\":{',\n"                                                                                           \
    "              user_members(u, coalesce((SELECT m.slug FROM workspace_members m WHERE m.user_id = u.id\n"          \
    "                                        ORDER BY m.joined_at, m.workspace_id LIMIT 1), '')),\n"                   \
    "              ',\"email\":', to_json(u.email), '},\"workspaces\":[',\n"                                           \
    "              (SELECT string_agg(concat('{\"id\":\"', w.id, '\",\"name\":', to_json(w.name),\n"                   \
    "                                        ',\"slug\":', to_json(m.slug), ',\"role\":\"', m.role, '\"}'),\n"         \
    "                                 ',' ORDER BY m.joined_at, w.id)\n"                                               \
    "               FROM workspace_members m JOIN workspaces w ON w.id = m.workspace_id WHERE m.user_id = u.id),\n"    \
    "              ']')"

static const struct pg_statement begin PG_STATEMENT = {
    "auth_begin",
    "WITH l AS (INSERT INTO login_sessions (id, user_id, hash, expires_at)\n"
    "           SELECT $2, id, sha256(convert_to($3, 'UTF8')), now() + make_interval(days => $4::integer)\n"
    "           FROM users WHERE id = $1 RETURNING user_id)\n"
    "SELECT 200, NULL::text,\n"
    "       " PERSON_JSON "\n"
    "FROM l JOIN users u ON u.id = l.user_id",
};

struct answer store_auth_begin(struct pg *pg, const char *user, const char *login, const char *secret, const char *days)
{
    const char *params[] = {user, login, secret, days};
    return answer_run(pg, &begin, 4, params);
}

static const struct pg_statement failed PG_STATEMENT = {
    "auth_failed",
    "WITH f AS (INSERT INTO login_failures (account, address) VALUES (lower($1), $2) RETURNING at)\n"
    "SELECT 401, NULL::text, NULL::text FROM f",
};

struct answer store_auth_failed(struct pg *pg, const char *email, const char *address)
{
    const char *params[] = {email, address};
    return answer_run(pg, &failed, 2, params);
}

static const struct pg_statement end PG_STATEMENT = {
    "auth_end",
    "WITH l AS (UPDATE login_sessions SET ended_at = now()\n"
    "           WHERE hash = sha256(convert_to($1, 'UTF8')) AND ended_at IS NULL AND expires_at > now()\n"
    "           RETURNING id),\n"
    "r AS (INSERT INTO revocations (principal) SELECT id FROM l)\n"
    "SELECT CASE WHEN EXISTS (SELECT FROM l) THEN 204 ELSE 401 END, NULL::text, NULL::text",
};

struct answer store_auth_end(struct pg *pg, const char *secret)
{
    const char *params[] = {secret};
    return answer_run(pg, &end, 1, params);
}

static const struct pg_statement me_person PG_STATEMENT = {
    "auth_me_person",
    "SELECT CASE WHEN u.id IS NULL THEN 401 ELSE 200 END, NULL::text,\n"
    "       " PERSON_JSON "\n"
    "FROM (VALUES (1)) one\n"
    "LEFT JOIN login_sessions l ON l.hash = sha256(convert_to($1, 'UTF8'))\n"
    "     AND l.ended_at IS NULL AND l.expires_at > now()\n"
    "LEFT JOIN users u ON u.id = l.user_id",
};

static const struct pg_statement me_persona PG_STATEMENT = {
    "auth_me_persona",
    "SELECT CASE WHEN p.id IS NULL THEN 401 ELSE 200 END, NULL::text,\n"
    "       concat('\"persona\":{', persona_members(p),\n"
    "              '},\"workspaces\":[{\"id\":\"', w.id, '\",\"name\":', to_json(w.name),\n"
    "              ',\"slug\":', to_json(p.slug), ',\"role\":\"persona\"}],\"scopes\":', to_json(t.scopes))\n"
    "FROM (VALUES (1)) one LEFT JOIN tokens t ON t.hash = sha256(convert_to($1, 'UTF8')) AND t.revoked_at IS NULL\n"
    "LEFT JOIN personas p ON p.id = t.persona_id LEFT JOIN workspaces w ON w.id = t.workspace_id",
};

struct answer store_auth_me(struct pg *pg, const struct caller *caller)
{
    const char *params[] = {caller->secret};
    return answer_run(pg, caller->program[0] == 't' ? &me_persona : &me_person, 1, params);
}
