#include "lib/store_auth.h"

static const struct pg_statement find PG_STATEMENT = {
    "auth_find", "WITH recent AS MATERIALIZED (SELECT account, at, row_number() OVER (PARTITION BY account ORDER BY at "
                 "DESC) AS of_account, "
                 "    row_number() OVER (ORDER BY at DESC) AS of_address FROM login_failures "
                 "  WHERE address = $2 AND at > now() - make_interval(secs => $3::integer)), "
                 // The failure that has to grow old before the next try.
                 "blocking AS (SELECT max(at) AS at FROM recent WHERE account = lower($1) AND of_account = $4::bigint "
                 "OR of_address = $5::bigint) "
                 "SELECT CASE WHEN b.at IS NULL THEN 200 ELSE 429 END, NULL::text, NULL::text, u.id, u.password_hash, "
                 "  ceil(extract(epoch FROM b.at - now()) + $3::integer)::bigint "
                 "FROM blocking b LEFT JOIN users u ON lower(u.email) = lower($1)"};

enum pg_outcome store_auth_find(struct pg *pg, const char *email, const char *address, struct answer *answer)
{
    struct buf limits[3] = {{0}};
    static const int64_t values[] = {LOGIN_WINDOW_S, LOGIN_FAILURES_ACCOUNT, LOGIN_FAILURES_ADDRESS};
    const char *params[] = {email, address, NULL, NULL, NULL};
    for (size_t i = 0; i < 3; i++) {
        buf_i64(&limits[i], values[i]);
        params[2 + i] = buf_cstr(&limits[i]);
    }
    enum pg_outcome outcome = answer_run(pg, &find, 5, params, answer);
    for (size_t i = 0; i < 3; i++)
        buf_fini(&limits[i]);
    return outcome;
}

// A person with all workspaces. The slug is a workspace's: beside the person stands the first one's.
#define PERSON_JSON(u)                                                                                                 \
    "concat('\"user\":{', user_members(u, coalesce((SELECT m.slug FROM workspace_members m WHERE m.user_id = u.id "    \
    "ORDER BY m.joined_at, m.workspace_id LIMIT 1), '')), ',\"email\":', to_json(u.email), '},\"workspaces\":[', "     \
    "(SELECT string_agg(concat('{\"id\":\"', w.id, '\",\"name\":', to_json(w.name), ',\"slug\":', to_json(m.slug), "   \
    "',\"role\":\"', m.role, '\"}'), ',' ORDER BY m.joined_at, w.id) "                                                 \
    "FROM workspace_members m JOIN workspaces w ON w.id = m.workspace_id WHERE m.user_id = u.id), ']') "

static const struct pg_statement begin PG_STATEMENT = {
    "auth_begin", "WITH l AS (INSERT INTO login_sessions (id, user_id, hash, expires_at) "
                  "  SELECT $2, id, sha256(convert_to($3, 'UTF8')), now() + make_interval(days => $4::integer) FROM "
                  "users WHERE id = $1 "
                  "  RETURNING user_id) "
                  "SELECT 200, NULL::text, " PERSON_JSON(u) "FROM l JOIN users u ON u.id = l.user_id"};

enum pg_outcome store_auth_begin(struct pg *pg, const char *user, const char *login, const char *secret,
                                 const char *days, struct answer *answer)
{
    const char *params[] = {user, login, secret, days};
    return answer_run(pg, &begin, 4, params, answer);
}

static const struct pg_statement failed PG_STATEMENT = {
    "auth_failed", "WITH f AS (INSERT INTO login_failures (account, address) VALUES (lower($1), $2) RETURNING at) "
                   "SELECT 401, NULL::text, NULL::text FROM f"};

enum pg_outcome store_auth_failed(struct pg *pg, const char *email, const char *address, struct answer *answer)
{
    const char *params[] = {email, address};
    return answer_run(pg, &failed, 2, params, answer);
}

static const struct pg_statement end PG_STATEMENT = {
    "auth_end", "WITH l AS (UPDATE login_sessions SET ended_at = now() WHERE hash = sha256(convert_to($1, 'UTF8')) AND "
                "ended_at IS NULL "
                "  AND expires_at > now() RETURNING id), "
                "r AS (INSERT INTO revocations (principal) SELECT id FROM l) "
                "SELECT CASE WHEN EXISTS (SELECT FROM l) THEN 204 ELSE 401 END, NULL::text, NULL::text"};

enum pg_outcome store_auth_end(struct pg *pg, const char *secret, struct answer *answer)
{
    const char *params[] = {secret};
    return answer_run(pg, &end, 1, params, answer);
}

static const struct pg_statement me_person PG_STATEMENT = {
    "auth_me_person", "SELECT CASE WHEN u.id IS NULL THEN 401 ELSE 200 END, NULL::text, " PERSON_JSON(
                          u) "FROM (VALUES (1)) one LEFT JOIN login_sessions l ON l.hash = sha256(convert_to($1, "
                             "'UTF8')) AND l.ended_at IS NULL "
                             "AND l.expires_at > now() LEFT JOIN users u ON u.id = l.user_id"};

static const struct pg_statement me_persona PG_STATEMENT = {
    "auth_me_persona",
    "SELECT CASE WHEN p.id IS NULL THEN 401 ELSE 200 END, NULL::text, "
    "  concat('\"persona\":{', persona_members(p), '},\"workspaces\":[{\"id\":\"', w.id, '\",\"name\":', "
    "to_json(w.name), "
    "    ',\"slug\":', to_json(p.slug), ',\"role\":\"persona\"}],\"scopes\":', to_json(t.scopes)) "
    "FROM (VALUES (1)) one LEFT JOIN tokens t ON t.hash = sha256(convert_to($1, 'UTF8')) AND t.revoked_at IS NULL "
    "LEFT JOIN personas p ON p.id = t.persona_id LEFT JOIN workspaces w ON w.id = t.workspace_id"};

enum pg_outcome store_auth_me(struct pg *pg, const struct caller *caller, struct answer *answer)
{
    const char *params[] = {caller->secret};
    return answer_run(pg, caller->program[0] == 't' ? &me_persona : &me_person, 1, params, answer);
}
