// What all statements that change a session's status have in common: `u` is the session as they left it, and from it
// hang its room's event, the stream's counter, the stream's event, and the columns that lib/publish.h reads. Fragments
// of SQL for lib/store_session.c and lib/store_ending.c only.
#ifndef LIB_STORE_LIFECYCLE_H
#define LIB_STORE_LIFECYCLE_H

// RETURNING of `u`, which names its table x; behind it stand `type`, the event's name, and `actor`, who did it.
#define STORE_LIFECYCLE_COLUMNS "x.id, x.stream_id, x.last_seq, session_core_json(x) AS core, x"

#define STORE_LIFECYCLE                                                                                                \
    "ev AS (INSERT INTO session_events (session_id, seq, type, session) SELECT id, last_seq, type, core FROM u),\n"    \
    "c AS (UPDATE streams SET last_seq = last_seq + 1 WHERE id = (SELECT stream_id FROM u) RETURNING id, last_seq),\n" \
    "e AS (INSERT INTO stream_events (stream_id, seq, type, actor_id, session_id, session)\n"                          \
    "      SELECT c.id, c.last_seq, u.type, u.actor, u.id, u.core FROM c, u RETURNING seq, created_at, actor_id)"

// For a LEFT JOIN LATERAL behind u and e.
#define STORE_LIFECYCLE_NEWS "session_news(u.x, e.seq, e.created_at, e.actor_id) news ON u.id IS NOT NULL"

#endif
