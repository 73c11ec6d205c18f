-- What people say. Each verb is one call, because each writes in several rooms
-- whose numbers must come from rows that it holds.
--
-- Locks are taken session → thread → parent stream → message, so that no two verbs wait for each other. What is decided is
-- decided after the locks, by a statement of its own: it sees what was committed before.

-- What a verb answers: first the answer, then what is to be told after the commit, a row each (lib/told.h).
CREATE TYPE told AS (
    kind text,          -- answer, event, session, activity or person
    code integer,       -- answer: the HTTP status
    id   text,          -- event: the stream; person: the user
    seq  bigint,        -- event: its number
    name text,          -- event, person: the event's name; answer: the code of a problem
    body text,          -- event: its data; person: the members behind "room"; answer: the object, or what the problem carries
    news session_news   -- session; of an activity only the root's part
);

CREATE FUNCTION told_answer(status integer, body text, problem text DEFAULT NULL) RETURNS told LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN ROW('answer', status, NULL, NULL, problem, body, NULL)::told;
END $$;
CREATE FUNCTION told_event(e stream_events) RETURNS told LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ROW('event', NULL, e.stream_id, e.seq, e.type, stream_event_json(e), NULL)::told;
END $$;
CREATE FUNCTION told_person(user_id text, name text, body text) RETURNS told LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN ROW('person', NULL, user_id, NULL, name, body, NULL)::told;
END $$;
CREATE FUNCTION told_activity(root text) RETURNS told LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT ROW('activity', NULL, NULL, NULL, NULL, NULL,
                   ROW(NULL, NULL, s.workspace_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, s.id, s.last_seq, sessions_active(s.id, NULL),
                       stream_followers(s.id), NULL)::session_news)::told
        FROM streams s WHERE s.id = root);
END $$;
CREATE FUNCTION told_session(s agent_sessions, e stream_events) RETURNS told LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ROW('session', NULL, NULL, NULL, NULL, NULL, session_news(s, e.seq, e.created_at, e.actor_id))::told;
END $$;
-- The counts beside a stream and, of a thread, beside its parent.
CREATE FUNCTION told_mentions(user_ids text[], s streams) RETURNS SETOF told LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT t.* FROM unnest(user_ids) u, unnest(ARRAY[s.id, s.parent_stream_id]) x,
         told_person(u, 'stream:mentioned', concat('"streamId":"', x, '","mentionCount":', unread_mentions(u, x))) t
    WHERE x IS NOT NULL;
END $$;

-- The stream, locked, if the caller may read it (who may read may post). The parent of a thread is locked after it.
CREATE FUNCTION lock_stream(reader text, workspace text, stream text) RETURNS streams LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    s streams;
BEGIN
    SELECT * INTO s FROM streams x WHERE x.id = stream AND x.workspace_id = workspace FOR NO KEY UPDATE;
    IF s.parent_stream_id IS NOT NULL THEN
        PERFORM FROM streams x WHERE x.id = s.parent_stream_id FOR NO KEY UPDATE;
    END IF;
    IF can_read_stream(reader, s.id) THEN
        RETURN s;
    END IF;
    RETURN NULL;
END $$;

-- The next event of a stream whose row the caller has locked.
CREATE FUNCTION write_event(stream text, name text, update_kind text, actor text, message text, s agent_sessions DEFAULT NULL)
RETURNS stream_events LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    number bigint;
    e stream_events;
BEGIN
    UPDATE streams x SET last_seq = x.last_seq + 1 WHERE x.id = stream RETURNING x.last_seq INTO STRICT number;
    INSERT INTO stream_events (stream_id, seq, type, update_type, actor_id, message_id, session_id, session)
    VALUES (stream, number, name, update_kind, actor, message, s.id, CASE WHEN s.id IS NOT NULL THEN session_core_json(s) END)
    RETURNING * INTO e;
    RETURN e;
END $$;

-- The thread of a message; the row of its stream is locked.
CREATE FUNCTION make_thread(s streams, message text) RETURNS streams LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    thread streams;
BEGIN
    INSERT INTO streams (id, workspace_id, type, name, private, root_id, parent_stream_id, parent_message_id)
    VALUES (new_id('str'), s.workspace_id, 'thread', s.name, s.private, s.root_id, s.id, message)
    RETURNING * INTO thread;
    RETURN thread;
END $$;

CREATE FUNCTION mentions_json(workspace text, slugs text[]) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce('[' || string_agg(concat('{"type":"', p.type, '","id":"', p.id, '","slug":', to_json(p.slug),
                                                 ',"name":', to_json(p.name), '}'), ',' ORDER BY w.place) || ']', '[]')
        FROM unnest(slugs) WITH ORDINALITY w(slug, place) JOIN people p ON p.workspace_id = workspace AND p.slug = w.slug);
END $$;

-- Counts the message for those it mentions, may reach and does not come from, and no longer for others. Returns whose count changed.
CREATE FUNCTION count_mentions(m messages, slugs text[]) RETURNS text[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    changed text[];
BEGIN
    WITH wanted AS (
        SELECT w.user_id FROM workspace_members w LEFT JOIN stream_reads r ON r.user_id = w.user_id AND r.stream_id = m.stream_id
        WHERE w.workspace_id = m.workspace_id AND w.slug = ANY (slugs) AND w.user_id <> m.author_id
          AND m.seq > coalesce(r.read_seq, 0) AND can_read_stream(w.user_id, m.stream_id)),
    gone AS (
        DELETE FROM message_mentions x WHERE x.message_id = m.id AND x.user_id NOT IN (SELECT user_id FROM wanted) RETURNING x.user_id),
    come AS (
        INSERT INTO message_mentions (user_id, stream_id, seq, message_id) SELECT user_id, m.stream_id, m.seq, m.id FROM wanted
        ON CONFLICT DO NOTHING RETURNING user_id)
    SELECT coalesce(array_agg(x.user_id), '{}') INTO changed FROM (SELECT user_id FROM gone UNION ALL SELECT user_id FROM come) x;
    RETURN changed;
END $$;

-- Personas that a person's message in `s` calls: the mentioned ones, a scratchpad's own, and those who answered in the thread. A
-- scratchpad is between one person and one persona: others cannot be called into it.
CREATE FUNCTION personas_called(s streams, root streams, slugs text[]) RETURNS SETOF personas LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT p.* FROM personas p
    WHERE p.workspace_id = s.workspace_id
      AND CASE WHEN root.type = 'scratchpad' THEN p.id = root.persona_id
               ELSE p.slug = ANY (slugs)
                    OR s.type = 'thread' AND EXISTS (SELECT FROM messages a WHERE a.stream_id = s.id AND a.author_id = p.id) END
      AND NOT EXISTS (SELECT FROM agent_sessions x
                      WHERE x.stream_id = s.id AND x.persona_id = p.id AND x.status IN ('pending', 'running')
                        AND s.type <> 'channel')
    ORDER BY array_position(slugs, p.slug), p.id;
END $$;

-- A pending session and the event in its own room; the one in its stream's room is the caller's.
CREATE FUNCTION make_session(s streams, persona text, trigger_message text) RETURNS agent_sessions LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    made agent_sessions;
    fresh CONSTANT text := new_id('ses');
BEGIN
    INSERT INTO agent_sessions (id, workspace_id, stream_id, parent_stream_id, parent_message_id, persona_id, trigger_message_id,
                                chain_id, status, last_seq)
    VALUES (fresh, s.workspace_id, s.id, s.parent_stream_id, s.parent_message_id, persona, trigger_message, fresh, 'pending', 1)
    RETURNING * INTO made;
    INSERT INTO session_events (session_id, seq, type, session) VALUES (made.id, 1, 'agent_session:requested', session_core_json(made));
    RETURN made;
END $$;

-- $7 `by_session`: the session that a program speaks for; $8 `quoted`: printed sources; $9 `slugs`: what the text mentions.
CREATE FUNCTION post_message(secret text, program boolean, workspace text, stream text, said text, client_key text, by_session text,
                             quoted text, slugs text[]) RETURNS SETOF told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_calls(secret, program, workspace, 'messages:write');
    run agent_sessions;
    s streams;
    root streams;
    place streams;          -- where the called personas run
    m messages;
    counted text[];
    persona personas;
    made agent_sessions;
    requested stream_events;
    events stream_events[];
    sessions told[] := '{}';
BEGIN
    IF c.refused IS NOT NULL THEN
        RETURN NEXT told_answer(c.refused, NULL);
        RETURN;
    END IF;
    IF by_session IS NOT NULL THEN
        SELECT * INTO run FROM agent_sessions x
        WHERE x.id = by_session AND x.workspace_id = workspace AND x.persona_id = c.id FOR NO KEY UPDATE;
    END IF;
    s := lock_stream(c.id, workspace, stream);
    IF s.id IS NULL OR by_session IS NOT NULL AND run.id IS NULL THEN
        RETURN NEXT told_answer(404, NULL);
        RETURN;
    END IF;
    SELECT * INTO m FROM messages x WHERE x.stream_id = s.id AND x.author_id = c.id AND x.client_message_id = client_key;
    IF FOUND THEN
        RETURN NEXT told_answer(200, message_json(m));
        RETURN;
    END IF;
    IF run.status = 'pending' THEN
        RETURN NEXT told_answer(409, NULL, 'session_pending');
        RETURN;
    ELSIF run.status <> 'running' THEN
        RETURN NEXT told_answer(409, run.status, 'session_ended');
        RETURN;
    END IF;
    UPDATE agent_sessions x SET heartbeat_at = clock_timestamp() WHERE x.id = run.id;

    events := ARRAY[write_event(s.id, 'message:created', NULL, c.id, new_id('msg'))];
    INSERT INTO messages (id, workspace_id, stream_id, seq, author_id, content, mentions, sources, client_message_id, session_id, created_at)
    VALUES (events[1].message_id, workspace, s.id, events[1].seq, c.id, said, mentions_json(workspace, slugs), quoted, client_key,
            by_session, events[1].created_at)
    RETURNING * INTO m;
    counted := count_mentions(m, slugs);
    IF s.type = 'thread' THEN
        UPDATE messages x SET reply_count = x.reply_count + 1, version = x.version + 1, last_reply_at = m.created_at,
                              last_reply_author_id = c.id WHERE x.id = s.parent_message_id;
        events := events || write_event(s.parent_stream_id, 'message:updated', 'reply_count', c.id, s.parent_message_id);
    END IF;

    SELECT * INTO root FROM streams x WHERE x.id = s.root_id;
    place := s;
    IF NOT program THEN
        FOR persona IN SELECT * FROM personas_called(s, root, slugs) LOOP
            IF place.type = 'channel' THEN
                place := make_thread(s, m.id);
                UPDATE messages x SET version = x.version + 1 WHERE x.id = m.id RETURNING * INTO m;
                events := events || write_event(s.id, 'thread:created', NULL, c.id, m.id);
            END IF;
            IF root.private THEN
                INSERT INTO stream_members (stream_id, member_id) VALUES (root.id, persona.id) ON CONFLICT DO NOTHING;
                IF FOUND THEN
                    events := events || write_event(root.id, 'stream:updated', 'members', c.id, NULL);
                END IF;
            END IF;
            made := make_session(place, persona.id, m.id);
            requested := write_event(place.id, 'agent_session:requested', NULL, c.id, NULL, made);
            sessions := sessions || told_session(made, requested);
        END LOOP;
    END IF;

    RETURN NEXT told_answer(201, message_json(m));
    RETURN QUERY SELECT t.* FROM unnest(events) e, told_event(e) t;
    RETURN QUERY SELECT * FROM unnest(sessions);
    RETURN QUERY SELECT * FROM told_mentions(counted, s);
    RETURN NEXT told_activity(root.id);
END $$;
