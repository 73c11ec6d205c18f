-- Posting a message. The order of locks is that of writing.sql.

-- $7 `by_session`: the session that a program speaks for; $8 `quoted`: printed sources; $9 `slugs`: what the text mentions.
CREATE OR REPLACE FUNCTION post_message(secret text, program boolean, workspace text, stream text, said text, client_key text, by_session text,
                             quoted text, slugs text[]) RETURNS SETOF told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_calls(secret, program, workspace, 'messages:write');
    answer told;
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
    IF c.refused IS NULL THEN
        SELECT * INTO run FROM agent_sessions x
        WHERE x.id = by_session AND x.workspace_id = workspace AND x.persona_id = c.id FOR NO KEY UPDATE;
        s := lock_stream(c.id, workspace, stream);
        SELECT * INTO m FROM messages x WHERE x.stream_id = s.id AND x.author_id = c.id AND x.client_message_id = client_key;
    END IF;
    answer := CASE
        WHEN c.refused IS NOT NULL THEN told_answer(c.refused)
        WHEN s.id IS NULL OR by_session IS NOT NULL AND run.id IS NULL THEN told_answer(404)
        WHEN m.id IS NOT NULL THEN told_answer(200, message_json(m))
        WHEN run.status = 'pending' THEN told_answer(409, problem => 'session_pending')
        WHEN run.status <> 'running' THEN told_answer(409, run.status, 'session_ended')
    END;
    IF answer.kind IS NOT NULL THEN
        RETURN NEXT answer;
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
                INSERT INTO stream_members (stream_id, member_id, called_by) VALUES (root.id, persona.id, m.id) ON CONFLICT DO NOTHING;
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
