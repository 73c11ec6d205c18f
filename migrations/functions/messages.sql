-- Editing and deleting messages, and opening their threads. The order of locks is that of writing.sql.

CREATE OR REPLACE FUNCTION edit_message(secret text, program boolean, workspace text, message text, said text, slugs text[])
RETURNS SETOF told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_calls(secret, program, workspace, 'messages:write');
    answer told;
    m messages;
    s streams;
    counted text[];
    e stream_events;
BEGIN
    IF c.refused IS NULL THEN
        m := lock_message(c.id, workspace, message);
    END IF;
    answer := CASE
        WHEN c.refused IS NOT NULL THEN told_answer(c.refused)
        WHEN m.author_id IS DISTINCT FROM c.id THEN told_answer(404)
        WHEN m.deleted_at IS NOT NULL THEN told_answer(409, problem => 'message_deleted')
        WHEN m.content = said THEN told_answer(200, message_in_stream_json(m, c.id))
    END;
    IF answer.kind IS NOT NULL THEN
        RETURN NEXT answer;
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

-- The text goes, also out of what traces quote, the place stays, and the pushers are told to forget what was printed of it. The message's
-- streams are locked.
CREATE OR REPLACE FUNCTION remove_message(m messages, actor text) RETURNS SETOF told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    s streams;
    last messages;
    counted text[];
    events stream_events[];
    root streams;
    quoted told[];
BEGIN
    UPDATE messages x SET content = '', mentions = '[]', sources = NULL, version = x.version + 1, deleted_at = clock_timestamp()
    WHERE x.id = m.id RETURNING * INTO m;
    counted := count_mentions(m, '{}');
    events := ARRAY[write_event(m.stream_id, 'message:deleted', NULL, actor, m.id)];
    SELECT * INTO s FROM streams x WHERE x.id = m.stream_id;
    IF s.type = 'thread' THEN
        SELECT * INTO last FROM messages x WHERE x.stream_id = s.id AND x.deleted_at IS NULL ORDER BY x.seq DESC LIMIT 1;
        UPDATE messages x SET reply_count = x.reply_count - 1, version = x.version + 1, last_reply_at = last.created_at,
                              last_reply_author_id = last.author_id WHERE x.id = s.parent_message_id;
        events := events || write_event(s.parent_stream_id, 'message:updated', 'reply_count', actor, s.parent_message_id);
    END IF;
    SELECT array_agg(q) INTO quoted FROM forget_quotes(m) q;
    SELECT * INTO root FROM streams x WHERE x.id = s.root_id;
    events := events || end_calling(m, root, actor);
    RETURN QUERY SELECT t.* FROM unnest(events) e, told_event(e) t;
    RETURN QUERY SELECT * FROM told_forgotten(m);
    RETURN QUERY SELECT * FROM unnest(quoted);
    RETURN QUERY SELECT * FROM told_mentions(counted, s);
    RETURN NEXT told_activity(s.root_id);
END $$;

-- Again: the same answer, and nothing is told.
CREATE OR REPLACE FUNCTION delete_message(secret text, program boolean, workspace text, message text) RETURNS SETOF told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_calls(secret, program, workspace, 'messages:write');
    answer told;
    m messages;
    news told[];
BEGIN
    IF c.refused IS NULL THEN
        m := lock_message(c.id, workspace, message);
    END IF;
    answer := CASE
        WHEN c.refused IS NOT NULL THEN told_answer(c.refused)
        WHEN m.author_id IS DISTINCT FROM c.id THEN told_answer(404)
    END;
    IF answer.kind IS NULL THEN
        IF m.deleted_at IS NULL THEN
            news := ARRAY(SELECT t FROM remove_message(m, c.id) t);
            SELECT * INTO m FROM messages x WHERE x.id = message;
        END IF;
        answer := told_answer(200, message_in_stream_json(m, c.id));
    END IF;
    RETURN NEXT answer;
    RETURN QUERY SELECT * FROM unnest(news);
END $$;

-- Finds or makes the thread of a message. Threads have no threads.
CREATE OR REPLACE FUNCTION open_thread(secret text, program boolean, workspace text, message text) RETURNS SETOF told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_calls(secret, program, workspace, 'messages:write');
    answer told;
    m messages;
    s streams;
    thread streams;
    e stream_events;
BEGIN
    IF c.refused IS NULL THEN
        m := lock_message(c.id, workspace, message);
        SELECT * INTO s FROM streams x WHERE x.id = m.stream_id;
        SELECT * INTO thread FROM streams x WHERE x.parent_message_id = m.id;
    END IF;
    answer := CASE
        WHEN c.refused IS NOT NULL THEN told_answer(c.refused)
        WHEN m.id IS NULL THEN told_answer(404)
        WHEN thread.id IS NOT NULL THEN told_answer(200, stream_json(thread, c.id))
        WHEN s.type = 'thread' THEN told_answer(409, problem => 'thread_in_thread')
        WHEN m.deleted_at IS NOT NULL THEN told_answer(409, problem => 'message_deleted')
    END;
    IF answer.kind IS NOT NULL THEN
        RETURN NEXT answer;
        RETURN;
    END IF;
    thread := make_thread(s, m.id);
    UPDATE messages x SET version = x.version + 1 WHERE x.id = m.id;
    e := write_event(s.id, 'thread:created', NULL, c.id, m.id);
    RETURN NEXT told_answer(201, stream_json(thread, c.id));
    RETURN NEXT told_event(e);
    RETURN NEXT told_activity(s.id);
END $$;
