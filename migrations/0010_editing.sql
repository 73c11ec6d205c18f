-- What happens to a message later: editing, deleting, its thread. The order of locks is that of 0009_posting.sql.

-- The message with its stream locked, if the caller may read it: what is decided about it stays true until the commit.
CREATE FUNCTION lock_message(reader text, workspace text, message text) RETURNS messages LANGUAGE plpgsql VOLATILE AS $$
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

-- "{message, stream}"
CREATE FUNCTION message_in_stream_json(m messages, reader text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT concat('{"message":', message_json(m), ',"stream":', stream_json(s, reader), '}') FROM streams s WHERE s.id = m.stream_id);
END $$;

CREATE FUNCTION edit_message(secret text, program boolean, workspace text, message text, said text, slugs text[])
RETURNS SETOF told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_calls(secret, program, workspace, 'messages:write');
    m messages;
    s streams;
    counted text[];
    e stream_events;
BEGIN
    IF c.refused IS NOT NULL THEN
        RETURN NEXT told_answer(c.refused, NULL);
        RETURN;
    END IF;
    m := lock_message(c.id, workspace, message);
    IF m.author_id IS DISTINCT FROM c.id THEN
        RETURN NEXT told_answer(404, NULL);
        RETURN;
    ELSIF m.deleted_at IS NOT NULL THEN
        RETURN NEXT told_answer(409, NULL, 'message_deleted');
        RETURN;
    ELSIF m.content = said THEN
        RETURN NEXT told_answer(200, message_in_stream_json(m, c.id));
        RETURN;
    END IF;
    UPDATE messages x SET content = said, mentions = mentions_json(workspace, slugs), version = x.version + 1,
                          edited_at = clock_timestamp()
    WHERE x.id = m.id RETURNING * INTO m;
    counted := count_mentions(m, slugs);
    e := write_event(m.stream_id, 'message:updated', 'content', c.id, m.id);
    SELECT * INTO s FROM streams x WHERE x.id = m.stream_id;
    RETURN NEXT told_answer(200, message_in_stream_json(m, c.id));
    RETURN NEXT told_event(e);
    RETURN QUERY SELECT * FROM told_mentions(counted, s);
    RETURN NEXT told_activity(s.root_id);
END $$;

-- The text goes, the place stays. Again: the same answer, and nothing is told.
CREATE FUNCTION delete_message(secret text, program boolean, workspace text, message text) RETURNS SETOF told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_calls(secret, program, workspace, 'messages:write');
    m messages;
    s streams;
    last messages;
    counted text[];
    events stream_events[];
BEGIN
    IF c.refused IS NOT NULL THEN
        RETURN NEXT told_answer(c.refused, NULL);
        RETURN;
    END IF;
    m := lock_message(c.id, workspace, message);
    IF m.author_id IS DISTINCT FROM c.id THEN
        RETURN NEXT told_answer(404, NULL);
        RETURN;
    ELSIF m.deleted_at IS NOT NULL THEN
        RETURN NEXT told_answer(200, message_in_stream_json(m, c.id));
        RETURN;
    END IF;
    UPDATE messages x SET content = '', mentions = '[]', sources = NULL, version = x.version + 1, deleted_at = clock_timestamp()
    WHERE x.id = m.id RETURNING * INTO m;
    counted := count_mentions(m, '{}');
    events := ARRAY[write_event(m.stream_id, 'message:deleted', NULL, c.id, m.id)];
    SELECT * INTO s FROM streams x WHERE x.id = m.stream_id;
    IF s.type = 'thread' THEN
        SELECT * INTO last FROM messages x WHERE x.stream_id = s.id AND x.deleted_at IS NULL ORDER BY x.seq DESC LIMIT 1;
        UPDATE messages x SET reply_count = x.reply_count - 1, version = x.version + 1, last_reply_at = last.created_at,
                              last_reply_author_id = last.author_id WHERE x.id = s.parent_message_id;
        events := events || write_event(s.parent_stream_id, 'message:updated', 'reply_count', c.id, s.parent_message_id);
    END IF;
    RETURN NEXT told_answer(200, message_in_stream_json(m, c.id));
    RETURN QUERY SELECT t.* FROM unnest(events) e, told_event(e) t;
    RETURN QUERY SELECT * FROM told_mentions(counted, s);
    RETURN NEXT told_activity(s.root_id);
END $$;

-- Finds or makes the thread of a message. Threads have no threads.
CREATE FUNCTION open_thread(secret text, program boolean, workspace text, message text) RETURNS SETOF told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_calls(secret, program, workspace, 'messages:write');
    m messages;
    s streams;
    thread streams;
    e stream_events;
BEGIN
    IF c.refused IS NOT NULL THEN
        RETURN NEXT told_answer(c.refused, NULL);
        RETURN;
    END IF;
    m := lock_message(c.id, workspace, message);
    IF m.id IS NULL THEN
        RETURN NEXT told_answer(404, NULL);
        RETURN;
    END IF;
    SELECT * INTO thread FROM streams x WHERE x.parent_message_id = m.id;
    IF FOUND THEN
        RETURN NEXT told_answer(200, stream_json(thread, c.id));
        RETURN;
    END IF;
    SELECT * INTO s FROM streams x WHERE x.id = m.stream_id;
    IF s.type = 'thread' THEN
        RETURN NEXT told_answer(409, NULL, 'thread_in_thread');
        RETURN;
    ELSIF m.deleted_at IS NOT NULL THEN
        RETURN NEXT told_answer(409, NULL, 'message_deleted');
        RETURN;
    END IF;
    thread := make_thread(s, m.id);
    UPDATE messages x SET version = x.version + 1 WHERE x.id = m.id;
    e := write_event(s.id, 'thread:created', NULL, c.id, m.id);
    RETURN NEXT told_answer(201, stream_json(thread, c.id));
    RETURN NEXT told_event(e);
    RETURN NEXT told_activity(s.id);
END $$;
