-- What the verbs of the conversation are made of: locks, events, threads and mentions. A verb is one call, because it writes in
-- several rooms whose numbers must come from rows that it holds.
--
-- Locks are taken session → thread → parent stream → message, so that no two verbs wait for each other. What is decided is
-- decided after the locks, by a statement of its own, which sees what was committed before.

-- The stream, locked, if the caller may read it (who may read may post). The parent of a thread is locked after it.
CREATE OR REPLACE FUNCTION lock_stream(reader text, workspace text, stream text) RETURNS streams LANGUAGE plpgsql VOLATILE AS $$
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

-- The message with its stream locked, if the caller may read it: what is decided about it stays true until the commit.
CREATE OR REPLACE FUNCTION lock_message(reader text, workspace text, message text) RETURNS messages LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    s streams;
    m messages;
BEGIN
    s := lock_stream(reader, workspace, (SELECT x.stream_id FROM messages x WHERE x.id = message));
    IF s.id IS NOT NULL THEN
        SELECT * INTO m FROM messages x WHERE x.id = message;
    END IF;
    RETURN m;
END $$;

-- The next event of a stream whose row the caller has locked.
CREATE OR REPLACE FUNCTION write_event(stream text, name text, update_kind text, actor text, message text, s agent_sessions DEFAULT NULL)
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
CREATE OR REPLACE FUNCTION make_thread(s streams, message text) RETURNS streams LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    thread streams;
BEGIN
    INSERT INTO streams (id, workspace_id, type, name, private, root_id, parent_stream_id, parent_message_id)
    VALUES (new_id('str'), s.workspace_id, 'thread', s.name, s.private, s.root_id, s.id, message)
    RETURNING * INTO thread;
    RETURN thread;
END $$;

CREATE OR REPLACE FUNCTION mentions_json(workspace text, slugs text[]) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce('[' || string_agg(concat('{"type":"', p.type, '","id":"', p.id, '","slug":', to_json(p.slug),
                                                 ',"name":', to_json(p.name), '}'), ',' ORDER BY w.place) || ']', '[]')
        FROM unnest(slugs) WITH ORDINALITY w(slug, place) JOIN people p ON p.workspace_id = workspace AND p.slug = w.slug);
END $$;

-- Counts the message for those it mentions, may reach and does not come from, and no longer for others. Returns whose count changed.
CREATE OR REPLACE FUNCTION count_mentions(m messages, slugs text[]) RETURNS text[] LANGUAGE plpgsql VOLATILE AS $$
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
