#include "lib/store_admin.h"

#include "lib/id.h"

// Runs the statement; a result without a row is NOT_FOUND.
static enum store_outcome run(struct pg *pg, const struct pg_statement *statement, int n, const char *const params[],
                              PGresult **rows)
{
    enum pg_outcome outcome = pg_persist(pg, statement, n, params, rows);
    if (outcome != PG_OK)
        return STORE_DOWN;
    if (PQntuples(*rows) > 0)
        return STORE_OK;
    PQclear(*rows);
    *rows = NULL;
    return STORE_NOT_FOUND;
}

static enum store_outcome or_conflict(enum store_outcome outcome)
{
    return outcome == STORE_NOT_FOUND ? STORE_CONFLICT : outcome;
}

static const struct pg_statement find_workspace PG_STATEMENT = {
    "admin_find_workspace",
    "SELECT id FROM workspaces WHERE id = $1 OR name = $1 ORDER BY id = $1 DESC LIMIT 1",
};

enum store_outcome store_admin_find_workspace(struct pg *pg, const char *wanted, PGresult **rows)
{
    return run(pg, &find_workspace, 1, (const char *const[]){wanted}, rows);
}

static const struct pg_statement create_workspace PG_STATEMENT = {
    "admin_create_workspace",
    "WITH w AS (INSERT INTO workspaces (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id, name),\n"
    "c AS (INSERT INTO streams (id, workspace_id, type, name, private, root_id)\n"
    "      SELECT $3, id, 'channel', 'general', false, $3 FROM w RETURNING id)\n"
    "SELECT w.id, w.name, c.id AS \"generalStreamId\" FROM w, c",
};

enum store_outcome store_admin_create_workspace(struct pg *pg, const char *name, PGresult **rows)
{
    char id[ID_SIZE], stream[ID_SIZE];
    id_new(id, "ws");
    id_new(stream, "str");
    return or_conflict(run(pg, &create_workspace, 3, (const char *const[]){id, name, stream}, rows));
}

// With $5 (the hash) absent only an account that exists is used. Rows: none without an account, member NULL if nothing
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

enum store_outcome store_admin_create_user(struct pg *pg, const struct store_admin_person *person, PGresult **rows)
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
    enum store_outcome outcome = run(pg, &create_user, 8, params, rows);
    if (outcome != STORE_OK || !pg_is_null(*rows, 0, 3))
        return outcome;
    PQclear(*rows);
    *rows = NULL;
    return STORE_CONFLICT;
}

static const struct pg_statement find_member PG_STATEMENT = {
    "admin_find_member",
    "SELECT u.id FROM users u JOIN workspace_members m ON m.user_id = u.id\n"
    "WHERE m.workspace_id = $1 AND lower(u.email) = lower($2)",
};

enum store_outcome store_admin_find_member(struct pg *pg, const char *workspace_id, const char *email, PGresult **rows)
{
    return run(pg, &find_member, 2, (const char *const[]){workspace_id, email}, rows);
}

static const struct pg_statement create_persona PG_STATEMENT = {
    "admin_create_persona",
    "WITH slug AS MATERIALIZED (SELECT free_slug($2, coalesce($4, $3), $4::text IS NOT NULL) AS slug)\n"
    "INSERT INTO personas (id, workspace_id, name, slug, avatar, description, demo)\n"
    "SELECT $1, $2, $3, slug, coalesce($5, initials($3)), $6, $7::boolean FROM slug WHERE slug IS NOT NULL\n"
    "RETURNING id, name, slug, avatar, description, demo",
};

enum store_outcome store_admin_create_persona(struct pg *pg, const struct store_admin_persona *persona, PGresult **rows)
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
    return or_conflict(run(pg, &create_persona, 7, params, rows));
}

static const struct pg_statement create_channel PG_STATEMENT = {
    "admin_create_channel",
    "INSERT INTO streams (id, workspace_id, type, name, private, root_id) VALUES ($1, $2, 'channel', $3, $4, $1)\n"
    "ON CONFLICT DO NOTHING RETURNING id, type, name, private",
};

enum store_outcome store_admin_create_channel(struct pg *pg, const char *workspace_id, const char *name,
                                              bool is_private, PGresult **rows)
{
    char id[ID_SIZE];
    id_new(id, "str");
    const char *const params[] = {id, workspace_id, name, is_private ? "t" : "f"};
    return or_conflict(run(pg, &create_channel, 4, params, rows));
}

static const struct pg_statement create_token PG_STATEMENT = {
    "admin_create_token",
    "INSERT INTO tokens (id, workspace_id, persona_id, hash, scopes)\n"
    "SELECT $1, $2, id, sha256($4::text::bytea), string_to_array($5, ',') FROM personas\n"
    "WHERE workspace_id = $2 AND (id = $3 OR slug = $3)\n"
    "RETURNING id, $4 AS secret, persona_id AS \"personaId\", array_to_json(scopes) AS scopes",
};

enum store_outcome store_admin_create_token(struct pg *pg, const char *workspace_id, const char *persona,
                                            const char *secret, const char *scopes, PGresult **rows)
{
    char id[ID_SIZE];
    id_new(id, "tok");
    return run(pg, &create_token, 5, (const char *const[]){id, workspace_id, persona, secret, scopes}, rows);
}

static const struct pg_statement revoke_token PG_STATEMENT = {
    "admin_revoke_token",
    "WITH t AS (UPDATE tokens SET revoked_at = clock_timestamp()\n"
    "           WHERE id = $1 AND revoked_at IS NULL RETURNING id, revoked_at),\n"
    "r AS (INSERT INTO revocations (principal, at) SELECT id, revoked_at FROM t)\n"
    "SELECT x.id, coalesce(t.revoked_at, x.revoked_at) AS \"revokedAt\" FROM tokens x\n"
    "LEFT JOIN t ON true WHERE x.id = $1",
};

enum store_outcome store_admin_revoke_token(struct pg *pg, const char *id, PGresult **rows)
{
    return run(pg, &revoke_token, 1, (const char *const[]){id}, rows);
}

static const struct pg_statement lists[STORE_ADMIN_LIST__MAX] PG_STATEMENT = {
    [STORE_ADMIN_WORKSPACES] = {"admin_list_workspaces",
                                "SELECT id, name, created_at AS \"createdAt\" FROM workspaces\n"
                                "WHERE $1::text IS NULL OR id = $1 ORDER BY name"},
    [STORE_ADMIN_USERS] =
        {"admin_list_users",
         "SELECT u.id, u.email, u.name, m.slug, m.role, w.name AS workspace\n"
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
         "SELECT t.id, p.slug AS persona, array_to_json(t.scopes) AS scopes, t.created_at AS \"createdAt\",\n"
         "       t.revoked_at AS \"revokedAt\", w.name AS workspace\n"
         "FROM tokens t JOIN personas p ON p.id = t.persona_id JOIN workspaces w ON w.id = t.workspace_id\n"
         "WHERE $1::text IS NULL OR t.workspace_id = $1 ORDER BY w.name, t.id"},
};

enum store_outcome store_admin_list(struct pg *pg, enum store_admin_list what, const char *workspace_id,
                                    PGresult **rows)
{
    return pg_run(pg, &lists[what], 1, (const char *const[]){workspace_id}, rows) == PG_OK ? STORE_OK : STORE_DOWN;
}

// Who and where, the same for adding and removing: s the channels meant, m the member, c both if there is exactly one
// channel.
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

static const struct pg_statement add_member PG_STATEMENT = {
    "admin_add_member",
    MEMBERSHIP "x AS MATERIALIZED (SELECT enrol_member(stream_id, member_id) AS changed FROM c)\n" MEMBERSHIP_RESULT,
};
static const struct pg_statement remove_member PG_STATEMENT = {
    "admin_remove_member",
    MEMBERSHIP "x AS MATERIALIZED (SELECT expel_member(stream_id, member_id) AS changed FROM c)\n" MEMBERSHIP_RESULT,
};

enum store_outcome store_admin_member(struct pg *pg, enum store_admin_member verb,
                                      const struct store_admin_membership *membership, PGresult **rows)
{
    const char *const params[] = {membership->stream_id, membership->channel_name, membership->workspace_id,
                                  membership->user, membership->persona};
    enum store_outcome outcome = run(pg, verb == STORE_ADMIN_ADD ? &add_member : &remove_member, 5, params, rows);
    if (outcome != STORE_OK || pg_is_null(*rows, 0, 3))
        return outcome;
    outcome = pg_i64(*rows, 0, 3) ? STORE_CONFLICT : STORE_NOT_FOUND;
    PQclear(*rows);
    *rows = NULL;
    return outcome;
}
