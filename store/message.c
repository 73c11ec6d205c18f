// SPDX-License-Identifier: Apache-2.0
#include "store/message.h"

#include "store/notify_columns.h"
#include "store/statement.h"

static const struct pg_statement post PG_STATEMENT = {
    "message_post",
    "SELECT " NOTIFY_ROWS " FROM post_message($1, $2, $3, $4, $5, $6, $7, $8, $9)",
};

struct store_answer store_message_post(struct pg *pg, const struct caller *caller, const struct message_draft *draft)
{
    const char *params[] = {caller->secret,   caller->program, caller->workspace, draft->stream, draft->content,
                            draft->client_id, draft->session,  draft->sources,    draft->slugs};
    return store_statement_decide(pg, &post, 9, params);
}

static const struct pg_statement start_run PG_STATEMENT = {
    "message_start_run",
    "SELECT " NOTIFY_ROWS " FROM start_run($1, $2, $3, $4, $5, $6, $7)",
};

struct store_answer store_message_start_run(struct pg *pg, const struct caller *caller,
                                            const struct message_draft *draft)
{
    const char *params[] = {caller->secret, caller->program,  caller->workspace, draft->stream,
                            draft->content, draft->client_id, draft->slugs};
    return store_statement_decide(pg, &start_run, 7, params);
}

static const struct pg_statement get PG_STATEMENT = {
    "message_get",
    "SELECT coalesce(c.refused, CASE WHEN m.id IS NULL THEN 404 ELSE 200 END), NULL::text,\n"
    "       message_in_stream_json(m, c.id)\n"
    "FROM who_calls($1, $2, $3, 'read') c LEFT JOIN messages m ON m.id = $4 AND m.workspace_id = $3\n"
    "AND c.refused IS NULL\n"
    "AND can_read_stream(c.id, m.stream_id)",
};

struct store_answer store_message_get(struct pg *pg, const struct caller *caller, const char *message)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, message};
    return store_statement_decide(pg, &get, 4, params);
}

static const struct pg_statement edit PG_STATEMENT = {
    "message_edit",
    "SELECT " NOTIFY_ROWS " FROM edit_message($1, $2, $3, $4, $5, $6)",
};

struct store_answer store_message_edit(struct pg *pg, const struct caller *caller, const char *message,
                                       const char *content, const char *slugs)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, message, content, slugs};
    return store_statement_decide(pg, &edit, 6, params);
}

static const struct pg_statement erase PG_STATEMENT = {
    "message_delete",
    "SELECT " NOTIFY_ROWS " FROM delete_message($1, $2, $3, $4)",
};

struct store_answer store_message_delete(struct pg *pg, const struct caller *caller, const char *message)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, message};
    return store_statement_decide(pg, &erase, 4, params);
}

static const struct pg_statement thread PG_STATEMENT = {
    "message_thread",
    "SELECT " NOTIFY_ROWS " FROM open_thread($1, $2, $3, $4)",
};

struct store_answer store_message_thread(struct pg *pg, const struct caller *caller, const char *message)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, message};
    return store_statement_decide(pg, &thread, 4, params);
}
