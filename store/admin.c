// SPDX-License-Identifier: Apache-2.0
#include "store/admin.h"

#include "base/id.h"
#include "store/caller.h"
#include "store/statement.h"

static struct store_answer or_conflict(struct store_answer answer)
{
    if (answer.outcome == STORE_NOT_FOUND)
        answer.outcome = STORE_CONFLICT;
    return answer;
}

struct str store_admin_id(const struct store_answer *answer)
{
    return pg_str(answer->rows, 0, 0);
}

static const struct pg_statement find_workspace PG_STATEMENT = {
    "admin_find_workspace",
    "SELECT id FROM workspaces WHERE id = $1 OR name = $1 ORDER BY id = $1 DESC LIMIT 1",
};

struct store_answer store_admin_find_workspace(struct pg *pg, const char *wanted)
{
    return store_statement_find(pg, &find_workspace, 1, (const char *const[]){wanted});
}

static const struct pg_statement create_workspace PG_STATEMENT = {
    "admin_create_workspace",
    "WITH w AS (INSERT INTO workspaces (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id, name),\n"
    "c AS (INSERT INTO streams (id, workspace_id, type, name, private, root_id)\n"
    "      SELECT $3, id, 'channel', 'general', false, $3 FROM w RETURNING id)\n"
    "SELECT w.id, w.name, c.id AS \"generalStreamId\" FROM w, c",
};

struct store_answer store_admin_create_workspace(struct pg *pg, const char *name)
{
    char id[ID_SIZE], stream[ID_SIZE];
    id_new(id, "ws");
    id_new(stream, "str");
    return or_conflict(store_statement_find(pg, &create_workspace, 3, (const char *const[]){id, name, stream}));
}

// Without a hash ($5) only an existing account is used: there is no row if there is none. The slug is NULL if nothing
// was added.
static const struct pg_statement create_user PG_STATEMENT = {
    "admin_create_user",
    "WITH old AS MATERIALIZED (SELECT id, email, name, avatar FROM users WHERE lower(email) = lower($2)),\n"
    "slug AS MATERIALIZED (\n"
    "    SELECT free_slug($6, coalesce($7, (SELECT name FROM old), $3), $7::text IS NOT NULL) AS slug),\n"
    "new AS (INSERT INTO users (id, email, name, avatar, password_hash)\n"
    "        SELECT $1, $2, $3, coalesce($4, initials($3)), $5 FROM slug\n"
    "        WHERE $5::text IS NOT NULL AND slug IS NOT NULL AND NOT EXISTS (SELECT FROM old)\n"
    "        RETURNING id, email, name, avatar),\n"
    "u AS (SELECT *, true AS existed FROM old UNION ALL SELECT *, false FROM new),\n"
    "m AS (INSERT INTO workspace_members (workspace_id, user_id, slug, role)\n"
    "      SELECT $6, u.id, slug.slug, CASE WHEN $8::boolean THEN 'admin' ELSE 'member' END FROM u, slug\n"
    "      WHERE slug.slug IS NOT NULL ON CONFLICT (workspace_id, user_id) DO NOTHING RETURNING slug, role)\n"
    "SELECT u.id, u.email, u.name, m.slug, u.avatar, m.role, u.existed\n"
    "FROM slug LEFT JOIN u ON true LEFT JOIN m ON true WHERE u.id IS NOT NULL OR slug.slug IS NULL",
};

enum { CREATED_SLUG = 3 };

struct store_answer store_admin_create_user(struct pg *pg, const struct store_admin_person *person)
{
    char id[ID_SIZE];
    id_new(id, "usr");
    const char *const params[] = {id,
                                  person->email,
                                  person->name,
                                  person->avatar,
                                  person->password_hash,
                                  person->workspace_id,
                                  person->slug,
                                  person->is_admin ? "t" : "f"};
    struct store_answer answer = store_statement_find(pg, &create_user, 8, params);
    if (answer.outcome != STORE_OK || !pg_is_null(answer.rows, 0, CREATED_SLUG))
        return answer;
    store_answer_fini(&answer);
    return (struct store_answer){.outcome = STORE_CONFLICT};
}

static const struct pg_statement find_member PG_STATEMENT = {
    "admin_find_member",
    "SELECT u.id FROM users u JOIN workspace_members m ON m.user_id = u.id\n"
    "WHERE m.workspace_id = $1 AND lower(u.email) = lower($2)",
};

struct store_answer store_admin_find_member(struct pg *pg, const char *workspace_id, const char *email)
{
    return store_statement_find(pg, &find_member, 2, (const char *const[]){workspace_id, email});
}

static const struct pg_statement create_persona PG_STATEMENT = {
    "admin_create_persona",
    "SELECT id, name, slug, avatar, description, demo FROM make_persona($1, $2, $3, $4, $5, $6, $7) WHERE id IS NOT NULL",
};

struct store_answer store_admin_create_persona(struct pg *pg, const struct store_admin_persona *persona)
{
    char id[ID_SIZE];
    id_new(id, "per");
    const char *const params[] = {id,
                                  persona->workspace_id,
                                  persona->name,
                                  persona->slug,
                                  persona->avatar,
                                  persona->description,
                                  persona->is_demo ? "t" : "f"};
    return or_conflict(store_statement_find(pg, &create_persona, 7, params));
}

static const struct pg_statement create_channel PG_STATEMENT = {
    "admin_create_channel",
    "INSERT INTO streams (id, workspace_id, type, name, private, root_id) VALUES ($1, $2, 'channel', $3, $4, $1)\n"
    "ON CONFLICT DO NOTHING RETURNING id, type, name, private",
};

struct store_answer store_admin_create_channel(struct pg *pg, const char *workspace_id, const char *name,
                                               bool is_private)
{
    char id[ID_SIZE];
    id_new(id, "str");
    const char *const params[] = {id, workspace_id, name, is_private ? "t" : "f"};
    return or_conflict(store_statement_find(pg, &create_channel, 4, params));
}

#define TOKEN_PRINTED(secret)                                                                                          \
    "SELECT id, " secret " AS secret, persona_id AS \"personaId\", array_to_json(scopes) AS scopes, label,\n"          \
    "       expires_at AS \"expiresAt\" FROM "

#define IN_SECONDS(seconds) "now() + make_interval(secs => " seconds "::bigint)"

static const struct pg_statement create_token PG_STATEMENT = {
    "admin_create_token",
    TOKEN_PRINTED("$4") "make_token($1, $2, $3, " STORE_HASHED("$4") ", string_to_array($5, ','), $6, " IN_SECONDS(
        "$7") ", $8)",
};

struct store_answer store_admin_create_token(struct pg *pg, const struct store_admin_token *token)
{
    char id[ID_SIZE];
    id_new(id, "tok");
    const char *const params[] = {id,           token->workspace_id, token->persona, token->secret, token->scopes,
                                  token->label, token->expires_s,    token->actor};
    return store_statement_find(pg, &create_token, 8, params);
}

static const struct pg_statement rotate_token PG_STATEMENT = {
    "admin_rotate_token",
    TOKEN_PRINTED("$3") "replace_token($1, $2, " STORE_HASHED("$3") ", $4, " IN_SECONDS("$5") ", $6)",
};

struct store_answer store_admin_rotate_token(struct pg *pg, const char *id, const char *overlap_s,
                                             const struct store_admin_token *token)
{
    char successor[ID_SIZE];
    id_new(successor, "tok");
    return store_statement_find(
        pg, &rotate_token, 6,
        (const char *const[]){successor, id, token->secret, overlap_s, token->expires_s, token->actor});
}

static const struct pg_statement revoke_token PG_STATEMENT = {
    "admin_revoke_token",
    "SELECT id, revoked_at AS \"revokedAt\" FROM revoke_token($1, $2)",
};

struct store_answer store_admin_revoke_token(struct pg *pg, const char *id, const char *actor)
{
    return store_statement_find(pg, &revoke_token, 2, (const char *const[]){id, actor});
}

static const struct pg_statement lists[STORE_ADMIN_LIST__MAX] PG_STATEMENT = {
    [STORE_ADMIN_WORKSPACES] = {"admin_list_workspaces",
                                "SELECT id, name, created_at AS \"createdAt\" FROM workspaces\n"
                                "WHERE $1::text IS NULL OR id = $1 ORDER BY name"},
    [STORE_ADMIN_USERS] =
        {"admin_list_users",
         "SELECT u.id, u.email, u.name, m.slug, m.role, u.deactivated_at AS \"deactivatedAt\", w.name AS workspace\n"
         "FROM workspace_members m JOIN users u ON u.id = m.user_id JOIN workspaces w ON w.id = m.workspace_id\n"
         "WHERE $1::text IS NULL OR m.workspace_id = $1 ORDER BY w.name, u.email"},
    [STORE_ADMIN_PERSONAS] = {"admin_list_personas",
                              "SELECT p.id, p.name, p.slug, p.demo, w.name AS workspace\n"
                              "FROM personas p JOIN workspaces w ON w.id = p.workspace_id\n"
                              "WHERE $1::text IS NULL OR p.workspace_id = $1 ORDER BY w.name, p.slug"},
    [STORE_ADMIN_CHANNELS] =
        {"admin_list_channels",
         "SELECT s.id, s.name, s.private, count(m.member_id) AS members, w.name AS workspace\n"
         "FROM streams s JOIN workspaces w ON w.id = s.workspace_id LEFT JOIN stream_members m ON m.stream_id = s.id\n"
         "WHERE s.type = 'channel' AND ($1::text IS NULL OR s.workspace_id = $1)\n"
         "GROUP BY s.id, w.name ORDER BY w.name, s.name"},
    [STORE_ADMIN_TOKENS] =
        {"admin_list_tokens",
         "SELECT t.id, p.slug AS persona, t.label, array_to_json(t.scopes) AS scopes, t.created_at AS \"createdAt\",\n"
         "       t.expires_at AS \"expiresAt\", t.revoked_at AS \"revokedAt\", u.used_at AS \"lastUsedAt\",\n"
         "       w.name AS workspace\n"
         "FROM tokens t JOIN personas p ON p.id = t.persona_id JOIN workspaces w ON w.id = t.workspace_id\n"
         "LEFT JOIN token_uses u ON u.token_id = t.id\n"
         "WHERE $1::text IS NULL OR t.workspace_id = $1 ORDER BY w.name, t.id"},
};

struct store_answer store_admin_list(struct pg *pg, enum store_admin_list what, const char *workspace_id)
{
    return store_statement_list(pg, &lists[what], 1, (const char *const[]){workspace_id});
}

// Adding and removing find their channel and member alike: `s` has the channels that are meant, `m` the member, and `c`
// both if there is exactly one channel.
#define MEMBERSHIP                                                                                                     \
    "WITH s AS MATERIALIZED (\n"                                                                                       \
    "    SELECT id, workspace_id FROM streams\n"                                                                       \
    "    WHERE type = 'channel' AND ($3::text IS NULL OR workspace_id = $3)\n"                                         \
    "    AND (id = $1 OR lower(name) = lower($2))),\n"                                                                 \
    "m AS MATERIALIZED (\n"                                                                                            \
    "    SELECT u.id FROM users u JOIN workspace_members w ON w.user_id = u.id JOIN s USING (workspace_id)\n"          \
    "    WHERE u.id = $4 OR lower(u.email) = lower($4)\n"                                                              \
    "    UNION ALL\n"                                                                                                  \
    "    SELECT p.id FROM personas p JOIN s USING (workspace_id) WHERE p.id = $5 OR p.slug = $5),\n"                   \
    "c AS MATERIALIZED (SELECT s.id AS stream_id, m.id AS member_id FROM s, m WHERE (SELECT count(*) FROM s) = 1),\n"

#define MEMBERSHIP_RESULT                                                                                              \
    "SELECT (SELECT min(id) FROM s) AS stream, (SELECT min(id) FROM m) AS member,\n"                                   \
    "       coalesce((SELECT changed FROM x), false) AS changed, nullif((SELECT count(*) FROM s), 1) AS channels"

enum { MEMBERSHIP_MEMBER = 1, MEMBERSHIP_CHANNELS = 3 };

static const struct pg_statement add_member PG_STATEMENT = {
    "admin_add_member",
    MEMBERSHIP "x AS MATERIALIZED (SELECT enrol_member(stream_id, member_id) AS changed FROM c)\n" MEMBERSHIP_RESULT,
};
static const struct pg_statement remove_member PG_STATEMENT = {
    "admin_remove_member",
    MEMBERSHIP "x AS MATERIALIZED (SELECT expel_member(stream_id, member_id) AS changed FROM c)\n" MEMBERSHIP_RESULT,
};

struct store_answer store_admin_member(struct pg *pg, enum store_admin_member verb,
                                       const struct store_admin_membership *membership)
{
    const char *const params[] = {membership->stream_id, membership->channel_name, membership->workspace_id,
                                  membership->user, membership->persona};
    struct store_answer answer =
        store_statement_find(pg, verb == STORE_ADMIN_ADD ? &add_member : &remove_member, 5, params);
    if (answer.outcome != STORE_OK || pg_is_null(answer.rows, 0, MEMBERSHIP_CHANNELS))
        return answer;
    enum store_outcome outcome = pg_i64(answer.rows, 0, MEMBERSHIP_CHANNELS) ? STORE_CONFLICT : STORE_NOT_FOUND;
    store_answer_fini(&answer);
    return (struct store_answer){.outcome = outcome};
}

bool store_admin_has_member(const struct store_answer *answer)
{
    return !pg_is_null(answer->rows, 0, MEMBERSHIP_MEMBER);
}
