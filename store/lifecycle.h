// SPDX-License-Identifier: Apache-2.0
// The parts that all statements share that change a session's status: `u` is the session after the change, and the
// event of its room, the counter and the event of its stream, and the columns for store/notify_columns.h depend on it.
// Fragments of SQL for store/session.c and store/ending.c alone.
#ifndef STORE_LIFECYCLE_H
#define STORE_LIFECYCLE_H

// What `u` returns, which calls its table x. Behind it stand `type`, the name of the event, and `actor`, who caused it.
#define STORE_LIFECYCLE_COLUMNS "x.id, x.stream_id, x.last_seq, session_core_json(x) AS core, x"

#define STORE_LIFECYCLE                                                                                                \
    "ev AS (INSERT INTO session_events (session_id, seq, type, session) SELECT id, last_seq, type, core FROM u),\n"    \
    "c AS (UPDATE streams SET last_seq = last_seq + 1 WHERE id = (SELECT stream_id FROM u) RETURNING id, last_seq),\n" \
    "e AS (INSERT INTO stream_events (stream_id, seq, type, actor_id, session_id, session)\n"                          \
    "      SELECT c.id, c.last_seq, u.type, u.actor, u.id, u.core FROM c, u RETURNING seq, created_at, actor_id)"

// For a LEFT JOIN LATERAL behind u and e.
#define STORE_LIFECYCLE_NEWS "session_news(u.x, e.seq, e.created_at, e.actor_id) news ON u.id IS NOT NULL"

#endif
