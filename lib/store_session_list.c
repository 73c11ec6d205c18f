#include "lib/store_session_list.h"

#include "lib/store_caller.h"

// The same page by three ways to the rows: prepared statements have one plan for all parameters, and no single index
// serves an absent filter as well as a narrow one.
#define LIST(where)                                                                                                    \
    "WITH " STORE_READER ",\n"                                                                                         \
    "me AS MATERIALIZED (SELECT id FROM a WHERE here AND may),\n"                                                      \
    "p AS (SELECT x.id, x.created_at, session_json(x) AS session FROM agent_sessions x\n"                              \
    "      WHERE x.workspace_id = $2 AND " where "\n"                                                                  \
    "      AND ($4::text IS NULL OR x.status = ANY (string_to_array($4, ',')))\n"                                      \
    "      AND ($5::text IS NULL OR x.stream_id = $5) AND ($6::text IS NULL OR x.persona_id = $6)\n"                   \
    "      AND (x.created_at, x.id) < (\n"                                                                             \
    "          coalesce(timestamptz 'epoch' + $8::bigint * interval '1 us', 'infinity'), coalesce($9, ''))\n"          \
    "      AND ($7::text IS NULL OR strpos(lower(concat_ws(' ', x.title,\n"                                            \
    "               (SELECT name FROM personas WHERE id = x.persona_id),\n"                                            \
    "               (SELECT content FROM messages WHERE id = x.trigger_message_id))), lower($7)) > 0)\n"               \
    "      AND can_read_session((SELECT id FROM me), x.workspace_id, x.stream_id, x.persona_id)\n"                     \
    "      ORDER BY x.created_at DESC, x.id DESC LIMIT $10::integer)\n"                                                \
    "SELECT CASE " STORE_REFUSALS " ELSE 200 END, p.session, p.created_at, p.id\n"                                     \
    "FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN p ON EXISTS (SELECT FROM me)\n"                               \
    "ORDER BY p.created_at DESC, p.id DESC"

static const struct pg_statement newest PG_STATEMENT = {
    "session_list_newest",
    LIST("true"),
};
static const struct pg_statement of_stream PG_STATEMENT = {
    "session_list_of_stream",
    LIST("x.stream_id = $5"),
};
static const struct pg_statement active PG_STATEMENT = {
    "session_list_active",
    LIST("x.status IN ('pending', 'running')"),
};

struct answer store_session_list(struct pg *pg, const struct caller *caller, const struct store_list_query *query)
{
    const char *params[] = {caller->secret, caller->workspace, caller->program,    query->statuses,  query->stream,
                            query->persona, query->text,       query->before_time, query->before_id, query->limit};
    const struct pg_statement *way = query->stream ? &of_stream : query->only_active ? &active : &newest;
    return answer_run(pg, way, 10, params);
}
