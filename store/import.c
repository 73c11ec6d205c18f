// SPDX-License-Identifier: Apache-2.0
#include "store/import.h"

#include "store/statement.h"

enum { OUTCOME, MISSING };

static enum store_outcome run(struct pg *pg, const struct pg_statement *statement, int n, const char *const params[],
                              struct buf *missing)
{
    struct store_answer answer = store_statement_decide(pg, statement, n, params);
    enum store_outcome outcome = answer.outcome;
    if (outcome == STORE_NOT_FOUND)
        buf_str(missing, pg_str(answer.rows, 0, MISSING));
    store_answer_fini(&answer);
    return outcome;
}

static const struct pg_statement import_message PG_STATEMENT = {
    "import_message",
    "SELECT code, missing FROM import_message($1, $2, $3, $4, $5, $6, $7::timestamptz)",
};

enum store_outcome store_import_message(struct pg *pg, const char *workspace_id,
                                        const struct store_import_message *message, struct buf *missing)
{
    const char *const params[] = {workspace_id,      message->channel, message->email, message->key,
                                  message->reply_to, message->text,    message->at};
    return run(pg, &import_message, 7, params, missing);
}

static const struct pg_statement import_member PG_STATEMENT = {
    "import_member",
    "SELECT code, missing FROM import_member($1, $2, $3)",
};

enum store_outcome store_import_member(struct pg *pg, const char *workspace_id, const char *channel, const char *email,
                                       struct buf *missing)
{
    return run(pg, &import_member, 3, (const char *const[]){workspace_id, channel, email}, missing);
}

static const struct pg_statement import_read PG_STATEMENT = {
    "import_read",
    "SELECT code, missing FROM import_read($1, $2, $3)",
};

enum store_outcome store_import_read(struct pg *pg, const char *workspace_id, const char *channel, const char *email,
                                     struct buf *missing)
{
    return run(pg, &import_read, 3, (const char *const[]){workspace_id, channel, email}, missing);
}
