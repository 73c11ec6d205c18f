// SPDX-License-Identifier: Apache-2.0
#include "store/person.h"

#include "store/notify_columns.h"
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

int64_t store_person_sign_ins_ended(const struct store_answer *deactivated)
{
    enum { SIGN_INS = 2 };
    return deactivated->outcome == STORE_OK ? pg_i64(deactivated->rows, 0, SIGN_INS) : 0;
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

static const struct pg_statement erase_text PG_STATEMENT = {
    "person_erase_text",
    "SELECT " NOTIFY_ROWS " FROM erase_next_text($1, $2)",
};

enum store_outcome store_person_erase_text(struct pg *pg, struct bus *bus, const char *who, struct buf *after)
{
    enum { WORKSPACE = ANSWER_COLUMNS + 1 };
    struct store_answer answer =
        store_statement_decide(pg, &erase_text, 2, (const char *const[]){who, buf_cstr(after)});
    enum store_outcome outcome = answer.outcome;
    if (outcome == STORE_OK) {
        notify_rows(bus, pg_str(answer.rows, 0, WORKSPACE), &answer);
        buf_clear(after);
        buf_str(after, store_answer_body(&answer));
    }
    store_answer_fini(&answer);
    return outcome;
}

static const struct pg_statement erase PG_STATEMENT = {
    "person_erase",
    "WITH u AS MATERIALIZED (SELECT id FROM users WHERE id = $1 OR lower(email) = lower($1)),\n"
    "e AS MATERIALIZED (SELECT id, erase_person(id) AS n FROM u),\n" AUDIT(
        "erase",
        "json_build_object('textsDeleted', $3::bigint)") "SELECT id, n + $4::bigint AS \"signInsEnded\",\n"
                                                         "       $3::bigint AS \"textsDeleted\",\n"
                                                         "       (SELECT count(*) FROM messages m\n"
                                                         "        WHERE m.author_id = e.id AND m.deleted_at IS NULL) AS \"textsKept\"\n"
                                                         "FROM e",
};

struct store_answer store_person_erase(struct pg *pg, const char *who, const char *actor, int64_t texts,
                                       int64_t sign_ins)
{
    struct buf texts_digits = {0}, sign_ins_digits = {0};
    buf_i64(&texts_digits, texts);
    buf_i64(&sign_ins_digits, sign_ins);
    struct store_answer answer = store_statement_find(
        pg, &erase, 4, (const char *const[]){who, actor, buf_cstr(&texts_digits), buf_cstr(&sign_ins_digits)});
    buf_fini(&texts_digits);
    buf_fini(&sign_ins_digits);
    return answer;
}

static const struct pg_statement erase_belongings PG_STATEMENT = {
    "person_erase_belongings",
    "SELECT " NOTIFY_ROWS " FROM erase_belongings_portion($1, $2, $3)",
};

static const struct pg_statement erase_name PG_STATEMENT = {
    "person_erase_name",
    "SELECT " NOTIFY_ROWS " FROM erase_name_portion($1, $2, $3)",
};

// One pass after the other, each in portions. The last of the belongings finds what was quoted meanwhile.
enum store_outcome store_person_erase_portion(struct pg *pg, struct bus *bus, enum store_person_part part,
                                              const char *id, int *pass, struct buf *after)
{
    static const struct {
        const struct pg_statement *statement;
        const char *passes[7]; // ends with NULL
    } parts[] = {
        [STORE_PERSON_BELONGINGS] = {&erase_belongings,
                                     {"quotes", "ratings", "webhooks", "marks", "mentions", "quotes"}},
        [STORE_PERSON_NAME] = {&erase_name, {"stopped", "decided", "events", "messages"}},
    };
    const char *const *passes = parts[part].passes;
    enum store_outcome outcome = STORE_NOT_FOUND;
    for (; outcome == STORE_NOT_FOUND && passes[*pass]; *pass += outcome == STORE_NOT_FOUND) {
        struct store_answer answer = store_statement_decide(pg, parts[part].statement, 3,
                                                            (const char *const[]){id, passes[*pass], buf_cstr(after)});
        outcome = answer.outcome;
        buf_clear(after);
        if (outcome == STORE_OK) {
            notify_rows(bus, STR_NONE, &answer);
            buf_str(after, store_answer_body(&answer));
        }
        store_answer_fini(&answer);
    }
    return outcome;
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
