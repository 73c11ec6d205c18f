-- How the API's objects are printed, one function each: REST, live events and replay show the same text.
-- concat() leaves out NULLs, and NULL || text is NULL: that is how an absent member is left out. Steps, which are by far the most frequent,
-- are printed by the programs from their columns instead (lib/step_json.c).

CREATE FUNCTION json_time(t timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT to_char(t AT TIME ZONE 'UTC', '"\""YYYY-MM-DD"T"HH24:MI:SS.MS"Z\""')
$$;

-- Whole milliseconds between two times, never negative; NULL while there is no end.
CREATE FUNCTION duration_ms(began timestamptz, ended timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN ended IS NOT NULL AND began IS NOT NULL THEN greatest(0, round(extract(epoch FROM ended - began) * 1000))::bigint END
$$;

-- A user or persona as an author or actor: {type,id,name,slug,avatar}.
CREATE FUNCTION actor_json(actor text, workspace text) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    a record;
BEGIN
    IF actor LIKE 'per\_%' THEN
        SELECT 'persona' AS type, name, slug, avatar INTO a FROM personas WHERE id = actor;
    ELSE
        SELECT 'user' AS type, u.name, m.slug, u.avatar INTO a
        FROM users u LEFT JOIN workspace_members m ON m.user_id = u.id AND m.workspace_id = workspace WHERE u.id = actor;
    END IF;
    RETURN concat('{"type":"', a.type, '","id":"', actor, '","name":', to_json(a.name), ',"slug":', to_json(coalesce(a.slug, '')),
                  ',"avatar":', to_json(a.avatar), '}');
END $$;

CREATE FUNCTION message_json(m messages) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN concat(
        '{"id":"', m.id, '","streamId":"', m.stream_id, '","seq":', m.seq, ',"version":', m.version,
        ',"author":', actor_json(m.author_id, m.workspace_id),
        ',"content":', to_json(m.content), ',"mentions":', m.mentions,
        ',"createdAt":', json_time(m.created_at),
        ',"editedAt":' || json_time(m.edited_at),
        CASE WHEN m.deleted_at IS NOT NULL THEN ',"deleted":true' END,
        ',"clientMessageId":' || to_json(m.client_message_id)::text,
        ',"sessionId":"' || m.session_id || '"',
        ',"sources":' || m.sources,
        ',"threadId":"' || (SELECT t.id FROM streams t WHERE t.parent_message_id = m.id) || '"',
        ',"replyCount":', m.reply_count,
        ',"lastReplyAt":' || json_time(m.last_reply_at),
        ',"lastReplyAuthor":' || CASE WHEN m.last_reply_author_id IS NOT NULL THEN actor_json(m.last_reply_author_id, m.workspace_id) END,
        '}');
END $$;

-- A session without its trigger: what lifecycle events store.
CREATE FUNCTION session_core_json(s agent_sessions) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    persona text;
    stream text;
    retry text;
    usage text;
BEGIN
    SELECT concat('{"id":"', id, '","name":', to_json(name), ',"slug":', to_json(slug), ',"avatar":', to_json(avatar), '}')
    INTO persona FROM personas WHERE id = s.persona_id;
    IF s.stream_id IS NOT NULL THEN
        SELECT concat(',"streamId":"', id, '","stream":{"id":"', id, '","type":"', type, '","name":', to_json(name), '}')
        INTO stream FROM streams WHERE id = s.stream_id;
    END IF;
    IF s.status IN ('failed', 'cancelled') THEN
        SELECT concat(',"retriedBy":"', id, '"') INTO retry FROM agent_sessions WHERE retry_of = s.id;
    END IF;
    IF num_nonnulls(s.usage_model, s.input_tokens, s.output_tokens, s.reasoning_tokens, s.cost_usd) > 0 THEN
        usage := substr(concat(',"model":' || to_json(s.usage_model)::text, ',"inputTokens":' || s.input_tokens, ',"outputTokens":' || s.output_tokens,
                               ',"reasoningTokens":' || s.reasoning_tokens, ',"costUsd":' || s.cost_usd), 2);
    END IF;
    RETURN concat(
        '{"id":"', s.id, '","workspaceId":"', s.workspace_id, '"', stream,
        ',"parentStreamId":"' || s.parent_stream_id || '","parentMessageId":"' || s.parent_message_id || '"',
        ',"personaId":"', s.persona_id, '","persona":', persona,
        ',"title":' || to_json(s.title)::text,
        ',"triggerMessageId":"' || s.trigger_message_id || '"',
        ',"retryOf":"' || s.retry_of || '"', retry,
        ',"attempt":', s.attempt, ',"status":"', s.status, '"',
        ',"currentStepType":"' || s.current_step_type || '"',
        ',"stepCount":', s.step_count, ',"openSteps":', s.open_steps, ',"messageCount":', s.message_count, ',"sourceCount":', s.source_count,
        ',"usage":{' || usage || '}',
        ',"lastSeq":', s.last_seq,
        ',"createdAt":', json_time(s.created_at),
        ',"startedAt":' || json_time(s.started_at),
        ',"completedAt":' || json_time(s.completed_at),
        ',"durationMs":' || duration_ms(s.started_at, s.completed_at),
        ',"heartbeatAt":' || json_time(s.heartbeat_at),
        ',"error":{"code":' || to_json(s.error_code)::text || ',"message":' || to_json(s.error_message)::text || '}',
        ',"endedBy":{"type":"' || s.ended_by_type || '"' || coalesce(',"id":"' || s.ended_by_id || '"', '')
                               || coalesce(',"name":' || to_json(s.ended_by_name)::text, '') || '}',
        ',"metadata":' || s.metadata,
        '}');
END $$;

-- `core` with its trigger as the message is now: a deleted or edited text does not come back with an old event.
CREATE FUNCTION session_with_trigger_json(core text, trigger_message text) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    t record;
BEGIN
    IF trigger_message IS NULL THEN
        RETURN core;
    END IF;
    SELECT left(m.content, 200) AS excerpt,
           CASE WHEN m.author_id LIKE 'per\_%' THEN (SELECT name FROM personas WHERE id = m.author_id)
                ELSE (SELECT name FROM users WHERE id = m.author_id) END AS author
    INTO t FROM messages m WHERE m.id = trigger_message;
    IF NOT FOUND THEN
        RETURN core;
    END IF;
    RETURN concat(left(core, -1), ',"trigger":{"messageId":"', trigger_message, '","authorName":', to_json(t.author), ',"excerpt":', to_json(t.excerpt), '}}');
END $$;

CREATE FUNCTION session_json(s agent_sessions) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN session_with_trigger_json(session_core_json(s), s.trigger_message_id);
END $$;

-- The data of a session room's lifecycle event.
CREATE FUNCTION session_event_json(e session_events) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN concat('{"room":"session:', e.session_id, '","seq":', e.seq, ',"session":',
                  session_with_trigger_json(e.session, (SELECT trigger_message_id FROM agent_sessions WHERE id = e.session_id)), '}');
END $$;

-- A timeline event: the same in lists, live and replayed.
CREATE FUNCTION stream_event_json(e stream_events) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN concat(
        '{"room":"stream:', e.stream_id, '","seq":', e.seq, ',"type":"', e.type, '","createdAt":', json_time(e.created_at),
        ',"updateType":"' || e.update_type || '"',
        ',"actor":' || CASE WHEN e.actor_id IS NOT NULL
                            THEN actor_json(e.actor_id, (SELECT workspace_id FROM streams WHERE id = e.stream_id)) END,
        CASE WHEN e.type = 'message:deleted' THEN ',"messageId":"' || e.message_id || '"'
             WHEN e.session IS NOT NULL THEN
                 ',"session":' || session_with_trigger_json(e.session, (SELECT trigger_message_id FROM agent_sessions WHERE id = e.session_id))
             ELSE ',"message":' || (SELECT message_json(m) FROM messages m WHERE m.id = e.message_id) END,
        '}');
END $$;

-- Messages that mention the reader, unread, in the stream and (of a channel or scratchpad) in its threads.
CREATE FUNCTION unread_mentions(reader text, stream text) RETURNS bigint LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (
        SELECT count(*) FROM message_mentions x JOIN streams t ON t.id = x.stream_id
        WHERE x.user_id = reader AND (t.id = stream OR t.parent_stream_id = stream));
END $$;

-- How many sessions are pending or running in a channel or scratchpad and in its threads, `besides` not counted: a statement
-- that changes a session still sees it as it was.
CREATE FUNCTION sessions_active(root text, besides text) RETURNS bigint LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (
        SELECT count(*) FROM agent_sessions
        WHERE status IN ('pending', 'running') AND (stream_id = root OR parent_stream_id = root) AND id <> coalesce(besides, ''));
END $$;

-- A stream as `reader` sees it. Who never joined has nothing unread; a persona keeps no marks; 1000 unread messages are "many" and
-- counted no further.
CREATE FUNCTION stream_json(s streams, reader text) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    their_role text;
    mark bigint;
    unread bigint := 0;
BEGIN
    SELECT m.role INTO their_role FROM stream_members m WHERE m.stream_id = s.root_id AND m.member_id = reader;
    SELECT r.read_seq INTO mark FROM stream_reads r WHERE r.user_id = reader AND r.stream_id = s.id;
    IF mark IS NULL THEN
        mark := CASE WHEN their_role IS NOT NULL AND reader LIKE 'usr\_%' THEN 0 ELSE s.last_seq END;
    END IF;
    IF mark < s.last_seq THEN
        SELECT count(*) INTO unread FROM (
            SELECT FROM messages m WHERE m.stream_id = s.id AND m.seq > mark AND m.author_id <> reader AND m.deleted_at IS NULL
            LIMIT 1000) x;
    END IF;
    RETURN concat(
        '{"id":"', s.id, '","type":"', s.type, '","name":', to_json(s.name), ',"private":', to_json(s.private),
        ',"parentStreamId":"' || s.parent_stream_id || '","parentMessageId":"' || s.parent_message_id || '"',
        ',"personaId":"' || s.persona_id || '"',
        ',"lastSeq":', s.last_seq, ',"readSeq":', mark, ',"unreadCount":', unread,
        ',"mentionCount":', unread_mentions(reader, s.id), ',"running":', sessions_active(s.id, NULL),
        ',"me":{"member":', to_json(their_role IS NOT NULL), ',"canPost":true,"role":"', coalesce(their_role, 'reader'), '"}}');
END $$;

-- "{message, stream}"
CREATE FUNCTION message_in_stream_json(m messages, reader text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT concat('{"message":', message_json(m), ',"stream":', stream_json(s, reader), '}') FROM streams s WHERE s.id = m.stream_id);
END $$;

-- The members of a user's or persona's object without its brackets: who prints it may append to it (`connected` is known to
-- the pusher, not here).
CREATE FUNCTION user_members(u users, slug text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT concat('"id":"', u.id, '","name":', to_json(u.name), ',"slug":', to_json(slug), ',"avatar":', to_json(u.avatar))
$$;

CREATE FUNCTION persona_members(p personas) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT concat('"id":"', p.id, '","name":', to_json(p.name), ',"slug":', to_json(p.slug), ',"avatar":', to_json(p.avatar),
                  ',"description":' || to_json(p.description)::text, CASE WHEN p.demo THEN ',"demo":true' END)
$$;

-- Everybody of a workspace with their printed members; rows are found by id or slug.
CREATE VIEW people AS
    SELECT m.workspace_id, 'user' AS type, u.id, u.name, m.slug, user_members(u, m.slug) AS members
    FROM workspace_members m JOIN users u ON u.id = m.user_id
    UNION ALL
    SELECT p.workspace_id, 'persona', p.id, p.name, p.slug, persona_members(p) FROM personas p;
