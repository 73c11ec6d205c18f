// SPDX-License-Identifier: Apache-2.0
#include "store/room.h"

#include "store/statement.h"
#include "store/step_columns.h"
#include "wire/event.h"
#include "wire/hint.h"

// now() is the time at which the statement began, so a revocation that commits afterwards is later. LIMIT makes the
// plan look up each id; a join might call can_read_stream for every stream of the workspace.
static const struct pg_statement door PG_STATEMENT = {
    "door",
    "WITH c AS MATERIALIZED (SELECT * FROM who_calls($1, $2, $3, 'read'))\n"
    "SELECT coalesce(c.refused, 200), c.credential, c.id, now(),\n"
    "  CASE a.kind WHEN 'stream' THEN s.id IS NOT NULL WHEN 'session' THEN x.id IS NOT NULL\n"
    "              WHEN 'workspace' THEN a.id = $3\n"
    "              WHEN 'persona' THEN a.id = c.id WHEN 'user' THEN NOT $2::boolean ELSE false END,\n"
    "  coalesce(s.last_seq, x.last_seq), coalesce(x.ends_in = 0, false),\n"
    "  coalesce((SELECT l.expires_at FROM login_sessions l WHERE NOT $2::boolean AND l.id = c.credential),\n"
    "           (SELECT t.expires_at FROM tokens t WHERE $2::boolean AND t.id = c.credential)),\n"
    "  (SELECT name FROM epoch), coalesce(x.status IN ('completed', 'failed', 'cancelled'), false)\n"
    "FROM c CROSS JOIN unnest($4::text[], $5::text[]) WITH ORDINALITY a(kind, id, place)\n"
    "LEFT JOIN LATERAL (SELECT id, last_seq FROM streams WHERE a.kind = 'stream' AND id = a.id AND workspace_id = $3\n"
    "                   AND can_read_stream(c.id, id) LIMIT 1) s ON true\n"
    "LEFT JOIN LATERAL (SELECT id, last_seq, status, room_ends_in_ms(x, $6) AS ends_in FROM agent_sessions x WHERE a.kind = 'session' AND id = a.id\n"
    "                   AND workspace_id IS NOT DISTINCT FROM $3\n"
    "                   AND can_read_session(c.id, workspace_id, stream_id, persona_id) LIMIT 1) x\n"
    "ON true\n"
    "ORDER BY a.place",
};

// A share opens the room of its session alone, until the ticket's end. The principals are the share and its maker,
// whose rights it depends on.
static const struct pg_statement share_door PG_STATEMENT = {
    "door_of_share",
    "WITH c AS MATERIALIZED (SELECT * FROM share_of_ticket($1, $3) WHERE NOT $2::boolean)\n"
    "SELECT CASE WHEN c.id IS NULL THEN 401 ELSE 200 END, c.id, c.made_by, now(), x.id IS NOT NULL, x.last_seq,\n"
    "  coalesce(x.ends_in = 0, false), c.expires_at, (SELECT name FROM epoch),\n"
    "  coalesce(x.status IN ('completed', 'failed', 'cancelled'), false)\n"
    "FROM unnest($4::text[], $5::text[]) WITH ORDINALITY a(kind, id, place) LEFT JOIN c ON true\n"
    "LEFT JOIN LATERAL (SELECT id, last_seq, status, room_ends_in_ms(x, $6) AS ends_in FROM agent_sessions x\n"
    "                   WHERE a.kind = 'session' AND x.id = a.id AND x.id = c.session_id LIMIT 1) x ON true\n"
    "ORDER BY a.place",
};

struct store_answer store_room_door(struct pg *pg, const struct caller *caller, const char *kinds, const char *ids,
                                    const char *end_delay_s)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, kinds, ids, end_delay_s};
    return store_statement_decide(pg, caller->is_share ? &share_door : &door, 6, params);
}

enum { DOOR_AT = ANSWER_COLUMNS, DOOR_ALLOWED, DOOR_HEAD, DOOR_ENDED, DOOR_UNTIL, DOOR_EPOCH, DOOR_FINAL };

void store_room_pass_read(const struct store_answer *answer, struct store_room_pass *pass)
{
    *pass = (struct store_room_pass){.caller_id = store_answer_body(answer),
                                     .credential_id = store_answer_problem(answer),
                                     .at_us = pg_time(answer->rows, 0, DOOR_AT),
                                     .until_us = pg_time(answer->rows, 0, DOOR_UNTIL),
                                     .epoch = pg_str(answer->rows, 0, DOOR_EPOCH)};
}

void store_room_found_read(const struct store_answer *answer, int i, struct store_room_found *room)
{
    *room = (struct store_room_found){.is_allowed = pg_bool(answer->rows, i, DOOR_ALLOWED),
                                      .is_counted = !pg_is_null(answer->rows, i, DOOR_HEAD),
                                      .has_ended = pg_bool(answer->rows, i, DOOR_ENDED),
                                      .is_final = pg_bool(answer->rows, i, DOOR_FINAL),
                                      .head = pg_i64(answer->rows, i, DOOR_HEAD)};
}

// LIMIT and OFFSET in the lateral queries keep the planner from joining whole tables while they are empty: each id is
// looked up by its key, whatever the plan was made for. Sizes are computed without reading the values: the shown part
// of long content, the stored size of everything else.
const struct pg_statement store_room_events PG_STATEMENT = {
    "store_room_events",
    "WITH n AS (\n"
    "SELECT w.place, w.id, x.*, sum(x.size) OVER (ORDER BY w.place, x.number) - x.size < $4::bigint AS fits\n"
    "FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY w(id, above, place)\n"
    "CROSS JOIN LATERAL (\n"
    " SELECT s.start_seq AS number, s.id AS step, NULL::stream_events AS stream, NULL::session_events AS session,\n"
    "  500 + least(coalesce(s.start_length, 0), 16384) AS size FROM steps s\n"
    " WHERE s.session_id = w.id AND s.start_seq > w.above AND s.start_seq <= w.above + $3::bigint\n"
    " AND s.start_seq IS DISTINCT FROM s.end_seq\n"
    " UNION ALL SELECT s.end_seq, s.id, NULL, NULL, 500 + coalesce(octet_length(s.sources), 0)\n"
    "  + least(coalesce(s.content_length, s.start_length, 0), 16384) FROM steps s\n"
    " WHERE s.session_id = w.id AND s.end_seq > w.above AND s.end_seq <= w.above + $3::bigint\n"
    " UNION ALL SELECT e.seq, e.step_id, NULL, CASE WHEN e.step_id IS NULL THEN e END,\n"
    "  coalesce(500 + octet_length(e.session), 20000) FROM session_events e\n"
    " WHERE e.session_id = w.id AND e.seq > w.above AND e.seq <= w.above + $3::bigint\n"
    " UNION ALL SELECT e.seq, NULL, e, NULL, 500 + coalesce(octet_length(e.session), 0)\n"
    "  + coalesce((SELECT least(octet_length(m.content), 16384) + least(coalesce(octet_length(m.sources), 0), 16384) FROM messages m\n"
    "  WHERE m.id = e.message_id), 0) FROM stream_events e\n"
    " WHERE e.stream_id = w.id AND e.seq > w.above AND e.seq <= w.above + $3::bigint\n"
    ") x)\n"
    "SELECT n.place, n.number, n.fits, coalesce((n.stream).type, (n.session).type),\n"
    "CASE WHEN n.fits AND n.stream IS DISTINCT FROM NULL THEN stream_event_json(n.stream)\n"
    " WHEN n.fits AND n.session IS DISTINCT FROM NULL THEN session_event_json(n.session) END,\n"
    "now.runs, now.is_pruned, " STEP_COLUMNS_BRIEF "\n"
    "FROM n LEFT JOIN LATERAL\n"
    " (SELECT * FROM steps y WHERE n.fits AND y.session_id = n.id AND y.id = n.step LIMIT 1) p ON true\n"
    "LEFT JOIN LATERAL (SELECT x.status = 'running' AS runs, x.pruned_at IS NOT NULL AS is_pruned FROM agent_sessions x\n"
    " WHERE n.fits AND x.id = n.id AND (n.session).type = 'agent_session:updated' LIMIT 1) now ON true\n"
    "ORDER BY n.place, n.number",
};

enum { EVENTS_PLACE, EVENTS_NUMBER, EVENTS_FITS, EVENTS_TYPE, EVENTS_BODY, EVENTS_RUNS, EVENTS_IS_PRUNED, EVENTS_STEP };

// An event that is printed from the session as it is now also does what made it so: it runs again, or was pruned.
static uint32_t flags_of_now(const struct pg_result *rows, int row)
{
    return (pg_bool(rows, row, EVENTS_RUNS) ? HINT_REOPENS_ROOM : 0u) |
           (pg_bool(rows, row, EVENTS_IS_PRUNED) ? HINT_FORGETS : 0u);
}

void store_room_event_read(struct store_room_event *event, struct buf *body_buffer, const struct pg_result *rows,
                           int row)
{
    *event = (struct store_room_event){.place = pg_i64(rows, row, EVENTS_PLACE),
                                       .seq = pg_i64(rows, row, EVENTS_NUMBER),
                                       .left_out = !pg_bool(rows, row, EVENTS_FITS),
                                       .name = pg_str(rows, row, EVENTS_TYPE),
                                       .body = pg_str(rows, row, EVENTS_BODY)};
    if (event->left_out)
        return;
    if (event->name.p) {
        bool in_session = str_starts(event->body, STR("{\"room\":\"session:"));
        event->flags =
            event_flags(event_named(event->name), in_session ? ROOM_SESSION : ROOM_STREAM) | flags_of_now(rows, row);
        return;
    }
    struct step_row step;
    step_columns_read(&step, rows, row, EVENTS_STEP);
    enum event kind = step_json_event_kind(&step, event->seq);
    event->name = str_from(event_name(kind));
    event->flags = event_flags(kind, ROOM_SESSION);
    event->step = step.id;
    event->start_seq = step.start_seq;
    buf_clear(body_buffer);
    step_json_event(body_buffer, &step, event->seq);
    event->body = buf_view(body_buffer);
}

const struct pg_statement store_room_state PG_STATEMENT = {
    "store_room_state",
    "SELECT n.place, n.last_seq, n.ends_in, n.id, n.start_seq, CASE WHEN n.size > 0 AND n.fits THEN n.content END,\n"
    "  n.content_length, n.size > 0 AND NOT n.fits\n"
    "FROM (SELECT w.place, s.last_seq, coalesce(s.ends_in, -1) AS ends_in, p.*,\n"
    "        sum(p.size) OVER (ORDER BY w.place, p.start_seq) - p.size < $4::bigint AS fits\n"
    " FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY w(id, above, place)\n"
    " CROSS JOIN LATERAL (SELECT x.*, room_ends_in_ms(x, $3) AS ends_in FROM agent_sessions x WHERE x.id = w.id LIMIT 1) s\n"
    " LEFT JOIN LATERAL (SELECT x.id, x.start_seq, x.content, x.content_length,\n"
    "   CASE WHEN x.start_seq > w.above AND left(x.content, 1) = '\"' THEN octet_length(x.content) ELSE 0 END AS size\n"
    "  FROM steps x WHERE x.session_id = w.id AND x.end_seq IS NULL AND s.open_steps > 0\n"
    "  AND s.status NOT IN ('completed', 'failed', 'cancelled') ORDER BY x.start_seq LIMIT $5::integer) p ON true) n\n"
    "UNION ALL SELECT w.place, s.last_seq, -1, NULL, NULL, NULL, NULL, NULL\n"
    "FROM unnest($1::text[]) WITH ORDINALITY w(id, place)\n"
    "CROSS JOIN LATERAL (SELECT last_seq FROM streams x WHERE x.id = w.id LIMIT 1) s\n"
    "ORDER BY 1, 5",
};

void store_room_state_read(struct store_room_state *state, const struct pg_result *rows, int row)
{
    *state = (struct store_room_state){.place = pg_i64(rows, row, 0),
                                       .last_seq = pg_i64(rows, row, 1),
                                       .ends_in_ms = pg_i64(rows, row, 2),
                                       .step = pg_str(rows, row, 3),
                                       .start_seq = pg_i64(rows, row, 4),
                                       .text = pg_str(rows, row, 5),
                                       .text_raw = pg_i64(rows, row, 6),
                                       .left_out = pg_bool(rows, row, 7)};
    if (state->text.p)
        state->text = (struct str){state->text.p + 1, state->text.n - 2};
}

// A stream: its sessions that are pending or running, and those of its threads with the message they hang on. A
// workspace: its public channels; a user in one: the private streams that they are in. Threads count for their root.
const struct pg_statement store_room_snapshot PG_STATEMENT = {
    "store_room_snapshot",
    "SELECT w.place, 'agent_session:activity_snapshot', concat('{\"room\":\"stream:', w.id, '\",\"activity\":[', (\n"
    " SELECT string_agg(concat('{', '\"messageId\":\"' || CASE WHEN a.stream_id <> w.id THEN a.parent_message_id END\n"
    "   || '\",', '\"session\":', session_json(a), '}'), ',' ORDER BY a.created_at, a.id)\n"
    " FROM agent_sessions a WHERE a.status IN ('pending', 'running')\n"
    " AND (a.stream_id = w.id OR a.parent_stream_id = w.id)), ']}')\n"
    "FROM unnest($1::text[]) WITH ORDINALITY w(id, place) WHERE w.id LIKE 'str\\_%'\n"
    "UNION ALL\n"
    "SELECT w.place, 'workspace:snapshot', concat('{\"room\":\"workspace:', w.id, '\",\"streams\":[', (\n"
    " SELECT string_agg(concat('{\"streamId\":\"', s.id, '\",\"lastSeq\":', s.last_seq, ',\"running\":',\n"
    "   coalesce(a.running, 0), '}'), ',' ORDER BY s.id)\n"
    " FROM streams s LEFT JOIN (SELECT coalesce(x.parent_stream_id, x.stream_id) AS root, count(*) AS running\n"
    "   FROM agent_sessions x WHERE x.workspace_id = w.id AND x.status IN ('pending', 'running') GROUP BY 1) a\n"
    "   ON a.root = s.id\n"
    " WHERE s.workspace_id = w.id AND s.type <> 'thread' AND NOT s.private), ']}')\n"
    "FROM (SELECT split_part(id, '.', 1), place FROM unnest($1::text[]) WITH ORDINALITY x(id, place)) w(id, place)\n"
    "WHERE w.id LIKE 'ws\\_%'\n"
    "UNION ALL\n"
    "SELECT w.place, 'workspace:snapshot', concat('{\"room\":\"user:me\",\"streams\":[', (\n"
    " SELECT string_agg(concat('{\"streamId\":\"', s.id, '\",\"lastSeq\":', s.last_seq, ',\"running\":',\n"
    "   sessions_active(s.id, NULL), '}'), ',' ORDER BY s.id)\n"
    " FROM stream_members m JOIN streams s ON s.id = m.stream_id\n"
    " WHERE m.member_id = split_part(w.id, '.', 1) AND s.workspace_id = split_part(w.id, '.', 2)\n"
    " AND s.private), ']}')\n"
    "FROM unnest($1::text[]) WITH ORDINALITY w(id, place) WHERE w.id LIKE 'usr\\_%'",
};

void store_room_snapshot_read(struct store_room_snapshot *snapshot, const struct pg_result *rows, int row)
{
    snapshot->place = pg_i64(rows, row, 0);
    snapshot->name = pg_str(rows, row, 1);
    snapshot->body = pg_str(rows, row, 2);
}

// Texts of messages that it quotes stay out, as in events.
const struct pg_statement store_room_contents PG_STATEMENT = {
    "store_room_contents",
    "SELECT n.place, n.step, CASE WHEN n.fits THEN n.content END, NOT n.fits\n"
    "FROM (SELECT w.place, w.step, s.content, coalesce(sum(octet_length(s.content)) OVER (ORDER BY w.place)\n"
    "        - octet_length(s.content) < $3::bigint, true) AS fits\n"
    " FROM unnest($1::text[], $2::text[]) WITH ORDINALITY w(id, step, place)\n"
    " CROSS JOIN LATERAL (SELECT coalesce(content, start_content) AS content FROM steps x\n"
    "  WHERE x.session_id = w.id AND x.id = w.step LIMIT 1) s) n",
};

void store_room_content_read(struct store_room_content *content, const struct pg_result *rows, int row)
{
    content->place = pg_i64(rows, row, 0);
    content->step = pg_str(rows, row, 1);
    content->content = pg_str(rows, row, 2);
    content->left_out = pg_bool(rows, row, 3);
}

const struct pg_statement store_room_counters PG_STATEMENT = {
    "store_room_counters",
    "SELECT w.place, s.last_seq, s.last_seq < w.known FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY w(id, known, place)\n"
    "CROSS JOIN LATERAL (SELECT last_seq FROM agent_sessions WHERE id = w.id LIMIT 1) s WHERE s.last_seq <> w.known\n"
    "UNION ALL SELECT w.place, s.last_seq, s.last_seq < w.known FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY w(id, known, place)\n"
    "CROSS JOIN LATERAL (SELECT last_seq FROM streams WHERE id = w.id LIMIT 1) s WHERE s.last_seq <> w.known",
};

void store_room_counter_read(struct store_room_counter *counter, const struct pg_result *rows, int row)
{
    counter->place = pg_i64(rows, row, 0);
    counter->last_seq = pg_i64(rows, row, 1);
    counter->has_fallen = pg_bool(rows, row, 2);
}
