// SPDX-License-Identifier: Apache-2.0
#include "store/person.h"

#include "store/statement.h"

#define PERSON                                                                                                         \
    "WITH u AS MATERIALIZED (SELECT * FROM users WHERE (id = $1 OR lower(email) = lower($1)) AND erased_at IS NULL),\n"

#define SIGNED_OUT "l AS MATERIALIZED (SELECT end_sign_ins(u.id) AS n FROM u),\n"

#define AUDIT(action, details)                                                                                         \
    "a AS (INSERT INTO audit_log (actor, action, subject, details) SELECT $2, '" action "', u.id, " details " FROM u)\n"

// What was shared by them is streamed in their name.
#define SHARES_ENDED "h AS (INSERT INTO revocations (principal) SELECT id FROM u),\n"
#define ENDED "(SELECT n FROM l) AS \"signInsEnded\""

static const struct pg_statement password PG_STATEMENT = {
    "person_password",
    PERSON SIGNED_OUT "p AS (UPDATE users x SET password_hash = $3 FROM u WHERE x.id = u.id),\n" AUDIT(
        "set-password", "'{}'") "SELECT id, " ENDED " FROM u",
};

struct store_answer store_person_password(struct pg *pg, const char *who, const char *actor, const char *hash)
{
    return store_statement_find(pg, &password, 3, (const char *const[]){who, actor, hash});
}

static const struct pg_statement sign_out PG_STATEMENT = {
    "person_sign_out",
    PERSON SIGNED_OUT AUDIT("sign-out-everywhere", "'{}'") "SELECT id, " ENDED " FROM u",
};

struct store_answer store_person_sign_out(struct pg *pg, const char *who, const char *actor)
{
    return store_statement_find(pg, &sign_out, 2, (const char *const[]){who, actor});
}

static const struct pg_statement deactivate PG_STATEMENT = {
    "person_deactivate",
    PERSON SIGNED_OUT "p AS (UPDATE users x SET deactivated_at = coalesce(x.deactivated_at, clock_timestamp()) FROM u\n"
                      "      WHERE x.id = u.id RETURNING x.id, x.deactivated_at),\n" SHARES_ENDED AUDIT(
                          "deactivate", "'{}'") "SELECT id, deactivated_at AS \"deactivatedAt\", " ENDED " FROM p",
};

struct store_answer store_person_deactivate(struct pg *pg, const char *who, const char *actor)
{
    return store_statement_find(pg, &deactivate, 2, (const char *const[]){who, actor});
}

static const struct pg_statement activate PG_STATEMENT = {
    "person_activate",
    PERSON "p AS (UPDATE users x SET deactivated_at = NULL FROM u WHERE x.id = u.id),\n" AUDIT(
        "activate", "'{}'") "SELECT id FROM u",
};

struct store_answer store_person_activate(struct pg *pg, const char *who, const char *actor)
{
    return store_statement_find(pg, &activate, 2, (const char *const[]){who, actor});
}

// No row is written if the address is taken: then there is none to answer either.
static const struct pg_statement rename_person PG_STATEMENT = {
    "person_rename",
    PERSON
    "p AS (UPDATE users x SET name = coalesce($3, x.name), email = coalesce($4, x.email) FROM u\n"
    "      WHERE x.id = u.id AND NOT EXISTS (SELECT FROM users o WHERE lower(o.email) = lower($4) AND o.id <> u.id)\n"
    "      RETURNING x.id, x.email, x.name),\n"
    "a AS (INSERT INTO audit_log (actor, action, subject) SELECT $2, 'rename', id FROM p)\n"
    "SELECT u.id, p.email, p.name FROM u LEFT JOIN p ON true",
};

struct store_answer store_person_rename(struct pg *pg, const char *who, const char *actor, const char *name,
                                        const char *email)
{
    enum { EMAIL = 1 };
    struct store_answer answer =
        store_statement_find(pg, &rename_person, 4, (const char *const[]){who, actor, name, email});
    if (answer.outcome != STORE_OK || !pg_is_null(answer.rows, 0, EMAIL))
        return answer;
    store_answer_fini(&answer);
    return (struct store_answer){.outcome = STORE_CONFLICT};
}

static const struct pg_statement role PG_STATEMENT = {
    "person_role",
    PERSON "m AS (UPDATE workspace_members x SET role = $4 FROM u WHERE x.user_id = u.id AND x.workspace_id = $3\n"
           "      RETURNING x.user_id, x.role),\n"
           "a AS (INSERT INTO audit_log (actor, action, subject, workspace_id, details)\n"
           "      SELECT $2, 'set-role', user_id, $3, json_build_object('role', role) FROM m)\n"
           "SELECT user_id AS id, role FROM m",
};

struct store_answer store_person_role(struct pg *pg, const char *who, const char *actor, const char *workspace_id,
                                      const char *wanted)
{
    return store_statement_find(pg, &role, 4, (const char *const[]){who, actor, workspace_id, wanted});
}

static const struct pg_statement erase PG_STATEMENT = {
    "person_erase",
    PERSON SIGNED_OUT
    "f AS (DELETE FROM login_failures x USING u WHERE x.account = lower(u.email)),\n" SHARES_ENDED
    "i AS (DELETE FROM invites x USING u WHERE lower(x.email) = lower(u.email)),\n"
    "s AS (DELETE FROM last_seen x USING u WHERE x.user_id = u.id),\n"
    "m AS (UPDATE workspace_members x SET slug = concat('deleted-', lower(right(u.id, 10))) FROM u\n"
    "      WHERE x.user_id = u.id),\n"
    "g AS MATERIALIZED (SELECT erase_ratings(u.id) FROM u),\n"
    "p AS (UPDATE users x SET name = 'Deleted person', email = concat(lower(x.id), '@deleted.invalid'), avatar = '–',\n"
    "      password_hash = '', deactivated_at = clock_timestamp(), erased_at = clock_timestamp() FROM u\n"
    "      WHERE x.id = u.id),\n" AUDIT("erase", "'{}'") "SELECT id, " ENDED " FROM u LEFT JOIN g ON true",
};

struct store_answer store_person_erase(struct pg *pg, const char *who, const char *actor)
{
    return store_statement_find(pg, &erase, 2, (const char *const[]){who, actor});
}

#define ALL(what, order) "(SELECT coalesce(json_agg(json_build_object(" what ") ORDER BY " order "), '[]') "

static const struct pg_statement export PG_STATEMENT = {
    "person_export",
    PERSON AUDIT(
        "export",
        "'{}'") "SELECT json_build_object('id', u.id, 'email', u.email, 'name', u.name, 'avatar', u.avatar,\n"
                "       'createdAt', u.created_at, 'deactivatedAt', u.deactivated_at) AS person,\n"
                "  " ALL(
                    "'id', w.id, 'name', w.name, 'slug', m.slug, 'role', m.role, 'joinedAt', m.joined_at",
                    "m.joined_at") "   FROM workspace_members m JOIN workspaces w ON w.id = m.workspace_id WHERE m.user_id = u.id) AS workspaces,\n"
                                   "  " ALL(
                                       "'id', l.id, 'createdAt', l.created_at, 'expiresAt', l.expires_at, 'endedAt', l.ended_at",
                                       "l.created_at") "   FROM login_sessions l WHERE l.user_id = u.id) AS \"signIns\",\n"
                                                       "  " ALL(
                                                           "'id', s.id, 'name', s.name",
                                                           "s.id") "   FROM stream_members x JOIN streams s ON s.id = x.stream_id WHERE x.member_id = u.id AND s.type = 'channel')\n"
                                                                   "   AS channels,\n"
                                                                   "  " ALL(
                                                                       "'id', x.id, 'streamId', x.stream_id, 'createdAt', x.created_at, 'content', x.content",
                                                                       "x.id") "   FROM messages x WHERE x.author_id = u.id AND x.deleted_at IS NULL) AS messages,\n"
                                                                               "  " ALL(
                                                                                   "'id', x.id, 'sessionId', x.session_id, 'target', x.target, 'thumb', x.thumb, 'note', x.note, 'createdAt', x.created_at",
                                                                                   "x.id") "   FROM ratings x WHERE x.rater_id = u.id) AS ratings\n"
                                                                                           "FROM u",
};

struct store_answer store_person_export(struct pg *pg, const char *who, const char *actor)
{
    return store_statement_find(pg, &export, 2, (const char *const[]){who, actor});
}
